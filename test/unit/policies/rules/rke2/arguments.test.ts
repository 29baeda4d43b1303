import { describe, expect, test } from "vitest";
import { rke2ApiServerArguments } from "../../../../../policies/rules/rke2/api-server-arguments.ts";
import { rke2ControllerManagerArguments } from "../../../../../policies/rules/rke2/controller-manager-arguments.ts";
import { rke2EtcdArguments } from "../../../../../policies/rules/rke2/etcd-arguments.ts";
import { rke2KubeProxyArguments } from "../../../../../policies/rules/rke2/kube-proxy-arguments.ts";
import { rke2KubeletArguments } from "../../../../../policies/rules/rke2/kubelet-arguments.ts";
import { rke2KubeletHardening } from "../../../../../policies/rules/rke2/kubelet-hardening.ts";
import { rke2SchedulerArguments } from "../../../../../policies/rules/rke2/scheduler-arguments.ts";
import { commandWith, configPath, serverConfig } from "../../bundle.ts";
import { violations } from "../../run-rule.ts";

const given = (key: string, ...values: string[]) =>
	serverConfig(`${key}:\n${values.map((value) => `  - ${JSON.stringify(value)}\n`).join("")}`);

describe("values that a control allows are accepted", () => {
	test.each([
		[
			rke2ApiServerArguments,
			"kube-apiserver-arg",
			["anonymous-auth=false", "audit-log-maxage=60", "request-timeout=1m30s"],
		],
		[rke2ApiServerArguments, "kube-apiserver-arg", ["authorization-mode=Node,RBAC", "v=2"]],
		[rke2ControllerManagerArguments, "kube-controller-manager-arg", ["terminated-pod-gc-threshold=100"]],
		[rke2SchedulerArguments, "kube-scheduler-arg", ["bind-address=127.0.0.1"]],
		[rke2EtcdArguments, "etcd-arg", ["quota-backend-bytes=8589934592"]],
		[rke2KubeletArguments, "kubelet-arg", ["read-only-port=0", "max-pods=200"]],
		[rke2KubeProxyArguments, "kube-proxy-arg", ["metrics-bind-address=127.0.0.1:10249"]],
	] as const)("$0.name: $2", (rule, key, values) => {
		expect(violations(rule, given(key, ...values))).toEqual([]);
	});
});

describe("values that break a control are refused with the id of the control", () => {
	test.each([
		[rke2ApiServerArguments, "kube-apiserver-arg", "anonymous-auth=true", "1.2.1"],
		[rke2ApiServerArguments, "kube-apiserver-arg", "--profiling=true", "1.2.15"],
		[rke2ApiServerArguments, "kube-apiserver-arg", "audit-log-maxage=7", "1.2.17"],
		[rke2ApiServerArguments, "kube-apiserver-arg", "request-timeout=0s", "1.2.20"],
		[rke2ApiServerArguments, "kube-apiserver-arg", "authorization-mode=Node", "1.2.8"],
		[rke2ApiServerArguments, "kube-apiserver-arg", "authorization-mode+=AlwaysAllow", "1.2.6"],
		[rke2ApiServerArguments, "kube-apiserver-arg", "etcd-servers-overrides=/events#http://10.25.20.14:2379", "1.2.26"],
		[rke2ApiServerArguments, "kube-apiserver-arg", "tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA", "1.2.29"],
		[
			rke2ControllerManagerArguments,
			"kube-controller-manager-arg",
			"feature-gates=RotateKubeletServerCertificate=false",
			"1.3.6",
		],
		[rke2SchedulerArguments, "kube-scheduler-arg", "bind-address=0.0.0.0", "1.4.2"],
		[rke2EtcdArguments, "etcd-arg", "trusted-ca-file=/etc/ssl/certs/ca-certificates.crt", "2.7"],
		...(["2.1", "2.2"] as const).map(
			(control) => [rke2EtcdArguments, "etcd-arg", "listen-client-urls=http://0.0.0.0:2379", control] as const,
		),
		...(["2.4", "2.5"] as const).map(
			(control) => [rke2EtcdArguments, "etcd-arg", "listen-peer-urls=http://0.0.0.0:2380", control] as const,
		),
		...(["2.1", "2.2", "2.3", "2.7"] as const).map(
			(control) => [rke2EtcdArguments, "etcd-arg", "client-transport-security={}", control] as const,
		),
		...(["2.4", "2.5", "2.6", "2.7"] as const).map(
			(control) => [rke2EtcdArguments, "etcd-arg", "peer-transport-security={}", control] as const,
		),
		[rke2KubeletArguments, "kubelet-arg", "event-qps=-1", "4.2.8"],
		[rke2KubeProxyArguments, "kube-proxy-arg", "metrics-bind-address=0.0.0.0", "4.3.1"],
	] as const)("$0.name: $2", (rule, key, value, control) => {
		const found = violations(rule, given(key, value));
		expect(found).toContainEqual(
			expect.stringMatching(new RegExp(` in ${key}; .* \\(control ${control.replaceAll(".", "\\.")}\\)\\.$`)),
		);
	});
});

test("a drop-in that replaces the list removes the kubelet's hardening", () => {
	const hardened = "kubelet-arg: [pod-max-pids=4096, seccomp-default=true, tls-cipher-suites=TLS_AES_128_GCM_SHA256]\n";
	const dropIn = "/etc/rancher/rke2/config.yaml.d/90-local.yaml";
	const appending = { [configPath]: hardened, [dropIn]: "kubelet-arg+: [max-pods=200]\n" };
	expect(violations(rke2KubeletHardening, commandWith(appending))).toEqual([]);
	const replacing = { [configPath]: hardened, [dropIn]: "kubelet-arg: [max-pods=200]\n" };
	expect(violations(rke2KubeletHardening, commandWith(replacing))).toHaveLength(3);
});
