import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { StackConfig } from "../../../../src/config/schema/stack.ts";
import { nodeFiles } from "../../../../src/rke2/files.ts";
import { hostFiles } from "../../../../src/rke2/host.ts";
import { registriesFile } from "../../../../src/rke2/registries.ts";
import { renderConfig } from "../../../../src/rke2/render-config.ts";
import { authority } from "../../../fixtures/certificates.ts";
import { labStack } from "../../../fixtures/lab.ts";

const stack = labStack();

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

test("all servers have the same values for keys that must be equal", () => {
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

	test("writes the same text for every order of the keys", () => {
		const values = { profile: "cis", "node-ip": "10.25.20.4", debug: true };
		const reversed = Object.fromEntries(Object.entries(values).reverse());
		expect(renderConfig("agent", reversed)).toBe(renderConfig("agent", values));
	});

	test("writes any text so that YAML 1.1 reads it back", () => {
		const awkward = fc.constantFrom("0600", "yes", "off", "1:30", "0x10", "~", "null", "1_000", "=", "2026-11-21", "y");
		fc.assert(
			fc.property(fc.array(fc.oneof(awkward, fc.string())), fc.oneof(awkward, fc.string()), (list, text) => {
				const values = { "node-label": list, profile: text };
				expect(parse(renderConfig("agent", values), { version: "1.1" })).toEqual(values);
			}),
		);
	});
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

test("the audit policy records no secret content, and has the rules for secrets before those for noise", () => {
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

test("the admission configuration has Pod Security and event rate limits, and exempts only kube-system", () => {
	const { plugins } = parse(filesOf("proj-k8sm01").get("/etc/rancher/rke2/admission.yaml")!.content);
	expect(plugins.map(({ name }: { name: string }) => name)).toEqual(["PodSecurity", "EventRateLimit"]);
	expect(plugins[0].configuration).toMatchObject({
		defaults: { enforce: "restricted", audit: "restricted", warn: "restricted" },
		exemptions: { usernames: [], runtimeClasses: [], namespaces: ["kube-system"] },
	});
	expect(plugins[1].configuration.limits.map(({ type }: { type: string }) => type)).toEqual(["Server", "Namespace"]);
});

test("Canal's backend and MTU have the names that the chart reads", () => {
	const wireguard: StackConfig = {
		...stack,
		cluster: { ...stack.cluster, canal: { ...stack.cluster.canal, backend: "wireguard", mtu: 1420 } },
	};
	const path = "/var/lib/rancher/rke2/server/manifests/rke2-canal-config.yaml";
	const manifest = parse(filesOf("proj-k8sm01", wireguard).get(path)!.content);
	expect(manifest).toMatchObject({
		apiVersion: "helm.cattle.io/v1",
		kind: "HelmChartConfig",
		metadata: { name: "rke2-canal", namespace: "kube-system" },
		// A Helm job that was cut short is not to uninstall the network of all pods (rancher/rke2#3805).
		spec: { failurePolicy: "abort" },
	});
	expect(parse(manifest.spec.valuesContent)).toEqual({
		flannel: { iface: "eth0", backend: "wireguard" },
		calico: { vethuMTU: 1420 },
	});
});

describe("kube-vip", () => {
	test("has the image's tag, and its digest when the stack file has one", () => {
		const image = (change: object) =>
			filesOf("proj-k8sm01", labStack({ cluster: { api: { kubeVip: change } } }))
				.get("/var/lib/rancher/rke2/server/manifests/kube-vip.yaml")!
				.content.match(/image: (.*)/)![1];
		expect(image({})).toBe("ghcr.io/kube-vip/kube-vip:v1.2.3");
		expect(image({ version: "v1.2.4", sha256: "a".repeat(64) })).toBe(
			`ghcr.io/kube-vip/kube-vip:v1.2.4@sha256:${"a".repeat(64)}`,
		);
	});

	const text = filesOf("proj-k8sm01").get("/var/lib/rancher/rke2/server/manifests/kube-vip.yaml")!.content;
	const objects = parseAllDocuments(text).map((document) => document.toJS());
	const { spec } = objects.find(({ kind }) => kind === "DaemonSet").spec.template;
	const [{ image, env, securityContext }] = spec.containers;
	const environment = Object.fromEntries(env.map(({ name, value }: { name: string; value?: string }) => [name, value]));

	test("holds the API's address by ARP, only on control planes, and no Service's address", () => {
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

	test("uses the API server of its own node, so that the address leaves a server with a dead API", () => {
		expect(environment).toMatchObject({ KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "6443" });
	});

	test("serves its metrics only to its own node", () => {
		expect(environment).toMatchObject({ prometheus_server: "127.0.0.1:2112" });
	});

	test("tolerates a pause of some seconds by default, and has the lease of the stack file", () => {
		const lease = (change: object) =>
			filesOf("proj-k8sm01", labStack({ cluster: { api: { kubeVip: change } } }))
				.get("/var/lib/rancher/rke2/server/manifests/kube-vip.yaml")!
				.content.match(/vip_(leaseduration|renewdeadline|retryperiod)\n +value: "(\d+)"/g)!
				.map((text) => text.replace(/^vip_|\n +value:|"/g, ""));
		expect(lease({})).toEqual(["leaseduration 15", "renewdeadline 10", "retryperiod 2"]);
		expect(lease({ leaseDuration: 30, renewDeadline: 20, retryPeriod: 4 })).toEqual([
			"leaseduration 30",
			"renewdeadline 20",
			"retryperiod 4",
		]);
	});

	test("has only the privileges for holding an address", () => {
		expect(objects.map(({ kind }) => kind)).toEqual(["ServiceAccount", "Role", "RoleBinding", "DaemonSet"]);
		expect(objects[1].rules).toEqual([
			expect.objectContaining({ apiGroups: ["coordination.k8s.io"], resources: ["leases"] }),
		]);
		expect(securityContext.capabilities).toEqual({ drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] });
	});
});

describe("the identity provider", () => {
	const path = "/etc/rancher/rke2/authentication.yaml";
	const oidc = {
		issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
		clientId: "rke2",
	};
	const withProvider = labStack({ access: { oidc } });

	test("is in a file that the API server reads, with prefixes for its users and groups", () => {
		expect(configOf("proj-k8sm03", withProvider)["kube-apiserver-arg"]).toContain(`authentication-config=${path}`);
		expect(parse(filesOf("proj-k8sm03", withProvider).get(path)!.content)).toEqual({
			apiVersion: "apiserver.config.k8s.io/v1",
			kind: "AuthenticationConfiguration",
			jwt: [
				{
					issuer: { url: oidc.issuer, audiences: ["rke2"] },
					claimMappings: {
						username: { claim: "oid", prefix: "oidc:" },
						groups: { claim: "groups", prefix: "oidc:" },
					},
				},
			],
		});
	});

	test("is in the format of the cluster's Kubernetes version", () => {
		const older = labStack({ access: { oidc }, cluster: { version: "v1.33.13+rke2r2" } });
		expect(filesOf("proj-k8sm01", older).get(path)!.content).toContain("apiserver.config.k8s.io/v1beta1");
	});

	test("is not on workers, and on no node without the key", () => {
		expect(filesOf("proj-k8sw01", withProvider).has(path)).toBe(false);
		expect(filesOf("proj-k8sm01").has(path)).toBe(false);
	});
});

const kubeVip = "/var/lib/rancher/rke2/server/manifests/kube-vip.yaml";
const keepalived = "/etc/keepalived/keepalived.conf";

describe("keepalived", () => {
	const held = labStack({ cluster: { api: { mode: "keepalived", virtualRouterId: 29 } } });
	const text = filesOf("proj-k8sm02", held).get(keepalived)!.content;

	test("moves the address instead of kube-vip, on control planes only", () => {
		expect(filesOf("proj-k8sm02", held).has(kubeVip)).toBe(false);
		expect(filesOf("proj-k8sw01", held).has(keepalived)).toBe(false);
		expect(filesOf("proj-k8sm02").has(keepalived)).toBe(false);
		expect(text).toContain("10.25.20.29/32 dev eth0");
		expect(text).toContain("virtual_router_id 29");
	});

	test("has the same configuration on all control planes, except for names and addresses", () => {
		const alike = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"].map((name) =>
			filesOf(name, held)
				.get(keepalived)!
				.content.replace(`router_id ${name}`, "router_id NODE")
				.replace(`mcast_src_ip ${held.nodes[name]!.address}`, "mcast_src_ip ADDRESS"),
		);
		expect(new Set(alike).size).toBe(1);
		expect(alike[0]).toContain("router_id NODE\n");
		expect(alike[0]).toContain("mcast_src_ip ADDRESS\n");
	});

	test("takes the address from no working server, because priorities and weights are equal", () => {
		expect(text).toMatch(/^\tstate BACKUP\n\tnopreempt\n/m);
		expect(text).not.toContain("weight");
	});

	test("checks the server's own API, with the kubelet's identity, and its own registration of nodes", () => {
		const scripts = [...text.matchAll(/^\tscript "(.*)"$/gm)].map(([, script]) => script!);
		expect(scripts).toEqual([
			expect.stringMatching(/^\/usr\/bin\/curl .* https:\/\/127\.0\.0\.1:6443\/readyz$/),
			expect.stringMatching(/^\/usr\/bin\/curl .* https:\/\/127\.0\.0\.1:9345\/cacerts$/),
		]);
		for (const script of scripts) {
			expect(script).toContain("--cacert /var/lib/rancher/rke2/agent/server-ca.crt");
			expect(script).toContain("--cert /var/lib/rancher/rke2/agent/client-kubelet.crt");
			expect(script).not.toContain("--insecure");
		}
	});

	test("detects a dead server early enough to move the address within 15 seconds", () => {
		const seconds = (key: string) => Number(new RegExp(`^\\t${key} (\\d+)$`, "m").exec(text)![1]);
		const [interval, fall, advertisement] = ["interval", "fall", "advert_int"].map(seconds) as [number, number, number];
		expect(interval * (fall + 1) + 4 * advertisement).toBeLessThan(15);
		expect(text.match(/^\tinit_fail$/gm)).toHaveLength(2);
	});
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

describe("registries", () => {
	const mirrored = labStack({
		cluster: {
			registries: {
				systemDefault: "harbor.lab.internal",
				mirrors: { "docker.io": { endpoints: ["https://harbor.lab.internal:8443/v2/dockerhub"] } },
				authorities: { "harbor.lab.internal:8443": authority },
			},
		},
	});

	test("registries.yaml has mirrors, authorities and credentials under the names that RKE2 reads", () => {
		const credentials = { "harbor.lab.internal:8443": { username: "robot", password: "hunter2" } };
		expect(parse(registriesFile(mirrored.cluster.registries, credentials))).toEqual({
			mirrors: { "docker.io": { endpoint: ["https://harbor.lab.internal:8443/v2/dockerhub"] } },
			configs: {
				"harbor.lab.internal:8443": {
					auth: { username: "robot", password: "hunter2" },
					tls: { ca_file: "/etc/rancher/rke2/registry-authorities/harbor.lab.internal_8443.pem" },
				},
			},
		});
	});

	test("the authority is at the path in registries.yaml, in clear text", () => {
		const path = "/etc/rancher/rke2/registry-authorities/harbor.lab.internal_8443.pem";
		expect(filesOf("proj-k8sw01", mirrored).get(path)).toMatchObject({ mode: "0644", content: authority });
	});

	test("RKE2's own images come from the default registry, which only servers configure", () => {
		expect(configOf("proj-k8sm01", mirrored)).toHaveProperty("system-default-registry", "harbor.lab.internal");
		expect(configOf("proj-k8sw01", mirrored)).not.toHaveProperty("system-default-registry");
	});
});

describe("a proxy", () => {
	const proxied = labStack({
		cluster: { proxy: { url: "http://proxy.lab.internal:3128", exceptions: [".lab.internal"] } },
	});

	test.each([
		["proj-k8sm01", "/etc/default/rke2-server"],
		["proj-k8sw01", "/etc/default/rke2-agent"],
	])("is %s's way out, but never between the parts of the cluster", (node, path) => {
		expect(filesOf(node, proxied).get(path)!.content.split("\n")).toEqual([
			"HTTP_PROXY=http://proxy.lab.internal:3128",
			"HTTPS_PROXY=http://proxy.lab.internal:3128",
			"NO_PROXY=127.0.0.0/8,10.25.20.0/24,10.25.20.29,api.k8s.lab.internal,10.42.0.0/16,10.43.0.0/16,.svc,.cluster.local,.lab.internal",
			"",
		]);
	});

	test("leaves an empty file when the stack file no longer has it", () => {
		expect(filesOf("proj-k8sw01").get("/etc/default/rke2-agent")!.content).toBe("");
	});
});

test("both time daemons get the time servers", () => {
	const files = hostFiles(labStack({ network: { timeServers: ["10.25.10.2", "us.pool.ntp.org"] } }));
	const content = (path: string) => files.find((file) => file.path === path)!.content;
	expect(content("/etc/systemd/timesyncd.conf.d/rke2-lab.conf")).toBe("[Time]\nNTP=10.25.10.2 us.pool.ntp.org\n");
	expect(content("/etc/chrony/sources.d/rke2-lab.sources")).toBe(
		"server 10.25.10.2 iburst\nserver us.pool.ntp.org iburst\n",
	);
});

test("needrestart does not restart RKE2, and treats other services as before", () => {
	const { content } = hostFiles(stack).find(({ path }) => path.startsWith("/etc/needrestart/"))!;
	// How needrestart reads such a file, and how it looks a service up (/usr/sbin/needrestart).
	const reader = `
		our %nrconf = (override_rc => { qr(^dbus) => 0 });
		eval do { local $/; <STDIN> };
		die $@ if $@;
		for my $unit (qw(rke2-server.service rke2-agent.service ssh.service dbus.service)) {
			my ($rule) = grep { $unit =~ /$_/ } keys %{$nrconf{override_rc}};
			print $unit, " ", defined $rule ? $nrconf{override_rc}->{$rule} : "restarted", "\\n";
		}`;
	expect(execFileSync("perl", ["-e", reader], { input: content, encoding: "utf8" })).toBe(
		"rke2-server.service 0\nrke2-agent.service 0\nssh.service restarted\ndbus.service 0\n",
	);
});

test("the VXLAN device computes its checksums itself, or offloads them when the stack file says so", () => {
	const link = (checksumOffload?: boolean) =>
		hostFiles(labStack({ cluster: { canal: { checksumOffload } } })).find(({ path }) => path.endsWith(".link"))
			?.content;
	expect(link()).toBe("[Match]\nOriginalName=flannel.1\n\n[Link]\nTransmitChecksumOffload=no\n");
	expect(link(true)).toContain("\nTransmitChecksumOffload=yes\n");
});

test("further kernel settings and modules are added to those that Kubernetes needs", () => {
	const files = hostFiles(
		labStack({ cluster: { kernel: { settings: { "vm.max_map_count": 262144 }, modules: ["nfs"] } } }),
	);
	const content = (path: string) => files.find((file) => file.path === path)!.content;
	expect(content("/etc/sysctl.d/99-zz-rke2-lab.conf")).toBe("vm.max_map_count = 262144\n");
	expect(content("/etc/modules-load.d/rke2.conf")).toBe("br_netfilter\noverlay\nnfs\n");
});

test("at boot the program's kernel settings apply after those of a hardened image, and the stack file's last", () => {
	const paths = hostFiles(stack).map(({ path }) => path);
	const ours = paths.filter((path) => path.startsWith("/etc/sysctl.d/"));
	expect(["/etc/sysctl.d/99-sysctl.conf", "/etc/sysctl.d/99-cis-kernel.conf", ...ours].sort().slice(2)).toEqual(ours);
	expect(ours.at(-1)).toBe("/etc/sysctl.d/99-zz-rke2-lab.conf");
});

test("the kernel settings that the CIS profile checks are on the node before RKE2", () => {
	const text = hostFiles(stack).find(({ path }) => path === "/etc/sysctl.d/99-zz-rke2-cis.conf")!.content;
	expect(text.split("\n").sort()).toEqual([
		"",
		"kernel.panic = 10",
		"kernel.panic_on_oops = 1",
		"vm.overcommit_memory = 1",
		"vm.panic_on_oom = 0",
	]);
});
