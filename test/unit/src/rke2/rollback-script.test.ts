/** restore.sh on nodes that go back to an older minor. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decided, Server, snapshot, version } from "./restored-server.ts";

describe("a node with a newer minor than the wanted one", () => {
	const newer = "v1.36.1+rke2r1";

	test("needs a snapshot of the minor to which it goes back", () => {
		const server = new Server();
		server.runs(newer);
		expect(server.check("kept")).toBe("");
		server.save("older", snapshot({ kubelets: ["v1.34.10+rke2r1"] }));
		expect(server.check("older")).toBe(
			"1: cp1: restore: cluster.restore.snapshot older is of v1.34.10+rke2r1, and a rollback to cluster.version v1.35.7+rke2r1 needs a snapshot of the same minor; nothing was changed\n",
		);
	});

	test("does not stop for a change that no running cluster can make", () => {
		const server = new Server();
		server.runs(newer);
		server.podCidr = "10.44.0.0/16";
		expect(server.run("stop", version, `${decided}`)).toContain("cluster.podCidr is 10.42.0.0/16 on this cluster");
		expect(server.calls()).toEqual([]);
	});

	test.each(["reset", "rejoin", "agent"])(
		"gets the older release and its files in the phase %s, and counts as converged",
		(phase) => {
			const server = new Server();
			server.runs(newer);
			expect(server.run(phase, version, `${decided}`, "kept", "cp1,cp2", "server")).toContain(
				`installed RKE2 ${version}`,
			);
			const calls = server.calls();
			expect(calls.indexOf("killall")).toBeLessThan(calls.findIndex((call) => call.includes(" start --no-block ")));
			expect(calls).toContain(`gate ${phase === "agent" ? "agent" : "server"} ${version}`);
			expect(server.file("config.yaml")).toContain("of: the stack file");
			expect(server.file("installed")).toBe(version);
			expect(server.file("applied")).toMatch(/^[0-9a-f]{64}$/);
		},
	);

	test("starts the older release only with its files, also when a run ended between the two", () => {
		const server = new Server();
		server.runs(newer);
		rmSync(join(server.directory, "installed"));
		server.run("agent", version, `${decided}`);
		expect(server.file("config.yaml")).toContain("of: the stack file");
		expect(server.file("installed")).toBe(version);
	});

	test("has its release again, with its old data, when RKE2 cannot restore", () => {
		const server = new Server();
		server.runs(newer);
		writeFileSync(join(server.directory, "broken"), "");
		expect(server.run("reset", version, `${decided}`, "kept", "cp1,cp2", "server")).toContain(
			"RKE2 cannot restore kept",
		);
		expect([server.data(), server.file("installed")]).toEqual(["old", newer]);
	});
});

test("a worker with the wanted minor keeps its release, its files and its pods", () => {
	const server = new Server();
	server.runs("v1.35.6+rke2r1");
	server.run("agent", version, `${decided}`);
	expect(server.calls()).not.toContain("killall");
	expect([server.file("installed"), server.file("applied")]).toEqual(["v1.35.6+rke2r1", "of before"]);
	expect(server.file("config.yaml")).not.toContain("of: the stack file");
});
