import { describe, expect, test } from "vitest";
import { authority } from "../../../fixtures/certificates.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { command, controlPlanes, Recording, resolved, workers } from "./cluster-recording.ts";

const snapshot = "before-change-proj-k8sm02-1764345600";
const holder = "proj-k8sm02";
const others = controlPlanes.filter((server) => server !== holder);

const restored = await Recording.of(labStack({ cluster: { restore: { snapshot, server: holder } } }));
const step = (node: string, phase: string) => `${node}-${snapshot}-${phase}-restore`;
/** The commands among `before` after which a command does not come. */
const notAfter = (name: string, before: string[]) => before.filter((other) => !restored.isAfter(name, other));

describe("a restore", () => {
	test("stops every control plane after all of them were asked, and resets one when all are stopped", () => {
		const asked = [step(holder, "check"), ...others.map((server) => step(server, "ask"))];
		const tokens = controlPlanes.map((server) => `${server}-token`);
		const stops = controlPlanes.map((server) => step(server, "stop"));
		expect(stops.flatMap((stop) => notAfter(stop, [...asked, ...tokens]))).toEqual([]);
		expect(notAfter(step(holder, "reset"), stops)).toEqual([]);
	});

	test("lets the other control planes join one after another, then the workers connect, then nodes converge", () => {
		const order = [step(holder, "reset"), ...others.map((server) => step(server, "rejoin"))];
		expect(order.slice(1).flatMap((name, index) => notAfter(name, order.slice(0, index + 1)))).toEqual([]);
		const connected = workers.map((worker) => step(worker, "agent"));
		expect(connected.flatMap((name) => notAfter(name, order))).toEqual([]);
		expect(notAfter("proj-k8sm01-converge", [...order, ...connected])).toEqual([]);
	});

	test("is done before a machine that was made anew joins, and before a worker gets the tokens", () => {
		const restoredServers = [step(holder, "reset"), ...others.map((server) => step(server, "rejoin"))];
		for (const server of controlPlanes) {
			expect(notAfter(`${server}-join`, restoredServers)).toEqual([]);
			expect(restored.isAfter(`${server}-join`, step(workers[0]!, "agent"))).toBe(false);
		}
		expect(notAfter(`${workers[0]}-token`, restoredServers)).toEqual([]);
	});

	test("tells the one that restores which servers are members", () => {
		const answers = others.map((server) => `stdout of ${step(server, "ask")}`).join(",");
		expect(restored.command(step(holder, "reset")).inputs.create).toContain(` ${snapshot} '${holder},${answers}'`);
	});

	test("is recorded among the outputs once the servers serve it", async () => {
		expect(await resolved(restored.cluster.restored!)).toEqual({ snapshot, server: holder, from: "server" });
	});

	test("runs once: no change of its command lines repeats it", () => {
		const commands = restored.resources.filter(({ name }) => name.endsWith("-restore"));
		expect(commands).toHaveLength(controlPlanes.length * 3 + workers.length);
		for (const { ignoreChanges } of commands) {
			expect(ignoreChanges).toEqual(["create", "stdin", "connection"]);
		}
	});

	test("brings the files of its node to each phase that changes one, and tells the preparation of servers alone of the snapshot", () => {
		const phases = ["check", "ask", "stop", "reset", "rejoin", "agent"];
		const withFiles = restored.resources
			.filter(({ name, inputs }) => name.endsWith("-restore") && inputs.stdin !== undefined)
			.map(({ name }) => phases.find((phase) => name.endsWith(`-${phase}-restore`)));
		expect(new Set(withFiles)).toEqual(new Set(["stop", "reset", "rejoin", "agent"]));
		const { stdin } = restored.command(`${holder}-converge`).inputs;
		expect(restored.command(step(holder, "reset")).inputs.stdin).toBe(stdin);
		expect(restored.command(`${holder}-prepare`).inputs.create).toMatch(
			new RegExp(`[0-9a-f]{64} 0 0 '' '' ${snapshot}$`),
		);
		// A worker that does not answer must not hold up a restore.
		expect(restored.command(`${workers[0]}-prepare`).inputs.create).toBe(
			command(`${workers[0]}-prepare`).inputs.create,
		);
	});

	test("gives the time that the check prints to each phase that changes a node", () => {
		expect(restored.command(step(holder, "check")).inputs.create).toMatch(
			`restore.sh ${holder} check v1.35.7+rke2r1 ${snapshot} server`,
		);
		expect(restored.command(step(holder, "reset")).inputs.create).toMatch(
			new RegExp(`restore\\.sh ${holder} reset v1\\.35\\.7\\+rke2r1 'stdout of ${step(holder, "check")}' ${snapshot} `),
		);
	});
});

describe("a restore from the S3 store", async () => {
	const s3 = { endpoint: "s3.internal:9000", bucket: "backups", folder: "cluster1", endpointCa: authority };
	const stored = await Recording.of(
		labStack({
			cluster: {
				proxy: { url: "http://proxy:3128" },
				etcdSnapshots: { s3 },
				restore: { snapshot, server: holder, from: "s3" },
			},
		}),
	);
	const commandOf = (phase: string) => stored.command(`${holder}-${snapshot}-s3-${phase}-restore`);

	test("gives the server that restores a signed address of the snapshot, and no credentials of the store", () => {
		const { inputs } = commandOf("check");
		expect(inputs.create).toMatch(
			new RegExp(`check v1\\.35\\.7\\+rke2r1 ${snapshot} s3 http://proxy:3128 \\S*\\.svc\\S*$`),
		);
		const [object, list, ...certificate] = (inputs.stdin as { secret: string }).secret.split("\n");
		expect(object).toMatch(`https://s3.internal:9000/backups/cluster1/${snapshot}?X-Amz-Algorithm=`);
		expect(list).toMatch(/^https:\/\/s3\.internal:9000\/backups\/\?.*&prefix=cluster1%2F&X-Amz-Signature=/);
		expect(certificate.join("\n")).toBe(authority);
		expect(JSON.stringify(stored.resources.filter(({ name }) => name.endsWith("-restore")))).not.toContain("s3cret");
	});

	test("restores what was downloaded, and is another restore than that of the same name on a server", () => {
		expect(commandOf("reset").inputs.create).toMatch(new RegExp(` ${snapshot} .* s3$`));
		expect(stored.resources.map(({ name }) => name)).not.toContain(step(holder, "stop"));
	});
});
