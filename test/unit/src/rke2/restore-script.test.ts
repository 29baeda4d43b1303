/** restore.sh with programs of the test in place of RKE2 and systemd: what it refuses, and what a second run does. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decided, Server, snapshot, version } from "./restored-server.ts";

describe("the check", () => {
	test("accepts a snapshot of this cluster and of the same or an older minor", () => {
		const server = new Server();
		expect(server.check("kept")).toBe("");
		expect(server.check("kept", "v1.36.0+rke2r1")).toBe("");
	});

	test.each([
		["absent", undefined, /absent is not in \S+ of this server, so nothing was changed; it has: kept$/],
		["empty", Buffer.alloc(0), /empty is empty, so nothing was changed; choose another one of: kept$/],
		["damaged", snapshot({ sealed: false }), /damaged is damaged: its content does not have the digest at its end/],
		["cut", snapshot({}).subarray(0, 1000), /cut is damaged/],
		[
			"foreign",
			snapshot({ line: "another" }),
			/foreign is of another cluster: it does not have this cluster's certificate/,
		],
		[
			"older",
			snapshot({ keys: "/bootstrap/0123456789ab" }),
			/older is from before a rotation of clusterToken: .*; choose a later one of: kept older$/,
		],
		["bare", snapshot({ kubelets: [] }), /bare has no node, so nothing was changed/],
		[
			"newer",
			snapshot({ kubelets: ["v1.36.1+rke2r1"] }),
			/newer is of v1\.36\.1\+rke2r1, a newer minor than cluster\.version v1/,
		],
	])("refuses one that is %s", (name, content, sentence) => {
		const server = new Server();
		if (content) {
			server.save(name, content);
		}
		const [line, ...more] = server.check(name).trim().split("\n");
		expect(line).toMatch(sentence);
		expect(line).toMatch(/^1: cp1: restore: cluster\.restore\.snapshot /);
		expect([more, server.calls(), server.data()]).toEqual([[], [], "old"]);
	});

	test("refuses one of etcd 3.6 for a release with etcd 3.5", () => {
		const server = new Server();
		server.save("late", snapshot({ kubelets: ["v1.33.11+rke2r1"] }));
		expect(server.check("late", "v1.33.10+rke2r3")).toContain(
			"late is of v1.33.11+rke2r1 with etcd 3.6, and the etcd 3.5 of cluster.version v1.33.10+rke2r3 cannot read it; nothing was changed",
		);
	});

	test("refuses a machine that is no member yet", () => {
		const server = new Server();
		rmSync(join(server.directory, "member"));
		expect(server.check("kept")).toMatch(/has not been a member of the cluster yet/);
	});
});

describe("a server", () => {
	test("is disabled and killed before the restore", () => {
		const server = new Server();
		expect(server.run("stop", version, `${decided}`)).toContain("stopping RKE2");
		expect(server.calls().slice(0, 3)).toEqual([
			"systemctl --quiet disable rke2-server.service",
			"systemctl stop keepalived.service",
			"killall",
		]);
	});

	test("restores without its server URL, and not again in a second run", () => {
		const server = new Server();
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2");
		const calls = server.calls();
		const [reset, ...more] = calls.slice(calls.findIndex((call) => call.startsWith("rke2 ")));
		expect(calls.slice(0, calls.indexOf(reset!))).toContain("killall");
		expect(reset).toBe(
			`rke2 server --config=${server.directory}/reset.yaml --cluster-reset --cluster-reset-restore-path=${server.db}/snapshots/kept --etcd-s3=false`,
		);
		expect(readFileSync(join(server.directory, "reset.yaml"), "utf8")).toBe(
			"cluster-cidr: 10.42.0.0/16\nprofile: cis\n",
		);
		expect(readFileSync(join(server.directory, "config.yaml"), "utf8")).toContain("server: ");
		expect(more).toContain("gate server v1.35.7+rke2r1");
		expect(more).not.toContain("holds the lock");
		expect(more.at(-1)).toMatch(
			/ delete --ignore-not-found secret\/cp2\.node-password\.rke2 secret\/w1\.node-password\.rke2$/,
		);
		expect(server.data()).toBe("new");
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2");
		expect(server.calls().filter((call) => call.startsWith("rke2 "))).toEqual([]);
	});

	test("forgets each server of the snapshot that does not join again, with its pods", () => {
		const server = new Server();
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2");
		const deletions = server.calls().filter((call) => call.includes(" delete node") || call.includes(" delete pods"));
		expect(deletions.map((call) => call.replace(/^.* delete /, ""))).toEqual([
			"node lost --ignore-not-found --timeout 60s",
			"pods --all-namespaces --field-selector spec.nodeName=lost --ignore-not-found --force --grace-period 0",
		]);
	});

	test("has its old data again when RKE2 cannot restore", () => {
		const server = new Server();
		writeFileSync(join(server.directory, "broken"), "");
		expect(server.run("reset", version, `${decided}`, "kept", "cp1,cp2")).toMatch(
			/no space left on device\ncp1: restore: RKE2 cannot restore kept; above are its last words\. All servers are stopped and have their data from before/,
		);
		expect([server.data(), readdirSync(server.db).sort()]).toEqual(["old", ["etcd", "snapshots", "tmp"]]);
		expect(server.calls().filter((call) => call.startsWith("gate"))).toEqual([]);
	});

	test("has its old data again when an attempt was killed before the one that failed", () => {
		const server = new Server();
		// As RKE2 leaves the data in the middle of a restore.
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2");
		rmSync(join(server.directory, "restore"));
		writeFileSync(join(server.directory, "broken"), "");
		expect(server.run("reset", version, `${decided}`, "kept", "cp1,cp2")).toContain("RKE2 cannot restore kept");
		expect([server.data(), readdirSync(server.db).sort()]).toEqual(["old", ["etcd", "snapshots", "tmp"]]);
	});

	test("deletes all its data but the snapshots before it joins again, and once only", () => {
		const server = new Server();
		server.run("rejoin", version, `${decided}`);
		expect(server.calls().slice(0, 3)).toContain("killall");
		expect(readdirSync(server.db)).toEqual(["snapshots"]);
		expect(readdirSync(join(server.db, "snapshots"))).toEqual(["kept"]);
		// RKE2 has begun to join when the run ends.
		mkdirSync(join(server.db, "etcd"));
		server.run("rejoin", version, `${decided}`);
		expect(readdirSync(server.db).sort()).toEqual(["etcd", "snapshots"]);
	});
});

describe("a machine that is no member", () => {
	const made = () => {
		const server = new Server();
		rmSync(join(server.directory, "member"));
		return server;
	};

	test("is not counted among the members, and is left alone while it has no release", () => {
		const server = made();
		rmSync(join(server.directory, "installed"));
		rmSync(join(server.directory, "bin/rke2-killall.sh"));
		expect(server.output("ask", version)).toBe("");
		expect(new Server().output("ask", version)).toBe("cp1\n");
		for (const phase of ["stop", "rejoin"]) {
			expect(server.run(phase, version, `${decided}`)).toBe("");
		}
		expect([server.calls(), server.data()]).toEqual([[], "old"]);
	});

	test("stops and loses its data when a run ended while it joined", () => {
		const server = made();
		expect(server.run("stop", version, `${decided}`)).toContain("stopping RKE2");
		server.run("rejoin", version, `${decided}`);
		expect(readdirSync(server.db)).toEqual(["snapshots"]);
		expect(server.calls().some((call) => call.includes(" start "))).toBe(false);
	});
});

test("a worker that has not joined yet has no part in a restore", () => {
	const server = new Server();
	rmSync(join(server.directory, "member"));
	expect(server.run("agent", version, `${decided}`)).toBe("");
	expect(server.calls()).toEqual([]);
});
