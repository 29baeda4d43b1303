import { expect, test } from "vitest";
import type { EngineStep } from "../../../../rehearsal/engine/engine.ts";
import { timeline } from "../../../../rehearsal/report/timeline.ts";

function made(type: string, name: string): EngineStep[] {
	const urn = `urn:pulumi:lab::rke2-lab::${type}::${name}`;
	return [
		{ operation: "create", urn, type, phase: "started", at: 1000 },
		{ operation: "create", urn, type, phase: "succeeded", at: 3000 },
	];
}

test.each([
	["images and mappings", "proxmoxve:download/file:File", "image-node01"],
	["machines", "proxmoxve:index/vmLegacy:VmLegacy", "proj-k8sm01"],
	["machine firewalls", "proxmoxve:firewall/rulesLegacy:RulesLegacy", "proj-k8sm01-rules"],
	["pool, backup, HA", "proxmoxve:index/poolLegacy:PoolLegacy", "pool"],
	["pool, backup, HA", "proxmoxve:pool/membership:Membership", "proj-k8sm01-pool"],
	["pool, backup, HA", "proxmoxve:backup/job:Job", "backup"],
	["pool, backup, HA", "proxmoxve:index/harule:Harule", "hosts"],
	["first contact", "command:local:Command", "proj-k8sm01-host-key"],
	["preparation", "command:remote:Command", "proj-k8sm01-address"],
	["preparation", "command:remote:Command", "proj-k8sm01-registries"],
	["first etcd member", "command:remote:Command", "cluster-seed"],
	["tokens", "command:remote:Command", "cluster-seed-token"],
	["Kubernetes objects", "kubernetes:core/v1:Secret", "cloudflare-api-token"],
	["other", "command:remote:Command", "cluster-kubeconfig"],
	["other", "tls:index/privateKey:PrivateKey", "ssh"],
])("%s: %s %s", (label, type, name) => {
	expect(timeline(made(type, name))).toEqual([
		expect.stringMatching(new RegExp(`^ {2}${label} +\\|.* 1\\.0 - +3\\.0 s$`)),
	]);
});

test("the timeline leaves out components, providers and unchanged resources", () => {
	const [started, ended] = made("kubernetes:core/v1:Secret", "kept") as [EngineStep, EngineStep];
	const kept = [started, ended].map((step): EngineStep => ({ ...step, operation: "same" }));
	expect(
		timeline([...made("rke2-lab:cluster:Node", "proj-k8sm01"), ...made("pulumi:providers:tls", "tls"), ...kept]),
	).toEqual([]);
});
