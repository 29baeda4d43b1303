import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { parseStack } from "../../src/config/parse.ts";
import type { StackConfig } from "../../src/config/schema.ts";
import { nodeFiles } from "../../src/rke2/files.ts";
import { hostFiles } from "../../src/rke2/host.ts";
import { renderConfig } from "../../src/rke2/render-config.ts";
import { labValues } from "./config/lab.ts";

const stack = parseStack(labValues()).value!;

function filesOf(name: string, from: StackConfig = stack) {
	return new Map(nodeFiles(from, name, from.nodes[name]!).map((file) => [file.path, file]));
}

/** As RKE2 reads it: YAML 1.1. */
function configOf(name: string, from?: StackConfig) {
	return parse(filesOf(name, from).get("/etc/rancher/rke2/config.yaml")!.content, { version: "1.1" });
}

describe("config.yaml of a server", () => {
	const config = configOf("proj-k8sm02");

	test("registers under its own name and address at the virtual address", () => {
		expect(config).toMatchObject({
			server: "https://10.25.20.29:9345",
			"node-name": "proj-k8sm02",
			"node-ip": "10.25.20.5",
			"tls-san": ["10.25.20.29", "api.k8s.lab.internal"],
		});
	});

	test("is hardened", () => {
		expect(config).toMatchObject({
			profile: "cis",
			"secrets-encryption-provider": "secretbox",
			"audit-policy-file": "/etc/rancher/rke2/audit-policy.yaml",
			"pod-security-admission-config-file": "/etc/rancher/rke2/admission.yaml",
			"kube-apiserver-arg": ["enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs,EventRateLimit"],
			"node-taint": ["node-role.kubernetes.io/control-plane:NoSchedule"],
		});
		expect(config["kubelet-arg"]).toEqual(
			expect.arrayContaining([
				"pod-max-pids=4096",
				"seccomp-default=true",
				"streaming-connection-idle-timeout=5m",
				expect.stringMatching(/^tls-cipher-suites=TLS_ECDHE_/),
			]),
		);
		expect(config).not.toHaveProperty("protect-kernel-defaults");
	});

	test("keeps the kubeconfig's mode a string of octal digits", () => {
		expect(config["write-kubeconfig-mode"]).toBe("0600");
	});

	test("takes the networks and the snapshots from the stack file", () => {
		expect(config).toMatchObject({
			"cluster-cidr": "10.42.0.0/16",
			"service-cidr": "10.43.0.0/16",
			cni: "canal",
			"ingress-controller": "none",
			"etcd-snapshot-schedule-cron": "0 */6 * * *",
			"etcd-snapshot-retention": 28,
		});
	});

	test("names the token's file, not the token", () => {
		expect(config["token-file"]).toBe("/etc/rancher/rke2/token");
		expect(config).not.toHaveProperty("token");
	});
});

test("config.yaml of a worker holds only what an agent knows, with its labels and taints", () => {
	const { "kubelet-arg": _, ...config } = configOf("proj-k8sw04");
	expect(config).toEqual({
		profile: "cis",
		server: "https://10.25.20.29:9345",
		"token-file": "/etc/rancher/rke2/token",
		"node-name": "proj-k8sw04",
		"node-ip": "10.25.20.10",
		"node-label": ["gpu=true"],
		"node-taint": ["nvidia.com/gpu=present:NoSchedule"],
	});
});

test("values that must be equal on all servers are", () => {
	const differing = ["node-name", "node-ip"];
	const [first, ...others] = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"].map((name) =>
		Object.fromEntries(Object.entries(configOf(name)).filter(([key]) => !differing.includes(key))),
	);
	for (const other of others) {
		expect(other).toEqual(first);
	}
});

describe("the renderer", () => {
	test.each([
		["server", "flannel-backend"],
		["server", "cluster-init"],
		["server", "profle"],
		["server", "secrets-encryption"],
		["agent", "tls-san"],
		["agent", "cni"],
		["agent", "write-kubeconfig-mode"],
	] as const)("refuses what an RKE2 %s does not know: %s", (role, key) => {
		expect(() => renderConfig(role, { profile: "cis", [key]: "x" })).toThrow(
			`${key}: not in the configuration of an RKE2 ${role}`,
		);
	});

	test("writes the same text whatever the order of the keys", () => {
		const values = { profile: "cis", "node-ip": "10.25.20.4", debug: true };
		const reversed = Object.fromEntries(Object.entries(values).reverse());
		expect(renderConfig("agent", reversed)).toBe(renderConfig("agent", values));
	});

	test("survives YAML 1.1 with any text", () => {
		const awkward = fc.constantFrom("0600", "yes", "off", "1:30", "0x10", "~", "null", "1_000", "=", "2026-11-21", "y");
		fc.assert(
			fc.property(fc.array(fc.oneof(awkward, fc.string())), fc.oneof(awkward, fc.string()), (list, text) => {
				const values = { "node-label": list, profile: text };
				expect(parse(renderConfig("agent", values), { version: "1.1" })).toEqual(values);
			}),
		);
	});
});

test("only servers get manifests, an audit policy and an admission configuration; no file is readable by others", () => {
	expect([...filesOf("proj-k8sw01").keys()]).toEqual(["/etc/rancher/rke2/config.yaml"]);
	expect([...filesOf("proj-k8sm01").keys()]).toEqual([
		"/etc/rancher/rke2/config.yaml",
		"/etc/rancher/rke2/audit-policy.yaml",
		"/etc/rancher/rke2/admission.yaml",
		"/var/lib/rancher/rke2/server/manifests/rke2-canal-config.yaml",
		"/var/lib/rancher/rke2/server/manifests/kube-vip.yaml",
	]);
	for (const { mode, owner } of filesOf("proj-k8sm01").values()) {
		expect({ mode, owner }).toEqual({ mode: "0600", owner: "root:root" });
	}
});

test("the audit policy records nothing secret with its content and reaches secrets before it drops noise", () => {
	const { rules } = parse(filesOf("proj-k8sm01").get("/etc/rancher/rke2/audit-policy.yaml")!.content);
	expect(rules[0]).toEqual({
		level: "Metadata",
		resources: [
			{ group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
			{ group: "authentication.k8s.io", resources: ["tokenreviews"] },
		],
	});
	expect(rules.at(-1)).toEqual({ level: "Metadata" });
});

test("the admission configuration carries Pod Security and event rate limits, and exempts only kube-system", () => {
	const { plugins } = parse(filesOf("proj-k8sm01").get("/etc/rancher/rke2/admission.yaml")!.content);
	expect(plugins.map(({ name }: { name: string }) => name)).toEqual(["PodSecurity", "EventRateLimit"]);
	expect(plugins[0].configuration).toMatchObject({
		defaults: { enforce: "restricted", audit: "restricted", warn: "restricted" },
		exemptions: { usernames: [], runtimeClasses: [], namespaces: ["kube-system"] },
	});
	expect(plugins[1].configuration.limits.map(({ type }: { type: string }) => type)).toEqual(["Server", "Namespace"]);
});

test("Canal's backend and MTU reach the chart under the names that it reads", () => {
	const wireguard: StackConfig = {
		...stack,
		cluster: { ...stack.cluster, canal: { backend: "wireguard", mtu: 1420 } },
	};
	const path = "/var/lib/rancher/rke2/server/manifests/rke2-canal-config.yaml";
	const manifest = parse(filesOf("proj-k8sm01", wireguard).get(path)!.content);
	expect(manifest).toMatchObject({
		apiVersion: "helm.cattle.io/v1",
		kind: "HelmChartConfig",
		metadata: { name: "rke2-canal", namespace: "kube-system" },
	});
	expect(parse(manifest.spec.valuesContent)).toEqual({
		flannel: { iface: "eth0", backend: "wireguard" },
		calico: { vethuMTU: 1420 },
	});
});

describe("kube-vip", () => {
	const text = filesOf("proj-k8sm01").get("/var/lib/rancher/rke2/server/manifests/kube-vip.yaml")!.content;
	const objects = parseAllDocuments(text).map((document) => document.toJS());
	const { spec } = objects.find(({ kind }) => kind === "DaemonSet").spec.template;
	const [{ image, env, securityContext }] = spec.containers;
	const environment = Object.fromEntries(env.map(({ name, value }: { name: string; value?: string }) => [name, value]));

	test("holds the API's address by ARP on control planes only, and no Service's", () => {
		expect(spec.nodeSelector).toEqual({ "node-role.kubernetes.io/control-plane": "true" });
		expect(spec.hostNetwork).toBe(true);
		expect(environment).toMatchObject({
			address: "10.25.20.29",
			port: "6443",
			vip_arp: "true",
			cp_enable: "true",
			svc_enable: "false",
		});
		expect(image).toMatch(/:v\d+\.\d+\.\d+$/);
	});

	test("gives the address up before another server may take it", () => {
		const [duration, deadline, retry] = ["vip_leaseduration", "vip_renewdeadline", "vip_retryperiod"].map((name) =>
			Number(environment[name]),
		);
		expect(duration).toBeGreaterThan(deadline!);
		expect(deadline).toBeGreaterThan(retry!);
	});

	test("may do nothing but what holding an address takes", () => {
		expect(objects.map(({ kind }) => kind)).toEqual(["ServiceAccount", "Role", "RoleBinding", "DaemonSet"]);
		expect(objects[1].rules).toEqual([
			expect.objectContaining({ apiGroups: ["coordination.k8s.io"], resources: ["leases"] }),
		]);
		expect(securityContext.capabilities).toEqual({ drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] });
	});
});

test("the kernel settings that the CIS profile checks are on the machine before RKE2 is", () => {
	const text = hostFiles().find(({ path }) => path === "/etc/sysctl.d/90-rke2-cis.conf")!.content;
	expect(text.split("\n").sort()).toEqual([
		"",
		"kernel.panic = 10",
		"kernel.panic_on_oops = 1",
		"vm.overcommit_memory = 1",
		"vm.panic_on_oom = 0",
	]);
});
