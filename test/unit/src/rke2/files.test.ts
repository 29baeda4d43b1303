import { describe, expect, test } from "vitest";
import { labStack } from "../../../fixtures/lab.ts";
import { configOf, filesOf } from "./rendered-files.ts";

const stack = labStack();

const kubeVip = "/var/lib/rancher/rke2/server/manifests/kube-vip.yaml";
const keepalived = "/etc/keepalived/keepalived.conf";

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

	test("has the kubeconfig's mode as a string of octal digits", () => {
		expect(config["write-kubeconfig-mode"]).toBe("0600");
	});

	test("has the networks and the snapshots of the stack file", () => {
		expect(config).toMatchObject({
			"cluster-cidr": "10.42.0.0/16",
			"service-cidr": "10.43.0.0/16",
			cni: "canal",
			"ingress-controller": "none",
			"etcd-snapshot-schedule-cron": "0 */6 * * *",
			"etcd-snapshot-retention": 28,
		});
	});

	test("names the Secret of the snapshot store, and no other key of the store, because RKE2 would then ignore the Secret", () => {
		const s3 = { endpoint: "s3.internal:9000", bucket: "rke2-etcd-backups" };
		const stored = configOf("proj-k8sm01", labStack({ cluster: { etcdSnapshots: { s3 } } }));
		expect(Object.entries(stored).filter(([key]) => key.startsWith("etcd-s3"))).toEqual([
			["etcd-s3", true],
			["etcd-s3-config-secret", "rke2-etcd-snapshot-store"],
		]);
		expect(Object.keys(config).filter((key) => key.startsWith("etcd-s3"))).toEqual([]);
	});

	test("exposes etcd's metrics only when the stack file says so", () => {
		expect(config).not.toHaveProperty("etcd-expose-metrics");
		const exposed = configOf("proj-k8sm01", labStack({ cluster: { etcdMetrics: true } }));
		expect(exposed).toMatchObject({ "etcd-expose-metrics": true });
	});

	test("names the files of the tokens, not the tokens", () => {
		expect(config["token-file"]).toBe("/etc/rancher/rke2/token");
		expect(config["agent-token-file"]).toBe("/etc/rancher/rke2/agent-token");
		expect(config).not.toHaveProperty("token");
		expect(config).not.toHaveProperty("agent-token");
	});
});

test("config.yaml of a worker has only keys of an agent, with its taints", () => {
	const { "kubelet-arg": _, ...config } = configOf("proj-k8sw04");
	expect(config).toEqual({
		profile: "cis",
		server: "https://10.25.20.29:9345",
		"token-file": "/etc/rancher/rke2/agent-token",
		"node-name": "proj-k8sw04",
		"node-ip": "10.25.20.10",
		"resolv-conf": "/etc/rancher/rke2/resolv.conf",
		"node-taint": ["nvidia.com/gpu=present:NoSchedule"],
	});
});

test("pods on every node use the name servers of the stack file, without a search list", () => {
	const wildcard = { network: { nameservers: ["10.25.20.3"], searchDomain: "example.com" } };
	for (const name of Object.keys(stack.nodes)) {
		const file = configOf(name)["resolv-conf"];
		expect(filesOf(name).get(file)!.content).toBe("nameserver 10.25.20.3\nnameserver 10.25.10.3\n");
		expect(filesOf(name, labStack(wildcard)).get(file)!.content).toBe("nameserver 10.25.20.3\n");
	}
});

test("every node gets the name of the rotation of certificates when the stack file has one", () => {
	const rotating = labStack({ cluster: { certificateRotation: "2026-11" } });
	const rotations = (given: typeof stack) =>
		Object.keys(given.nodes).flatMap(
			(name) => filesOf(name, given).get("/etc/rancher/rke2/certificate-rotation") ?? [],
		);
	expect(rotations(stack)).toEqual([]);
	expect(new Set(rotations(rotating).map(({ mode, content }) => `${mode} ${content}`))).toEqual(
		new Set(["0600 2026-11\n"]),
	);
	expect(rotations(rotating)).toHaveLength(Object.keys(rotating.nodes).length);
});

test("all servers have the same values for keys that must be equal", () => {
	const differing = ["node-name", "node-ip"];
	const [first, ...others] = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"].map((name) =>
		Object.fromEntries(Object.entries(configOf(name)).filter(([key]) => !differing.includes(key))),
	);
	for (const other of others) {
		expect(other).toEqual(first);
	}
});

test("only servers get manifests, an audit policy and an admission configuration, and only root can read RKE2's files", () => {
	expect([...filesOf("proj-k8sw01").keys()]).toEqual([
		"/etc/rancher/rke2/config.yaml",
		"/etc/rancher/rke2/resolv.conf",
		"/etc/default/rke2-agent",
	]);
	expect([...filesOf("proj-k8sm01").keys()]).toEqual([
		"/etc/rancher/rke2/config.yaml",
		"/etc/rancher/rke2/resolv.conf",
		"/etc/default/rke2-server",
		"/etc/systemd/system/rke2-server.service.d/50-passwords.conf",
		"/etc/rancher/rke2/audit-policy.yaml",
		"/etc/rancher/rke2/admission.yaml",
		"/var/lib/rancher/rke2/server/manifests/rke2-canal-config.yaml",
		"/var/lib/rancher/rke2/server/manifests/kube-vip.yaml",
	]);
	const own = [...filesOf("proj-k8sm01").values()].filter(({ path }) => path.includes("/rancher/"));
	for (const { mode, owner } of own) {
		expect({ mode, owner }).toEqual({ mode: "0600", owner: "root:root" });
	}
});

test("nodes register by the API's name, which is in the certificate, when the mode is dns", () => {
	const named = labStack({ cluster: { api: { mode: "dns", address: null } } });
	expect(filesOf("proj-k8sm01", named).has(kubeVip)).toBe(false);
	expect(filesOf("proj-k8sm01", named).has(keepalived)).toBe(false);
	expect(configOf("proj-k8sm02", named)).toMatchObject({
		server: "https://api.k8s.lab.internal:9345",
		"tls-san": ["api.k8s.lab.internal"],
	});
	expect(configOf("proj-k8sw01", named)).toMatchObject({ server: "https://api.k8s.lab.internal:9345" });
});

test("servers hold no address, and nodes register through the load balancer, when the mode is external", () => {
	const balanced = labStack({ cluster: { api: { mode: "external", address: "10.25.10.40" } } });
	expect(filesOf("proj-k8sm01", balanced).has(kubeVip)).toBe(false);
	expect(filesOf("proj-k8sm01", balanced).has(keepalived)).toBe(false);
	expect(configOf("proj-k8sm02", balanced)).toMatchObject({
		server: "https://10.25.10.40:9345",
		"tls-san": ["10.25.10.40", "api.k8s.lab.internal"],
	});
});
