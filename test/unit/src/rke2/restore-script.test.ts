/** restore.sh with programs of the test in place of RKE2 and systemd: what it refuses, and what a second run does. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

const scripts = new URL("../../../../src/rke2/scripts/", import.meta.url).pathname;
const token = "t0ken";
const bootstrap = `/bootstrap/${createHash("sha256").update(token).digest("hex").slice(0, 12)}`;
const certificate = "MIIBeDCCAR2gAwIBAgIBADAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlya2UyLXNl";
const version = "v1.35.7+rke2r1";
/** Names a restore. */
const decided = 1_000_000_000;

/** Records each call. `rke2` restores as RKE2 does: it moves the old data aside first. */
const programs = {
	systemctl: 'echo "systemctl $*" >>$LOG; [ "$1" != is-active ]',
	"rke2-killall.sh": "echo killall >>$LOG",
	kubectl: `echo "kubectl $*" >>$LOG
		case $* in *get*) printf 'secret/%s.node-password.rke2\n' cp1 cp2 w1; echo secret/other ;; esac`,
	rke2: `echo "rke2 $*" >>$LOG; cd $RKE2_DATA/server/db; mv etcd etcd-old-$(($(ls | grep -c etcd-old) + 1)); mkdir etcd; echo new >etcd/data
		if { : >&9; } 2>/dev/null; then echo "holds the lock" >>$LOG; fi
		if [ -e $RKE2_DATA/broken ]; then echo "no space left on device"; exit 1; fi
		echo "Managed etcd cluster membership has been reset, restart without --cluster-reset flag now."`,
};

class Server {
	readonly directory = mkdtempSync(join(tmpdir(), "restore-script-test-"));
	readonly db = join(this.directory, "server/db");

	constructor() {
		onTestFinished(() => rmSync(this.directory, { recursive: true }));
		const bin = join(this.directory, "bin");
		for (const folder of ["bin", "toolkit", "server/tls", "server/db/etcd", "server/db/snapshots", "server/db/tmp"]) {
			mkdirSync(join(this.directory, folder), { recursive: true });
		}
		for (const name of ["lib.sh", "let-go.sh", "snapshot.sh", "restore.sh"]) {
			const text = readFileSync(join(scripts, name), "utf8").replaceAll("/usr/local/bin/", `${bin}/`);
			writeFileSync(join(this.directory, "toolkit", name), text, { mode: 0o755 });
		}
		// What the cluster would answer is no part of these tests.
		const constants = ["STATE", "RKE2_CONFIG", "RKE2_DATA", "MANIFESTS"]
			.map((name) => `${name}=${this.directory}`)
			.join("\n");
		const answers =
			'export LOG=$STATE/log RKE2_DATA\ngate() { echo "gate $*" >>$LOG; }\noffer_to_hold_address() { :; }\n';
		const lib = join(this.directory, "toolkit/lib.sh");
		writeFileSync(lib, `${constants}\n${readFileSync(lib, "utf8")}${answers}`);
		for (const [name, text] of Object.entries(programs)) {
			writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
		}
		writeFileSync(join(this.directory, "config.yaml"), "server: https://10.0.0.9:9345\nprofile: cis\n");
		writeFileSync(join(this.directory, "token"), `K10${"a".repeat(64)}::server:${token}\n`);
		writeFileSync(join(this.directory, "installed"), `${version}\n`);
		writeFileSync(join(this.directory, "server/tls/server-ca.crt"), `-----BEGIN\nfirst\n${certificate}\n`);
		writeFileSync(join(this.db, "etcd/data"), "old\n");
		writeFileSync(join(this.directory, "member"), "");
		this.save("kept", snapshot({}));
	}

	save(name: string, content: Buffer): void {
		writeFileSync(join(this.db, "snapshots", name), content);
	}

	/** Standard error of the phase, with the status in front when it failed. */
	run(...args: string[]): string {
		const environment = { ...process.env, PATH: `${join(this.directory, "bin")}:${process.env.PATH}` };
		const script = join(this.directory, "toolkit/restore.sh");
		const { status, stderr } = spawnSync(script, ["cp1", ...args], { encoding: "utf8", env: environment });
		return status === 0 ? stderr : `${status}: ${stderr}`;
	}

	check(name: string, wanted = version): string {
		return this.run("check", wanted, name);
	}

	/** The calls since the last question. */
	calls(): string[] {
		const file = join(this.directory, "log");
		const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
		rmSync(file, { force: true });
		return lines;
	}

	data(): string {
		return readFileSync(join(this.db, "etcd/data"), "utf8").trim();
	}
}

/** As etcd writes it: blocks of 512 bytes, then their digest. */
function snapshot({
	line = certificate,
	keys = bootstrap,
	kubelets = ["v1.34.10+rke2r1", version],
	sealed = true,
}): Buffer {
	const nodes = kubelets.map((kubelet) => `\x3a${String.fromCharCode(kubelet.length)}${kubelet}\x42\x00`);
	// A version in another object, such as a plan for an upgrade, does not count.
	const content = Buffer.alloc(4096);
	content.write(`${line}\n${keys} ${nodes.join("....")} plan v1.99.0+rke2r1 `, "latin1");
	const digest = createHash("sha256").update(content).digest();
	return Buffer.concat([content, sealed ? digest : Buffer.alloc(32)]);
}

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

	test("refuses a machine that is no member yet", () => {
		const server = new Server();
		rmSync(join(server.directory, "member"));
		expect(server.run("ask", version)).toMatch(/has not been a member of the cluster yet/);
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
		server.run("reset", version, `${decided}`, "kept");
		const calls = server.calls();
		const [reset, ...more] = calls.slice(calls.findIndex((call) => call.startsWith("rke2 ")));
		expect(calls.slice(0, calls.indexOf(reset!))).toContain("killall");
		expect(reset).toBe(
			`rke2 server --config=${server.directory}/reset.yaml --cluster-reset --cluster-reset-restore-path=${server.db}/snapshots/kept --etcd-s3=false`,
		);
		expect(readFileSync(join(server.directory, "reset.yaml"), "utf8")).toBe("profile: cis\n");
		expect(readFileSync(join(server.directory, "config.yaml"), "utf8")).toContain("server: ");
		expect(more).toContain("gate server v1.35.7+rke2r1");
		expect(more).not.toContain("holds the lock");
		expect(more.at(-1)).toMatch(
			/ delete --ignore-not-found secret\/cp2\.node-password\.rke2 secret\/w1\.node-password\.rke2$/,
		);
		expect(server.data()).toBe("new");
		server.run("reset", version, `${decided}`, "kept");
		expect(server.calls().filter((call) => call.startsWith("rke2 "))).toEqual([]);
	});

	test("has its old data again when RKE2 cannot restore", () => {
		const server = new Server();
		writeFileSync(join(server.directory, "broken"), "");
		expect(server.run("reset", version, `${decided}`, "kept")).toMatch(
			/no space left on device\ncp1: restore: RKE2 cannot restore kept; above are its last words\. All servers are stopped and have their data from before/,
		);
		expect([server.data(), readdirSync(server.db).sort()]).toEqual(["old", ["etcd", "snapshots", "tmp"]]);
		expect(server.calls().filter((call) => call.startsWith("gate"))).toEqual([]);
	});

	test("has its old data again when an attempt was killed before the one that failed", () => {
		const server = new Server();
		// As RKE2 leaves the data in the middle of a restore.
		server.run("reset", version, `${decided}`, "kept");
		rmSync(join(server.directory, "restore"));
		writeFileSync(join(server.directory, "broken"), "");
		expect(server.run("reset", version, `${decided}`, "kept")).toContain("RKE2 cannot restore kept");
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

test("a worker that has not joined yet has no part in a restore", () => {
	const server = new Server();
	rmSync(join(server.directory, "member"));
	expect(server.run("agent", version, `${decided}`)).toBe("");
	expect(server.calls()).toEqual([]);
});
