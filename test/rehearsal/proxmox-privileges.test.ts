/** The documented token: its privileges are enough, and every one of them is needed by a call. */

import { apply as mergePatch } from "tiny-merge-patch";
import { describe, expect, test } from "vitest";
import type { RecordedRequest } from "../../rehearsal/doubles/proxmox/server/request-log.ts";
import { type Grant, proxmoxAccess } from "../../src/proxmox/privileges.ts";
import { a4000, host, startLab, token } from "../unit/rehearsal/doubles/proxmox/fixture.ts";
import { type Change, Datacenter, stackFile } from "./support/proxmox-datacenter.ts";
import { errors } from "./support/scenario.ts";

/** A data disk, and GPUs with mappings made by hand and by the program. */
const plain: Change = {
	nodes: {
		k8sw01: { dataDiskGiB: 100 },
		k8sw02: {
			...{ role: "worker", host: "node01", vmId: 111, address: "10.25.20.11", cpus: 8, memoryGiB: 8, diskGiB: 40 },
			gpu: { mapping: "gtx-1660-ti" },
		},
	},
	gpus: { "gtx-1660-ti": { host: "node01", model: "GTX 1660 Ti" } },
};
/** The same with every setting that needs more privileges. */
const full = mergePatch(plain, {
	proxmox: {
		startOrder: true,
		firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"] },
		pool: "rke2",
		backup: { storage: "pbs", retention: { keepDaily: 7 } },
		highAvailability: true,
	},
}) as Change;
const laterOn = {
	nodes: { k8sw01: { dataDiskGiB: 200 } },
	gpus: { "rtx-a4000": { model: "NVIDIA RTX A4000" } },
};

const grantsOf = (change: Change): Grant[] => proxmoxAccess(stackFile(0, change)).grants;
const listed = (grants: Grant[]): string[] =>
	grants.flatMap(({ path, privileges }) => privileges.map((privilege) => `${privilege} on ${path}`));

function startGranted(userAcl: Grant[]) {
	const card = { path: "0000:0c:00.0", id: "10de:2182", iommuGroup: 22 };
	const hosts = [host("node01", [card]), host("node02", [a4000])];
	const mappings = [{ id: "gtx-1660-ti", map: ["id=10de:2182,iommugroup=22,node=node01,path=0000:0c:00.0"] }];
	return startLab({ hosts, mappings, tokens: [{ ...token, userAcl }] });
}

/** Repeats the requests, each after the task of the one before. Returns the first forbidden request, or "". */
async function firstForbidden(requests: RecordedRequest[], userAcl: Grant[]): Promise<string> {
	const lab = await startGranted(userAcl);
	for (const { method, path, parameters } of requests) {
		const query = new URLSearchParams(
			Object.entries(parameters).flatMap(([name, value]) =>
				[value].flat().map((each): [string, string] => [name, each]),
			),
		);
		const answer = await lab.call(method, `${encodeURI(path)}?${query}`);
		if (answer.status === 403) {
			return `${method} ${path}: ${answer.reason}`;
		}
		if (String(answer.data).startsWith("UPID:")) {
			await lab.exitStatus(Promise.resolve(answer));
		}
	}
	return "";
}

describe("the token", () => {
	// A wide privilege may include a narrow one. Each privilege is therefore tested with the smallest stack that has it.
	test.each([
		["a plain stack", plain, listed(grantsOf(plain))],
		["a stack with everything", full, listed(grantsOf(full)).filter((one) => !listed(grantsOf(plain)).includes(one))],
	])("has enough privileges for %s, and a call is forbidden when it lacks any of them", async (_, change, tested) => {
		const grants = grantsOf(change);
		const datacenter = new Datacenter(await startGranted(grants));
		const changed = mergePatch(change, laterOn) as Change;
		for (const result of [
			await datacenter.up(change),
			await datacenter.up(changed),
			await datacenter.destroy(changed),
		]) {
			expect(errors(result)).toEqual([]);
		}
		const requests = datacenter.takeRequests();
		expect(await firstForbidden(requests, grants)).toBe("");

		expect(tested.length).toBeGreaterThan(5);
		for (const one of tested) {
			const fewer = grants.map((grant) => ({
				...grant,
				privileges: grant.privileges.filter((privilege) => `${privilege} on ${grant.path}` !== one),
			}));
			expect(await firstForbidden(requests, fewer), one).toContain("Permission check failed");
		}
	});
});
