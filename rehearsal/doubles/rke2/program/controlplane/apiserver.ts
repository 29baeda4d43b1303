import { join } from "node:path";
import type { ServerSettings } from "../config/settings.ts";
import { localEtcd } from "../etcd/client.ts";
import type { Paths } from "../paths.ts";
import { authorityFile } from "../pki/authorities.ts";
import { admissionConfigFile } from "./admission.ts";
import { mergeArguments } from "./arguments.ts";
import { auditArguments } from "./audit.ts";
import { encryptionConfigFile } from "./encryption.ts";

// RKE2's own list, with the two shorter names that it writes (docs/security/cis_self_assessment112.md, 1.2.29).
const cipherSuites = [
	"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
].join(",");

/** The command line of kube-apiserver on one server: RKE2's defaults, then `kube-apiserver-arg`. */
export function apiserverArguments(paths: Paths, settings: ServerSettings): string[] {
	const tls = (file: string) => join(paths.tls, file);
	const { serviceCidr, clusterDomain } = settings.critical;
	const issuer = `https://kubernetes.default.svc.${clusterDomain}`;
	return mergeArguments(
		{
			"admission-control-config-file": admissionConfigFile(paths, settings),
			"advertise-address": settings.advertiseAddress,
			"allow-privileged": "true",
			"anonymous-auth": "false",
			"api-audiences": `${issuer},rke2`,
			"authorization-mode": "Node,RBAC",
			"bind-address": settings.bindAddress,
			"cert-dir": tls("temporary-certs"),
			"client-ca-file": authorityFile(paths, "client"),
			"enable-aggregator-routing": "true",
			"enable-bootstrap-token-auth": "true",
			"encryption-provider-config": encryptionConfigFile(paths),
			"encryption-provider-config-automatic-reload": "true",
			"etcd-cafile": authorityFile(paths, "etcdServer"),
			"etcd-certfile": tls("etcd/client.crt"),
			"etcd-keyfile": tls("etcd/client.key"),
			"etcd-servers": localEtcd,
			"kubelet-certificate-authority": authorityFile(paths, "server"),
			"kubelet-client-certificate": tls("client-kube-apiserver.crt"),
			"kubelet-client-key": tls("client-kube-apiserver.key"),
			"kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
			profiling: "false",
			"proxy-client-cert-file": tls("client-auth-proxy.crt"),
			"proxy-client-key-file": tls("client-auth-proxy.key"),
			"requestheader-allowed-names": "system:auth-proxy",
			"requestheader-client-ca-file": authorityFile(paths, "requestHeader"),
			"requestheader-extra-headers-prefix": "X-Remote-Extra-",
			"requestheader-group-headers": "X-Remote-Group",
			"requestheader-username-headers": "X-Remote-User",
			"secure-port": "6443",
			"service-account-extend-token-expiration": settings.profile === "cis" ? "false" : undefined,
			"service-account-issuer": issuer,
			"service-account-key-file": tls("service.key"),
			"service-account-signing-key-file": tls("service.current.key"),
			"service-cluster-ip-range": serviceCidr,
			"service-node-port-range": settings.serviceNodePortRange,
			"storage-backend": "etcd3",
			"tls-cert-file": tls("serving-kube-apiserver.crt"),
			"tls-cipher-suites": cipherSuites,
			"tls-private-key-file": tls("serving-kube-apiserver.key"),
			...auditArguments(paths, settings),
		},
		// An extra argument and no default: the administrator's plugins are added to it instead of replacing it.
		["enable-admission-plugins=NodeRestriction", ...settings.extraArguments.apiserver],
	);
}
