/** What a review says about changes of the nodes. */
import { describe, expect, test } from "vitest";
import { changed, labText, reviewLab, reviewTexts } from "../lab-review.ts";

const worker = {
	role: "worker",
	host: "node05",
	vmId: 120,
	address: "10.25.20.12",
	cpus: 2,
	memoryGiB: 8,
	diskGiB: 100,
};

const cases: Record<string, [change: Record<string, unknown>, verdict: string, ...lines: string[]]> = {
	"a worker more": [
		{ nodes: { "proj-k8sw06": worker } },
		"not disruptive",
		"Disruption: proj-k8sw06 joining. The API is not interrupted.",
		"  proj-k8sw06: created, joins the cluster.",
		"  VM (proj-k8sw06)",
		"  opens: kube-system (app=rke2-metrics-server) to proj-k8sw06: 10250",
		"  node05 cpus: 16 -> 18 of 16",
	],
	"a worker less": [
		{ nodes: { "proj-k8sw03": null } },
		"disruptive",
		"Disruption: proj-k8sw03 removed. The API is not interrupted.",
		"  proj-k8sw03: `up` drains the node and takes it out of the cluster before it destroys the VM with its disks. Local persistent volumes on it are lost.",
		"  8 x PersistentVolume (proj-k8sw03): proj-k8sw03-volume-01, proj-k8sw03-volume-02, proj-k8sw03-volume-03, proj-k8sw03-volume-04, proj-k8sw03-volume-05, proj-k8sw03-volume-06, proj-k8sw03-volume-07, proj-k8sw03-volume-08",
		"  closes: kube-system (app=rke2-metrics-server) to proj-k8sw03: 10250",
	],
	"the memory of a control plane": [
		{ nodes: { "proj-k8sm01": { memoryGiB: 24 } } },
		"disruptive",
		"Disruption: proj-k8sm01 drained and its VM restarted. The API stays reachable on the other control planes.",
		"  proj-k8sm01: drained, its VM restarts, because memoryGiB 32 becomes 24.",
		"  All drains together take at most 5 min; each restart comes on top.",
		"  nodes.proj-k8sm01.memoryGiB: 32 -> 24",
		"    memory.dedicated: 32768 -> 24576",
		"    converge.sh, argument 5: 32 -> 24",
		"  node01 memoryGiB: 64 -> 56 of 64",
	],
	"a larger disk": [
		{ nodes: { "proj-k8sw04": { diskGiB: 1200 } } },
		"disruptive",
		"  proj-k8sw04: drained, its VM restarts, because diskGiB 150 becomes 1200.",
		"    disks[0].size: 150 -> 1200",
	],
	"a smaller disk": [
		{ nodes: { "proj-k8sw04": { diskGiB: 100 } } },
		"forbidden",
		"Forbidden: `up` or its preview refuses this change. Disruption: none. The API is not interrupted.",
		"  nodes.proj-k8sw04.diskGiB is 150 and cannot become 100: the file system on the disk would be damaged; set 150 again; or set another vmId with it, which makes the VM anew with the new disk: docs/operations/replace-a-node.md",
	],
	"another VM of two control planes": [
		{ nodes: { "proj-k8sm01": { vmId: 204 }, "proj-k8sm02": { vmId: 205 } } },
		"forbidden",
		"Forbidden: `up` or its preview refuses this change. Disruption: the VM of proj-k8sm01, proj-k8sm02 replaced. The API stays reachable on the other control planes.",
		"  nodes.proj-k8sm01 (vmId), nodes.proj-k8sm02 (vmId): the VMs of 2 control planes cannot be deleted in one `up`, because etcd can spare one at a time; nothing was touched; set all but one back, run `up`, then change the next one",
	],
	"another host": [
		{ nodes: { "proj-k8sw01": { host: "node04" } } },
		"disruptive",
		"Disruption: the VM of proj-k8sw01 replaced. The API is not interrupted.",
		"  proj-k8sw01: leaves the cluster, its VM is created anew, joins again.",
		"  command join (proj-k8sw01)",
		"    because of the new VM of NODE",
		"  VM (proj-k8sw01)",
		"    because of nodeName",
		"    nodeName: node01 -> node04",
		"  Options (proj-k8sw01)",
		"    because of nodeName of NODE",
		"  node04 memoryGiB: 64 -> 96 of 128",
	],
	"a card that moves to another node": [
		{
			nodes: {
				"proj-k8sw04": { gpu: null, taints: null, labels: null },
				"proj-k8sw05": { gpu: null, taints: null, labels: null, host: "node05" },
				"proj-k8sw06": { ...worker, host: "node04", gpu: { mapping: "rtx-a4000" } },
			},
			gpus: { "gtx-1660-ti": null },
		},
		"disruptive",
		"Disruption: proj-k8sw04, proj-k8sw05 drained and RKE2 restarted there, one after another; proj-k8sw04, proj-k8sw05 to power-cycle by hand; proj-k8sw06 joining. The API is not interrupted.",
		'    hostpcis: removed, was {"device":"hostpci0","mapping":"rtx-a4000","pcie":true,"rombar":true,"xvga":false}',
		"  no longer needs: /mapping/pci/gtx-1660-ti: Mapping.Use",
	],
	"a card that pods share": [
		{ nodes: { "proj-k8sw04": { gpu: { timeSlices: 4 } } } },
		"not disruptive",
		"  nodes.proj-k8sw04.gpu.timeSlices: new: 4",
		"  Release: gpu-operator",
	],
	"a label": [
		{ nodes: { "proj-k8sw01": { labels: { rack: "a" } } } },
		"not disruptive",
		"Disruption: none. The API is not interrupted.",
		"  NodePatch (proj-k8sw01)",
		"    metadata.labels.rack: new: a",
	],
	"a taint": [
		{ nodes: { "proj-k8sw01": { taints: ["lab.internal/reserved=yes:NoSchedule"] } } },
		"disruptive",
		"Disruption: proj-k8sw01 drained and RKE2 restarted. The API is not interrupted.",
		"  proj-k8sw01: drained, RKE2 restarts, because /etc/rancher/rke2/config.yaml has other node-taint.",
		"  All drains together take at most 5 min; each restart comes on top.",
	],
};

describe("a review of", () => {
	test.each(Object.entries(cases))("%s", async (_, [change, verdict, ...lines]) => {
		const [found, text] = await reviewLab(change);
		expect([found, text.split("\n")]).toEqual([verdict, expect.arrayContaining(lines)]);
	});

	test("a hundred nodes names them where they differ, and says everything else once", async () => {
		const more = Object.fromEntries(
			Array.from({ length: 100 }, (_, index) => [
				`many-${index}`,
				{ ...worker, host: `host${index}`, vmId: 1000 + index, address: `10.25.20.${110 + index}` },
			]),
		);
		const hosts = Object.fromEntries(
			Array.from({ length: 100 }, (_, index) => [`host${index}`, { cpus: 16, memoryGiB: 64, diskGiB: 1000 }]),
		);
		const [verdict, text] = await reviewLab({ nodes: more, proxmox: { hosts } });
		expect(verdict).toBe("not disruptive");
		expect(text).toContain("\nDisruption: 100 nodes joining. The API is not interrupted.\n");
		expect(text).toMatch(/\n {2}100 x VM \(100 nodes: many-0, /);
		expect(text).toContain("  opens: kube-system (app=rke2-metrics-server) to many-0 and 99 addresses alike: 10250\n");
	});

	test("the same stack file has no stack in it", async () => {
		expect(await reviewLab({})).toEqual(["no change", "no change\n"]);
		expect(await reviewTexts(labText, changed({}))).toEqual({
			format: 4,
			base: "base",
			verdict: "no change",
			stacks: [],
		});
	});

	test("a changed comment has no stack in it", async () => {
		expect((await reviewTexts(labText, `${labText}# A comment.\n`)).verdict).toBe("no change");
	});
});
