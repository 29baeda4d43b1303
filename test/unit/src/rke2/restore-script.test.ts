/** restore.sh with programs of the test in place of RKE2 and systemd: what it refuses, and what a second run does. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

describe("the check of a snapshot in the S3 store", () => {
	test("downloads it, looks at it, and gives it to the restore, which deletes it", () => {
		const server = new Server();
		server.store("stored-1", snapshot({}));
		expect(server.checkStored("stored-1")).toBe("cp1: restore: downloading the snapshot stored-1 from the S3 store\n");
		const [download] = server.calls();
		expect(download).toContain("curl --config - --silent --show-error --cacert ");
		// An argument can be read by every user of the machine.
		expect(download).not.toContain("signed");
		server.run("reset", version, `${decided}`, "stored-1", "cp1", "s3");
		expect(server.calls().join("\n")).toContain(
			`--cluster-reset-restore-path=${server.directory}/snapshot-from-store/stored-1 --etcd-s3=false`,
		);
		expect(existsSync(join(server.directory, "snapshot-from-store"))).toBe(false);
	});

	test("refuses one that is not there, and names the others by their time", () => {
		const server = new Server();
		server.store("b-200", snapshot({}));
		server.store("c-100", snapshot({}));
		expect(server.checkStored("absent")).toContain(
			"cluster.restore.snapshot absent is not in the S3 store of cluster.etcdSnapshots.s3, so nothing was changed; it has: c-100 b-200\n",
		);
	});

	test.each([
		["unreachable", "cannot be read, so nothing was changed: curl: (7) Failed to connect to s3.internal"],
		[
			"refused",
			"answers 403 SignatureDoesNotMatch, so nothing was changed: Check your key; look at its keys, and at etcdS3AccessKey and etcdS3SecretKey",
		],
	])("refuses when the store is %s", (state, sentence) => {
		const server = new Server();
		server.store("stored-1", snapshot({}));
		writeFileSync(join(server.directory, state), "");
		expect(server.checkStored("stored-1")).toContain(`the S3 store of cluster.etcdSnapshots.s3 ${sentence}\n`);
	});

	test.each([
		["empty", Buffer.alloc(0), "is empty, so nothing was changed; choose another one\n"],
		["damaged", snapshot({ sealed: false }), "so nothing was changed; choose another one\n"],
		["foreign", snapshot({ line: "another" }), "is of another cluster: "],
	])("refuses one that is %s", (name, content, sentence) => {
		const server = new Server();
		server.store(name, content);
		expect(server.checkStored(name)).toMatch(/^1: /);
		expect(server.checkStored(name)).toContain(sentence);
		expect(server.data()).toBe("old");
	});

	test("accepts a new machine, which has only the digest of the cluster's authority, and restores there", () => {
		const server = new Server();
		const pem = `-----BEGIN CERTIFICATE-----\nMIIB\nabc=\n-----END CERTIFICATE-----\n`;
		server.becomeNew(pem);
		server.store("stored-1", snapshot({ line: `\0${pem}\0` }));
		server.store("foreign-1", snapshot({ line: `\0${pem.replace("abc", "xyz")}\0` }));
		expect(server.checkStored("foreign-1")).toContain("foreign-1 is of another cluster");
		expect(server.checkStored("stored-1")).toBe("cp1: restore: downloading the snapshot stored-1 from the S3 store\n");
		expect(server.run("check", version, "stored-1", "server")).toContain("has not been a member of the cluster yet");
		server.calls();
		expect(server.run("stop", version, `${decided}`)).toBe("");
		expect(server.run("reset", version, `${decided}`, "stored-1", "cp1", "s3")).toContain(
			"has the state of the snapshot",
		);
		expect([server.data(), server.file("installed")]).toEqual(["new", version]);
	});

	test("goes by the proxy of the stack file", () => {
		const server = new Server();
		server.store("stored-1", snapshot({}));
		writeFileSync(
			join(server.directory, "bin/curl"),
			'#!/bin/bash\necho "$https_proxy but $no_proxy" >>$LOG; exit 5\n',
		);
		server.checkStored("stored-1", "http://proxy:3128", ".svc,10.0.0.0/8");
		expect(server.calls()).toEqual(["http://proxy:3128 but .svc,10.0.0.0/8"]);
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
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2", "server");
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
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2", "server");
		expect(server.calls().filter((call) => call.startsWith("rke2 "))).toEqual([]);
	});

	test("forgets each server of the snapshot that does not join again, with its pods", () => {
		const server = new Server();
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2", "server");
		const deletions = server.calls().filter((call) => call.includes(" delete node") || call.includes(" delete pods"));
		expect(deletions.map((call) => call.replace(/^.* delete /, ""))).toEqual([
			"node lost --ignore-not-found --timeout 60s",
			"pods --all-namespaces --field-selector spec.nodeName=lost --ignore-not-found --force --grace-period 0",
		]);
	});

	test("lets everybody write Secrets again, which a snapshot of the time of a rotation forbids", () => {
		const server = new Server();
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2", "server");
		expect(server.calls().filter((call) => call.includes("validatingadmissionpolicy"))).toEqual([
			expect.stringMatching(
				/ delete validatingadmissionpolicybinding,validatingadmissionpolicy key-rotation --ignore-not-found$/,
			),
		]);
	});

	test("keeps its data when the snapshot is gone since the check", () => {
		const server = new Server();
		expect(server.run("reset", version, `${decided}`, "gone", "cp1", "server")).toContain(
			"the snapshot gone is no longer on this server",
		);
		expect(server.data()).toBe("old");
	});

	test("has its old data again when RKE2 cannot restore", () => {
		const server = new Server();
		writeFileSync(join(server.directory, "broken"), "");
		expect(server.run("reset", version, `${decided}`, "kept", "cp1,cp2", "server")).toMatch(
			/no space left on device\ncp1: restore: RKE2 cannot restore kept; above are its last words\. All servers are stopped and have their data from before/,
		);
		expect([server.data(), readdirSync(server.db).sort()]).toEqual(["old", ["etcd", "snapshots", "tmp"]]);
		expect(server.calls().filter((call) => call.startsWith("gate"))).toEqual([]);
	});

	test("has its old data again when an attempt was killed before the one that failed", () => {
		const server = new Server();
		// As RKE2 leaves the data in the middle of a restore.
		server.run("reset", version, `${decided}`, "kept", "cp1,cp2", "server");
		rmSync(join(server.directory, "restore"));
		writeFileSync(join(server.directory, "broken"), "");
		expect(server.run("reset", version, `${decided}`, "kept", "cp1,cp2", "server")).toContain(
			"RKE2 cannot restore kept",
		);
		expect([server.data(), readdirSync(server.db).sort()]).toEqual(["old", ["etcd", "snapshots", "tmp"]]);
	});

	test("deletes all its data but the snapshots before it joins again, and once only", () => {
		const server = new Server();
		mkdirSync(join(server.directory, "server/cred"));
		for (const file of ["encryption-config.json", "encryption-state.json", "passwd"]) {
			writeFileSync(join(server.directory, "server/cred", file), "");
		}
		server.run("rejoin", version, `${decided}`);
		expect(server.calls().slice(0, 3)).toContain("killall");
		expect(readdirSync(server.db)).toEqual(["snapshots"]);
		expect(readdirSync(join(server.db, "snapshots"))).toEqual(["kept"]);
		// Those of a rotation after the snapshot.
		expect(readdirSync(join(server.directory, "server/cred"))).toEqual(["passwd"]);
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
