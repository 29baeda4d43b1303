/** Pools, backup jobs and high availability of the double: what is refused, and what goes with a machine. */
import { beforeEach, describe, expect, test } from "vitest";
import type { AclEntry } from "../../../../../rehearsal/doubles/proxmox/descriptions.ts";
import { createVm, host, type Lab, leastPrivileges, startLab, token, vmOptions } from "./fixture.ts";

const root: AclEntry = { path: "/", privileges: ["Sys.Audit", "Sys.Console", "Sys.Modify"], propagate: false };
const rights: AclEntry[] = [
	...leastPrivileges.filter(({ path }) => path !== "/"),
	root,
	{ path: "/pool", privileges: ["Pool.Allocate", "Pool.Audit"] },
	{ path: "/storage/pbs", privileges: ["Datastore.Allocate"] },
];
const withRights = (userAcl: AclEntry[]): Promise<Lab> =>
	startLab({ hosts: ["node01", "node02", "node03"].map((name) => host(name)), tokens: [{ ...token, userAcl }] });
/** Another list of privileges on the path. */
const only = (path: string, ...privileges: string[]): AclEntry[] =>
	rights.map((entry) => (entry.path === path ? { ...entry, privileges } : entry));

let lab: Lab;

/** Machines that exist and do nothing. */
async function machines(...ids: number[]): Promise<void> {
	for (const id of ids) {
		const { scsi0: _, ...options } = vmOptions(id, { boot: "order=ide0" });
		expect(await lab.exitStatus(lab.post("/nodes/node01/qemu", options))).toBe("OK");
	}
}

describe("a resource pool", () => {
	const join = (pool: string, vmId: number, more: Record<string, string> = {}) =>
		lab.put(`/pools?poolid=${pool}`, { vms: String(vmId), ...more });

	beforeEach(async () => {
		lab = await withRights(rights);
		await machines(104);
		await lab.post("/pools", { poolid: "rke2", comment: "lab" });
		await lab.post("/pools", { poolid: "other" });
	});

	test("has a VM once, moves a VM only with allow-move, and is removed only when it is empty", async () => {
		expect((await join("rke2", 104)).status).toBe(200);
		expect((await join("rke2", 104)).reason).toBe("update pools failed: VM 104 is already a pool member");
		expect((await join("other", 104)).reason).toContain("belongs already to pool 'rke2' and 'allow-move' is not set");
		expect((await join("other", 104, { "allow-move": "1" })).status).toBe(200);
		expect((await join("rke2", 104, { delete: "1" })).reason).toContain("VM 104 is not a pool member");
		expect((await lab.delete("/pools?poolid=other")).reason).toContain("pool 'other' is not empty (contains VM 104)");
		expect((await lab.delete("/pools?poolid=rke2")).status).toBe(200);
		expect((await lab.get("/pools")).data).toEqual([{ poolid: "other" }]);
	});

	test("loses a destroyed VM, and is refused when it exists", async () => {
		await join("rke2", 104);
		await lab.exitStatus(lab.delete("/nodes/node01/qemu/104"));
		expect((await lab.get("/pools?poolid=rke2")).data).toEqual([{ poolid: "rke2", comment: "lab", members: [] }]);
		expect((await lab.post("/pools", { poolid: "rke2" })).reason).toContain("pool 'rke2' already exists");
	});

	test("loses its access control entries when it is removed", async () => {
		const privileges = ["Pool.Allocate", "Pool.Audit"];
		lab = await withRights([...rights.filter(({ path }) => path !== "/pool"), { path: "/pool/rke2", privileges }]);
		expect((await lab.post("/pools", { poolid: "rke2" })).status).toBe(200);
		expect((await lab.delete("/pools?poolid=rke2")).status).toBe(200);
		const again = await lab.post("/pools", { poolid: "rke2" });
		expect(again).toMatchObject({ status: 403, reason: "Permission check failed (/pool/rke2, Pool.Allocate)" });
	});
});

describe("a backup job", () => {
	const job = { id: "rke2-lab", storage: "pbs", schedule: "02:00", vmid: "104,105", "prune-backups": "keep-daily=14" };

	test("is answered with objects for property strings, and without purged VMs", async () => {
		lab = await withRights(rights);
		await machines(104, 105);
		expect((await lab.post("/cluster/backup", { ...job, fleecing: "enabled=1,storage=local-lvm" })).status).toBe(200);
		expect((await lab.get("/cluster/backup/rke2-lab")).data).toEqual({
			...job,
			type: "vzdump",
			enabled: 1,
			fleecing: { enabled: 1, storage: "local-lvm" },
			"prune-backups": { "keep-daily": "14" },
		});
		await lab.exitStatus(lab.delete("/nodes/node01/qemu/104"));
		expect(lab.proxmox.state().backupJobs["rke2-lab"]?.vmid).toBe("104,105");
		await lab.exitStatus(lab.delete("/nodes/node01/qemu/105?purge=1"));
		expect(lab.proxmox.state().backupJobs["rke2-lab"]?.vmid).toBe("104");
	});

	test.each([
		["to make it", "/", ["Sys.Audit"], "/, Sys.Modify"],
		["to prune on its storage", "/storage/pbs", ["Datastore.Audit"], "/storage/pbs, Datastore.Allocate"],
	])("needs a privilege %s", async (_, path, privileges, missing) => {
		lab = await withRights(only(path, ...privileges));
		expect((await lab.post("/cluster/backup", job)).reason).toBe(`Permission check failed (${missing})`);
	});

	test("needs a privilege of its own when it is read", async () => {
		lab = await withRights(only("/", "Sys.Modify"));
		expect((await lab.post("/cluster/backup", job)).status).toBe(200);
		expect((await lab.get("/cluster/backup/rke2-lab")).reason).toBe("Permission check failed (/, Sys.Audit)");
	});

	test.each([
		["of nothing", { vmid: "" }, { vmid: "property is missing" }],
		["of a list and a pool", { pool: "rke2" }, { pool: "option conflicts with option 'vmid'" }],
		[
			"that keeps what it does not know",
			{ "prune-backups": "keep-fortnightly=1" },
			{ "prune-backups": /invalid format/ },
		],
	])("is refused when it is one %s", async (_, change, problems) => {
		lab = await withRights([...rights, { path: "/pool/rke2", privileges: ["VM.Backup"] }]);
		const { vmid, ...rest }: Record<string, string> = { ...job, ...change };
		const answer = await lab.post("/cluster/backup", vmid ? { ...rest, vmid } : rest);
		expect(answer.status).toBe(400);
		const [[field, message]] = Object.entries(problems) as [[string, string | RegExp]];
		expect(answer.errors?.[field]).toMatch(message);
	});
});

describe("high availability", () => {
	const resources = "/cluster/ha/resources";
	const rules = "/cluster/ha/rules";
	const manage = (...ids: number[]) =>
		Promise.all(ids.map((id) => lab.post(resources, { sid: `vm:${id}`, type: "vm" })));
	const apart = { rule: "apart", type: "resource-affinity", affinity: "negative", disable: "0" };

	beforeEach(async () => {
		lab = await withRights(rights);
	});

	test("accepts only existing VMs, each once, and no groups", async () => {
		await machines(104);
		expect((await lab.post(resources, { sid: "vm:105" })).reason).toBe("resource 'vm:105' does not exist in cluster");
		expect((await lab.post(resources, { sid: "vm:104", group: "servers" })).reason).toContain("migrated to rules");
		await manage(104);
		expect((await lab.post(resources, { sid: "vm:104" })).reason).toContain("resource ID 'vm:104' already defined");
		expect((await lab.get(`${resources}/vm:104`)).data).toEqual({ sid: "vm:104", type: "vm", state: "started" });
	});

	test("answers a rule in alphabetical order and without priorities of 0", async () => {
		await machines(104, 105);
		await manage(104, 105);
		const hosts = { rule: "hosts", type: "node-affinity", nodes: "node02:1,node01:1,node03:0", strict: "1" };
		expect((await lab.post(rules, { ...hosts, resources: "vm:105,vm:104" })).status).toBe(200);
		expect((await lab.get(`${rules}/hosts`)).data).toEqual({
			...{ rule: "hosts", type: "node-affinity", resources: "vm:104,vm:105" },
			...{ nodes: "node01:1,node02:1,node03", strict: 1 },
		});
	});

	test.each([
		["less than two apart", "vm:104", {}, "rule is ineffective as there are less than two resources"],
		[
			"more apart than there are hosts",
			"vm:104,vm:105,vm:106,vm:107",
			{},
			"rule defines more resources than available",
		],
		["more apart than hosts are allowed", "vm:104,vm:105", { nodes: "node01:1" }, "restricted to less nodes than"],
		["apart, with preferences", "vm:104,vm:105", { nodes: "node01:2,node02:1" }, "rules with multiple priorities"],
	])("refuses a rule that no placement can fulfil: %s", async (_, kept, { nodes }: { nodes?: string }, problem) => {
		const ids = [104, 105, 106, 107];
		await machines(...ids);
		await manage(...ids);
		if (nodes) {
			const placed = { rule: "hosts", type: "node-affinity", nodes, resources: "vm:104,vm:105" };
			expect((await lab.post(rules, placed)).status).toBe(200);
		}
		const answer = await lab.post(rules, { ...apart, resources: kept });
		expect(answer.status).toBe(400);
		expect(answer.errors?.resources).toContain(problem);
	});

	test("refuses a rule when a resource is unmanaged or a host does not exist", async () => {
		await machines(104, 105);
		await manage(104);
		const refused = await lab.post(rules, { ...apart, resources: "vm:104,vm:105" });
		expect(refused.reason).toBe("cannot use unmanaged resource(s) vm:105.");
		const hosts = { rule: "hosts", type: "node-affinity", nodes: "node09", resources: "vm:104" };
		expect((await lab.post(rules, hosts)).reason).toBe("cannot use non-existent node(s) node09.");
	});

	test("keeps a VM until it is purged, and then removes it from the rules", async () => {
		await machines(104, 105, 106);
		await manage(104, 105, 106);
		await lab.post(rules, { ...apart, resources: "vm:104,vm:105,vm:106" });
		expect((await lab.delete("/nodes/node01/qemu/104")).reason).toContain(
			"used in HA resources and purge parameter not set",
		);
		expect(await lab.exitStatus(lab.delete("/nodes/node01/qemu/104?purge=1"))).toBe("OK");
		expect(lab.proxmox.state().highAvailability).toMatchObject({
			resources: { "vm:105": {}, "vm:106": {} },
			rules: { apart: { resources: ["vm:105", "vm:106"] } },
		});
	});

	test("turns a power action into a requested state when it manages the VM", async () => {
		await createVm(lab);
		await manage(104);
		const { data: upid } = await lab.post("/nodes/node01/qemu/104/status/shutdown");
		expect(upid).toContain(":hastop:104:");
		expect((await lab.get(`${resources}/vm:104`)).data.state).toBe("stopped");
		expect((await lab.get("/nodes/node01/qemu/104/status/current")).data.ha).toEqual({ managed: 1 });
	});

	test.each([
		["to change anything", ["Sys.Audit", "Sys.Modify"], "POST", "/, Sys.Console"],
		["to read it", ["Sys.Console", "Sys.Modify"], "GET", "/, Sys.Audit"],
	])("needs a privilege %s", async (_, privileges, method, missing) => {
		lab = await withRights(only("/", ...privileges));
		const path = method === "GET" ? `${resources}/vm:104` : resources;
		expect((await lab.call(method, path)).reason).toBe(`Permission check failed (${missing})`);
	});
});

describe("Proxmox VE 8", () => {
	const granted = (...more: string[]) => {
		const userAcl = leastPrivileges.map(({ path, privileges }) => ({ path, privileges: [...privileges, ...more] }));
		return startLab({ version: 8, tokens: [{ ...token, userAcl }] });
	};

	test("requires its own privilege for the guest agent", async () => {
		const interfaces = "/nodes/node01/qemu/104/agent/network-get-interfaces";
		lab = await granted("VM.GuestAgent.Unrestricted");
		await machines(104);
		expect((await lab.get(interfaces)).reason).toBe("Permission check failed (/vms/104, VM.Monitor)");
		lab = await granted("VM.Monitor");
		await machines(104);
		expect((await lab.get(interfaces)).reason).toBe("VM 104 is not running");
	});

	test("has no rules of high availability", async () => {
		lab = await startLab({ version: 8, tokens: [{ ...token, userAcl: rights }] });
		expect((await lab.get("/version")).data).toMatchObject({ version: "8.4.5" });
		expect(await lab.get("/cluster/ha/rules/apart")).toMatchObject({ status: 501 });
	});
});
