/** Rules about the arguments that RKE2's configuration hands on. */
import { agentConfig, serverConfig } from "../bundle.ts";
import type { CaseTable } from "./case.ts";

const server = "The RKE2 configuration in proj-k8sm01-converge";
const hardened = ["pod-max-pids=4096", "seccomp-default=true", "tls-cipher-suites=TLS_AES_128_GCM_SHA256"];
const drop = "/etc/rancher/rke2/config.yaml.d/90-local.yaml";

function given(key: string, ...values: string[]) {
	return serverConfig(`${key}: [${values.map((value) => JSON.stringify(value)).join(", ")}]\n`);
}

const admission = (limits: string) => ({
	"/etc/rancher/rke2/admission.yaml": `plugins:\n- name: EventRateLimit\n  configuration: {limits: [${limits}]}\n`,
});
const plugins = "enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs,EventRateLimit";
const withPlugins = `kube-apiserver-arg: ["${plugins}"]\npod-security-admission-config-file: /etc/rancher/rke2/admission.yaml\n`;

export const rke2ArgumentCases: CaseTable = {
	"rke2-api-server-arguments": {
		accepts: {
			"values within their limits": given("kube-apiserver-arg", "anonymous-auth=false", "audit-log-maxage=60"),
			"an argument of no control": given("kube-apiserver-arg", "--v=2"),
			"RKE2's own ciphers": given(
				"kube-apiserver-arg",
				"tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
			),
		},
		refuses: {
			"a limit missed by one": [
				given("kube-apiserver-arg", "audit-log-maxage=29"),
				`${server} sets audit-log-maxage in kube-apiserver-arg; the only allowed value is 30 or more (control 1.2.17).`,
			],
			"an underscore for a dash": [
				given("kube-apiserver-arg", "anonymous_auth=true"),
				`${server} sets anonymous-auth in kube-apiserver-arg; the only allowed value is false (control 1.2.1).`,
			],
			"more than one plus": [
				given("kube-apiserver-arg", "anonymous-auth++=true"),
				`${server} sets anonymous-auth in kube-apiserver-arg; the only allowed value is false (control 1.2.1).`,
			],
			"tokens from a file, under another name": [
				given("kube-apiserver-arg", "token_auth_file=/x"),
				`${server} sets token-auth-file in kube-apiserver-arg; remove it, RKE2 sets it (control 1.2.2).`,
			],
			"an audit log in /dev/null": [
				given("kube-apiserver-arg", "audit-log-path=/dev/null"),
				`${server} sets audit-log-path in kube-apiserver-arg; remove it, RKE2 sets it (control 1.2.16).`,
			],
			"an audit policy behind RKE2's": [
				given("kube-apiserver-arg", "audit-policy-file=/etc/quiet.yaml"),
				`${server} sets audit-policy-file in kube-apiserver-arg; remove it, RKE2 sets it (control 3.2.1).`,
			],
			"an admission file behind RKE2's": [
				given("kube-apiserver-arg", "admission-control-config-file=/etc/open.yaml"),
				`${server} sets admission-control-config-file in kube-apiserver-arg; remove it, RKE2 sets it (control 5.2.1).`,
			],
			"an argument that RKE2 gives, in a drop-in": [
				serverConfig("profile: cis\n", { [drop]: "kube-apiserver-arg+: [token-auth-file=/tokens]\n" }),
				`${server} sets token-auth-file in kube-apiserver-arg; remove it, RKE2 sets it (control 1.2.2).`,
			],
		},
	},
	"rke2-admission-plugins": {
		accepts: { "the plugins, with limits": serverConfig(withPlugins, admission("{type: Server, qps: 50}")) },
		refuses: {
			"one of them missing": [
				given("kube-apiserver-arg", "enable-admission-plugins=DenyServiceExternalIPs"),
				`${server} does not enable EventRateLimit; add it (control 1.2.9).`,
			],
			"no limits": [
				serverConfig(withPlugins, admission("")),
				"proj-k8sm01-converge configures no limits for EventRateLimit under pod-security-admission-config-file; add them (control 1.2.9).",
			],
			"a plugin that accepts everything": [
				serverConfig(withPlugins.replace(",Event", ", AlwaysAdmit,Event"), admission("{type: Server, qps: 50}")),
				`${server} enables AlwaysAdmit; remove it (control 1.2.10).`,
			],
			"a plugin that is switched off again": [
				serverConfig(
					withPlugins.replace("]\n", ', "disable-admission-plugins=ServiceAccount"]\n'),
					admission("{qps: 1}"),
				),
				`${server} disables ServiceAccount; remove it (control 1.2.12).`,
			],
		},
	},
	"rke2-always-pull-images": {
		accepts: {
			"the plugin among others": given(
				"kube-apiserver-arg",
				"enable-admission-plugins=NodeRestriction, AlwaysPullImages",
			),
			"an agent": agentConfig("profile: cis\n"),
		},
		refuses: {
			"a server without it": [serverConfig("profile: cis\n"), `${server} does not enable AlwaysPullImages; add it.`],
		},
	},
	"rke2-controller-manager-arguments": {
		accepts: {
			"the loopback address": given("kube-controller-manager-arg", "bind-address=127.0.0.1"),
			"a feature switched on, as Go spells it, while others are off": given(
				"kube-controller-manager-arg",
				"feature-gates=AllBeta=false,RotateKubeletServerCertificate=T",
			),
		},
		refuses: {
			"every address": [
				given("kube-controller-manager-arg", "bind-address=0.0.0.0"),
				`${server} sets bind-address in kube-controller-manager-arg; the only allowed value is 127.0.0.1 (control 1.3.7).`,
			],
			"a feature switched off by a digit": [
				given("kube-controller-manager-arg", "feature-gates=RotateKubeletServerCertificate=0"),
				`${server} sets feature-gates in kube-controller-manager-arg; the only allowed value is one that leaves RotateKubeletServerCertificate on (control 1.3.6).`,
			],
			"a feature switched off with all others": [
				given("kube-controller-manager-arg", "feature-gates=AllBeta=false"),
				`${server} sets feature-gates in kube-controller-manager-arg; the only allowed value is one that leaves RotateKubeletServerCertificate on (control 1.3.6).`,
			],
			"a feature switched off among others": [
				given("kube-controller-manager-arg", "feature-gates=A=true,rotatekubeletservercertificate=false"),
				`${server} sets feature-gates in kube-controller-manager-arg; the only allowed value is one that leaves RotateKubeletServerCertificate on (control 1.3.6).`,
			],
		},
	},
	"rke2-scheduler-arguments": {
		accepts: { "what RKE2 gives itself": given("kube-scheduler-arg", "profiling=false") },
		refuses: {
			"an argument without a value": [
				given("kube-scheduler-arg", "profiling"),
				`${server} sets profiling in kube-scheduler-arg; the only allowed value is false (control 1.4.1).`,
			],
			"a file, which profiling is then read from": [
				given("kube-scheduler-arg", "config=/etc/scheduler.yaml"),
				`${server} sets config in kube-scheduler-arg; remove it, RKE2 sets it (control 1.4.1).`,
			],
		},
	},
	"rke2-etcd-arguments": {
		accepts: { "an argument of no control": given("etcd-arg", "quota-backend-bytes=8589934592") },
		refuses: {
			"clients without a certificate": [
				given("etcd-arg", "client-cert-auth=false"),
				`${server} sets client-cert-auth in etcd-arg; the only allowed value is true (control 2.2).`,
			],
			"another authority": [
				given("etcd-arg", "peer-trusted-ca-file=/etc/ssl/ca.pem"),
				`${server} sets peer-trusted-ca-file in etcd-arg; remove it, RKE2 sets it (control 2.7).`,
			],
			"requests in clear text, at a port of their own": [
				given("etcd-arg", "listen-client-http-urls=http://0.0.0.0:2382"),
				`${server} sets listen-client-http-urls in etcd-arg; remove it, RKE2 sets it (control 2.1).`,
			],
			"metrics on every address": [
				given("etcd-arg", "listen-metrics-urls=http://0.0.0.0:2381"),
				`${server} sets listen-metrics-urls in etcd-arg; remove it, RKE2 sets it (control 2.1).`,
			],
		},
	},
	"rke2-kubelet-arguments": {
		accepts: {
			"values of the benchmark": given("kubelet-arg", "read-only-port=0", "streaming-connection-idle-timeout=5m"),
			"a value that is left out": given("kubelet-arg", "rotate-certificates", "event-qps=0"),
		},
		refuses: {
			"a timeout that is off": [
				given("kubelet-arg", "streaming-connection-idle-timeout=0s"),
				`${server} sets streaming-connection-idle-timeout in kubelet-arg; the only allowed value is a duration above 0 (control 4.2.5).`,
			],
			"an underscore for a dash": [
				given("kubelet-arg", "read_only_port=10255"),
				`${server} sets read-only-port in kubelet-arg; the only allowed value is 0 (control 4.2.4).`,
			],
			"too few events": [
				given("kubelet-arg", "event-qps=1"),
				`${server} sets event-qps in kubelet-arg; the only allowed value is 0, which is no limit, or 5 or more (control 4.2.8).`,
			],
			"pods from a directory that no rule reads": [
				given("kubelet-arg", "pod-manifest-path=/opt/pods"),
				`${server} sets pod-manifest-path in kubelet-arg; remove it, RKE2 sets it.`,
			],
			"pods from an address": [
				given("kubelet-arg", "manifest-url=http://pods.example/pod.yaml"),
				`${server} sets manifest-url in kubelet-arg; remove it, RKE2 sets it.`,
			],
			"a file with the same settings": [
				agentConfig('kubelet-arg: ["config=/etc/kubelet.yaml"]\n'),
				"The RKE2 configuration in proj-k8sw01-converge sets config in kubelet-arg; remove it, RKE2 sets it.",
			],
		},
	},
	"rke2-kubelet-hardening": {
		accepts: { "all three": given("kubelet-arg", ...hardened) },
		refuses: {
			"one left out, on an agent": [
				agentConfig(`kubelet-arg: [${hardened.slice(1).join(", ")}]\n`),
				"The RKE2 configuration in proj-k8sw01-converge leaves out pod-max-pids in kubelet-arg; the only allowed value is a number above 0 (control 4.2.13).",
			],
			"a weak cipher among strong ones": [
				given("kubelet-arg", ...hardened, "tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_RC4_128_SHA"),
				`${server} has another value for tls-cipher-suites in kubelet-arg; the only allowed value is a list of strong ciphers only (control 4.2.12).`,
			],
		},
	},
	"rke2-kube-proxy-arguments": {
		accepts: { "the loopback address with a port": given("kube-proxy-arg", "metrics-bind-address=127.0.0.1:10249") },
		refuses: {
			"an address of the node": [
				given("kube-proxy-arg", "metrics-bind-address=10.25.20.4:10249"),
				`${server} sets metrics-bind-address in kube-proxy-arg; the only allowed value is 127.0.0.1, with or without a port (control 4.3.1).`,
			],
		},
	},
};
