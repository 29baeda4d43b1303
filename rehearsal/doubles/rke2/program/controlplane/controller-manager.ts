import { join } from "node:path";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { authorityFile, authorityKeyFile } from "../pki/authorities.ts";
import { mergeArguments } from "./arguments.ts";

/** The command line of kube-controller-manager: RKE2's defaults, then `kube-controller-manager-arg`. */
export function controllerManagerArguments(paths: Paths, settings: ServerSettings): string[] {
	const kubeconfig = join(paths.credentials, "controller.kubeconfig");
	const client = { cert: authorityFile(paths, "client"), key: authorityKeyFile(paths, "client") };
	const serving = { cert: authorityFile(paths, "server"), key: authorityKeyFile(paths, "server") };
	const certificate = join(paths.tls, "kube-controller-manager/kube-controller-manager");
	return mergeArguments(
		{
			"allocate-node-cidrs": "true",
			"authentication-kubeconfig": kubeconfig,
			"authorization-kubeconfig": kubeconfig,
			"bind-address": "127.0.0.1",
			"cluster-cidr": settings.critical.clusterCidr,
			"cluster-signing-kube-apiserver-client-cert-file": client.cert,
			"cluster-signing-kube-apiserver-client-key-file": client.key,
			"cluster-signing-kubelet-client-cert-file": client.cert,
			"cluster-signing-kubelet-client-key-file": client.key,
			"cluster-signing-kubelet-serving-cert-file": serving.cert,
			"cluster-signing-kubelet-serving-key-file": serving.key,
			"cluster-signing-legacy-unknown-cert-file": serving.cert,
			"cluster-signing-legacy-unknown-key-file": serving.key,
			"configure-cloud-routes": "false",
			controllers: "*,tokencleaner,-service,-route,-cloud-node-lifecycle",
			kubeconfig,
			profiling: "false",
			"root-ca-file": authorityFile(paths, "server"),
			"secure-port": "10257",
			"service-account-private-key-file": join(paths.tls, "service.current.key"),
			"service-cluster-ip-range": settings.critical.serviceCidr,
			"terminated-pod-gc-threshold": "1000",
			"tls-cert-file": `${certificate}.crt`,
			"tls-private-key-file": `${certificate}.key`,
			"use-service-account-credentials": "true",
		},
		settings.extraArguments.controllerManager,
	);
}
