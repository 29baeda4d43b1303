import { describe, expect, test } from "vitest";
import { createVm, type Lab, startLab } from "./fixture.ts";

const firewall = "/nodes/node01/qemu/104/firewall";
const ssh = { type: "in", action: "ACCEPT", proto: "tcp", dport: "22", source: "", enable: "1" };

async function machine(): Promise<Lab> {
	const lab = await startLab();
	await createVm(lab);
	return lab;
}

test("the firewall inserts a new rule first, drops empty properties and moves rules", async () => {
	const lab = await machine();
	for (const comment of ["third", "second", "first"]) {
		await lab.post(`${firewall}/rules`, { ...ssh, comment });
	}
	const comments = async () =>
		(await lab.get(`${firewall}/rules`)).data.map((rule: { comment: string }) => rule.comment);
	expect(await comments()).toEqual(["first", "second", "third"]);
	expect((await lab.get(`${firewall}/rules/0`)).data).toEqual({
		...{ type: "in", action: "ACCEPT", proto: "tcp", dport: "22", enable: 1, comment: "first", pos: "0" },
	});
	await lab.put(`${firewall}/rules/2`, { moveto: "0" });
	expect(await comments()).toEqual(["third", "first", "second"]);
	await lab.delete(`${firewall}/rules/1`);
	expect(await comments()).toEqual(["third", "second"]);
});

describe("a rule is refused", () => {
	test.each([
		["that names a set which is not there", { source: "+guest/nowhere" }, { source: "no such ipset 'nowhere'" }],
		["with a port and no protocol", { proto: "" }, { proto: "missing property - 'dport' requires this property" }],
		["with an action that does not exist", { action: "ALLOW" }, { action: "unknown action 'ALLOW'" }],
	])("%s", async (_, change, problems) => {
		const lab = await machine();
		const answer = await lab.post(`${firewall}/rules`, { ...ssh, ...change });
		expect(answer).toMatchObject({ status: 400, errors: problems });
	});
});

test("the firewall removes a set only when it is empty, or with the VM", async () => {
	const lab = await machine();
	await lab.post(`${firewall}/ipset`, { name: "nodes" });
	await lab.post(`${firewall}/ipset/nodes`, { cidr: "10.25.20.0/24" });
	expect((await lab.post(`${firewall}/ipset`, { name: "nodes" })).reason).toBe("IPSet 'nodes' already exists");
	expect((await lab.delete(`${firewall}/ipset/nodes`)).reason).toBe("IPSet 'nodes' is not empty");
	await lab.delete(`${firewall}/ipset/nodes/${encodeURIComponent("10.25.20.0/24")}`);
	expect((await lab.delete(`${firewall}/ipset/nodes`)).status).toBe(200);
	expect((await lab.get(`${firewall}/ipset/nodes`)).reason).toBe("no such IPSet 'nodes'");

	await lab.put(`${firewall}/options`, { enable: "1" });
	await lab.exitStatus(lab.post("/nodes/node01/qemu/104/status/stop"));
	await lab.exitStatus(lab.delete("/nodes/node01/qemu/104"));
	await createVm(lab);
	expect((await lab.get(`${firewall}/options`)).data).toEqual({});
});

test("a firewall is empty when its VM does not exist", async () => {
	const lab = await startLab();
	expect((await lab.get(`${firewall}/options`)).data).toEqual({});
	expect((await lab.get(`${firewall}/rules`)).data).toEqual([]);
	expect((await lab.get(`${firewall}/ipset`)).data).toEqual([]);
	expect(await lab.get(`${firewall}/ipset/nodes`)).toMatchObject({ status: 500, reason: "no such IPSet 'nodes'" });
});
