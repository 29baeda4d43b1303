/** What a review says about changes of the whole cluster. */
import { describe, expect, test } from "vitest";
import { renderText } from "../../../../review/forms/text.ts";
import { changed, labText, reviewLab, reviewTexts } from "../lab-review.ts";

const everyNode =
	"proj-k8sm01, then proj-k8sm02, then proj-k8sm03, then proj-k8sw01, then proj-k8sw02, then proj-k8sw03, then proj-k8sw04, then proj-k8sw05";
const servers = "proj-k8sm01, then proj-k8sm02, then proj-k8sm03";
const everyNodeRestarts =
	"Disruption: 8 nodes drained and RKE2 restarted there, one after another; pods with a GPU stop on proj-k8sw04, proj-k8sw05. The API stays reachable on the other control planes.";
const serversRestart =
	"Disruption: proj-k8sm01, proj-k8sm02, proj-k8sm03 drained and RKE2 restarted there, one after another. The API stays reachable on the other control planes.";

const cases: Record<string, [change: Record<string, unknown>, verdict: string, ...lines: string[]]> = {
	"a newer patch of RKE2": [
		{ cluster: { version: "v1.35.8+rke2r1" } },
		"disruptive",
		everyNodeRestarts,
		"  cluster.version: v1.35.7+rke2r1 -> v1.35.8+rke2r1",
		`  ${everyNode}: drained, RKE2 restarts, because RKE2 v1.35.7+rke2r1 becomes v1.35.8+rke2r1.`,
		"  Pods with a GPU stop while proj-k8sw04, proj-k8sw05 are drained.",
		"  All drains together take at most 50 min; each restart comes on top.",
		"Not known here",
		"  What runs now was not looked at: which nodes and members of etcd work, whether a node still lacks an earlier change, which it gets too, and what a person changed by hand. `pulumi preview --refresh` looks at the state; where a control plane is down already, the restart of another one interrupts the API.",
		"  8 x command converge (8 nodes: proj-k8sm01, proj-k8sm02, proj-k8sm03, proj-k8sw01, proj-k8sw02, proj-k8sw03, proj-k8sw04, proj-k8sw05)",
	],
	"a newer patch of RKE2, with two workers at the same time": [
		{ cluster: { version: "v1.35.8+rke2r1", maxUnavailableWorkers: "40%" } },
		"disruptive",
		"Disruption: 8 nodes drained and RKE2 restarted there, up to 2 workers at the same time and the others one after another; pods with a GPU stop on proj-k8sw04, proj-k8sw05. The API stays reachable on the other control planes.",
		"  Up to 2 workers restart at the same time; the first worker of the stack file is before them.",
	],
	"a restore": [
		{ cluster: { restore: { snapshot: "before-change-proj-k8sm02-1764345600", server: "proj-k8sm02" } } },
		"disruptive",
		"Disruption: etcd goes back to a snapshot. The API is interrupted for some minutes: all control planes stop for the restore.",
		"  etcd goes back to the snapshot of cluster.restore: each object is again as it was then, and each change since then is lost. Volumes keep their data.",
	],
	"another key for Secrets": [
		{ cluster: { secretsEncryptionKey: "2026-11" } },
		"disruptive",
		"Disruption: control planes restart one after another, and nobody can write a Secret meanwhile. The API is not interrupted.",
		"  The key that encrypts Secrets in etcd is rotated: the control planes restart one after another without a drain. Until the last one has the new key, nobody can write a Secret, and some requests for Secrets fail.",
	],
	"another rotation of certificates": [
		{ cluster: { certificateRotation: "2026-11" } },
		"disruptive",
		`  ${everyNode}: drained, RKE2 restarts, because its certificates are made anew.`,
	],
	"another VLAN": [
		{ network: { vlan: 30 } },
		"disruptive",
		"Disruption: the network of 8 nodes changes while it runs. The API may be interrupted: the network of control planes changes at once.",
	],
	"an older patch of RKE2": [
		{ cluster: { version: "v1.35.6+rke2r1" } },
		"disruptive",
		`  ${everyNode}: drained, RKE2 restarts, because RKE2 v1.35.7+rke2r1 becomes v1.35.6+rke2r1.`,
	],
	"an older minor of RKE2": [
		{ cluster: { version: "v1.34.1+rke2r1" } },
		"forbidden",
		"  cluster.version v1.34.1+rke2r1 is an older minor than the v1.35.7+rke2r1 that runs here, and etcd cannot go back; name a snapshot of 1.34 in cluster.restore too",
	],
	"the previous minor with a snapshot of it": [
		{
			cluster: {
				version: "v1.34.10+rke2r1",
				restore: { snapshot: "before-change-proj-k8sm02-1764345600", server: "proj-k8sm02" },
			},
		},
		"disruptive",
		"Disruption: etcd goes back to a snapshot. The API is interrupted for some minutes: all control planes stop for the restore.",
		"  proj-k8sm01, proj-k8sm02, proj-k8sm03, proj-k8sw01, proj-k8sw02, proj-k8sw03, proj-k8sw04, proj-k8sw05: the restore brings the older release of RKE2, and all pods stop without a drain.",
	],
	"another pod network": [
		{ cluster: { podCidr: "10.50.0.0/16" } },
		"forbidden",
		"  cluster.podCidr is 10.42.0.0/16 on this cluster and cannot become 10.50.0.0/16 while it runs; set the old value again, or build a new cluster",
	],
	"another name of the cluster": [
		{ cluster: { name: "other-lab" } },
		"not disruptive",
		"    metadata.labels.topology.kubernetes.io/region: astronomy-lab -> other-lab",
		"    tags: removed, was astronomy-lab",
		"    tags: new: other-lab",
		"  needs: token rke2-other-lab@pve!pulumi",
		"  no longer needs: token rke2-astronomy-lab@pve!pulumi",
	],
	"another mode of the API": [
		{ cluster: { api: { mode: "keepalived", virtualRouterId: 51 } } },
		"forbidden",
		"  cluster.api.mode is kube-vip on this cluster and cannot become keepalived while it runs; set the old value again, or build a new cluster",
		"    /etc/keepalived/keepalived.conf:",
	],
	"a proxy": [
		{ cluster: { proxy: { url: "http://10.25.10.9:3128" } } },
		"disruptive",
		everyNodeRestarts.replace(". The API", "; the GPU driver is loaded anew on proj-k8sw04, proj-k8sw05. The API"),
		`  ${servers}: drained, RKE2 restarts, because /etc/default/rke2-server changes.`,
		"      + HTTPS_PROXY=http://10.25.10.9:3128",
		"  opens: cert-manager (app.kubernetes.io/component=controller), gpu-operator (app=nvidia-driver-daemonset) to 10.25.10.9/32: 3128",
	],
	"a login by OpenID Connect": [
		{
			access: {
				oidc: { issuer: "https://id.lab.internal/realms/lab", clientId: "kubernetes" },
				clusterReaders: ["readers"],
			},
		},
		"disruptive",
		serversRestart,
		"  2 x ClusterRoleBinding: cluster-readers, cluster-readers-beyond-view",
	],
	"snapshots to S3": [
		{ cluster: { etcdSnapshots: { s3: { endpoint: "s3.lab.internal", bucket: "etcd" } } } },
		"disruptive",
		serversRestart,
		`  ${servers}: drained, RKE2 restarts, because /etc/rancher/rke2/config.yaml has other etcd-s3, etcd-s3-config-secret.`,
		"    /etc/rancher/rke2/config.yaml etcd-s3: new: true",
		"  exception no longer used: rke2-offsite-snapshots: the setting cluster.etcdSnapshots.s3 until 2027-03-31: A lab need not have object storage outside the cluster yet.",
	],
	"the machines' firewall": [
		{ proxmox: { firewall: { enabled: true, adminCidrs: ["10.25.10.0/24"], clientCidrs: ["10.25.10.0/24"] } } },
		"not disruptive",
		"    enabled: false -> true",
		"  exception no longer used: vm-firewall: the setting proxmox.firewall.enabled until 2027-03-31: The program cannot know the administrators' networks, and without them the firewall would lock everybody out.",
	],
	"twenty things at once": [
		{
			cluster: { version: "v1.35.8+rke2r1", etcdSnapshots: { retention: 30 }, name: "other-lab" },
			nodes: {
				"proj-k8sm01": { labels: { rack: "1" }, memoryGiB: 24 },
				"proj-k8sm02": { labels: { rack: "2" } },
				"proj-k8sm03": { labels: { rack: "3" } },
				"proj-k8sw01": { labels: { rack: "4" }, taints: ["a/b=c:NoSchedule"] },
				"proj-k8sw02": { diskGiB: 200, labels: { rack: "5" } },
				"proj-k8sw03": null,
				"proj-k8sw05": { cpus: 12 },
			},
			network: { timeServers: ["10.25.20.3"] },
			platform: {
				scrapers: ["10.25.10.13", "10.25.10.14"],
				traefik: { version: "41.4.0" },
				metallb: { announce: true, pool: ["10.25.20.30-10.25.20.35"] },
				namespaces: { extra: {}, monitoring: { allowFrom: [{ namespace: "extra", ports: [9090] }] } },
			},
			proxmox: { tags: ["ubuntu-24.04", "lab"] },
		},
		"disruptive",
		"Disruption: proj-k8sw03 removed; proj-k8sm01, proj-k8sw02, proj-k8sw05 drained and their VMs restarted, one after another; 7 nodes drained and RKE2 restarted there, one after another; pods with a GPU stop on proj-k8sw04, proj-k8sw05; the ingress restarts on one worker after another. The API stays reachable on the other control planes.",
		"  proj-k8sm01: drained, its VM restarts, drained once more, RKE2 restarts, because memoryGiB 32 becomes 24; RKE2 v1.35.7+rke2r1 becomes v1.35.8+rke2r1; /etc/rancher/rke2/config.yaml has other etcd-snapshot-retention.",
		"  proj-k8sm02, then proj-k8sm03: drained, RKE2 restarts, because RKE2 v1.35.7+rke2r1 becomes v1.35.8+rke2r1; /etc/rancher/rke2/config.yaml has other etcd-snapshot-retention.",
		"  proj-k8sw01: drained, RKE2 restarts, because RKE2 v1.35.7+rke2r1 becomes v1.35.8+rke2r1; /etc/rancher/rke2/config.yaml has other node-taint.",
		"  Namespace: extra",
		"  opens: any other pod in extra to any other pod in monitoring: 9090",
	],
};

describe("a review of", () => {
	test.each(Object.entries(cases))("%s", async (_, [change, verdict, ...lines]) => {
		const [found, text] = await reviewLab(change);
		expect([found, text.split("\n")]).toEqual([verdict, expect.arrayContaining(lines)]);
	});

	test("a rotated token says that it changes, and which nodes restart, and no value", async () => {
		const withTokens = (token: string, agent: string) =>
			`${labText}\n  rke2-lab:clusterToken: { secure: "v1:${token}:AAAA" }\n  rke2-lab:agentToken: { secure: "v1:${agent}:BBBB" }\n`;
		const review = await reviewTexts(withTokens("first", "same"), withTokens("second", "same"));
		const text = renderText(review);
		expect(text).toContain("clusterToken: changed (secret; its ciphertext differs, its value may be the same)");
		expect(text).toContain("drained, RKE2 restarts, because a token changes.");
		expect(text).not.toMatch(/first|second|AAAA/);
		const agents = renderText(await reviewTexts(withTokens("same", "first"), withTokens("same", "second")));
		expect(agents).toContain(`${everyNode}: drained, RKE2 restarts, because a token changes.`);
	});

	test("a stack file with a mistake says which, and compares nothing", async () => {
		const [verdict, text] = await reviewLab({ cluster: { version: "1.35" }, acces: {} });
		expect(verdict).toBe("forbidden");
		expect(text.split("\n")).toEqual(
			expect.arrayContaining([
				"Stack lab: The stack file has mistakes, so that the program refuses it.",
				"  acces: is not a key of the stack file; did you mean access?",
			]),
		);
	});

	test("a stack file with the same mistake on both sides is forbidden, and not said to be the same", async () => {
		const broken = (version: string) => changed({ acces: {}, platform: { traefik: { version } } });
		const { verdict, stacks } = await reviewTexts(broken("41.3.0"), broken("41.4.0"));
		expect([verdict, stacks.map(({ headline }) => headline)]).toEqual([
			"forbidden",
			[["The stack file has mistakes, so that the program refuses it.", "Nothing is known about disruption."]],
		]);
	});

	test("a secret in clear text does not repeat it", async () => {
		const [verdict, text] = await reviewLab({ clusterToken: "c0ffee".repeat(8) });
		expect(verdict).toBe("forbidden");
		expect(text).toContain("clusterToken: is in clear text; create a new one");
		expect(text).not.toContain("c0ffee");
	});
});
