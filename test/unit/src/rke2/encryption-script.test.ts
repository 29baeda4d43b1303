/** encryption.sh with programs of the test in place of RKE2, etcd and the API: what it refuses, and what a second run does. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const scripts = new URL("../../../../src/rke2/scripts/", import.meta.url).pathname;
const version = "v1.35.7+rke2r1";
const policy = "rke2-lab-key-rotation";

/** `curl` is port 9345: a rotation writes another configuration. The API server has started just now. */
const programs = {
	curl: `case $* in
		*encrypt/status*) printf '{"stage":"%s"%s}\\n200' "$(cat $RKE2_DATA/stage)" "$([ -e $RKE2_DATA/equal ] && echo ,\\"hashmatch\\":true)" ;;
		*encrypt/config*) echo "PUT $*" | sed 's/.*--data/PUT/' >>$LOG
			if [ -e $RKE2_DATA/broken ]; then [ "$(cat $RKE2_DATA/broken)" != half ] || echo both >$RKE2_DATA/server/cred/encryption-config.json; printf 'error ID 7\\n400'; exit; fi
			echo new >$RKE2_DATA/server/cred/encryption-config.json; echo reencrypt_finished >$RKE2_DATA/stage; rm -f $RKE2_DATA/equal; printf '\\n200' ;;
		esac`,
	kubectl: `case $* in
		*"auth whoami"*) echo system:rke2-supervisor ;;
		*"create secret"*) echo "denied by ${policy}"; exit 1 ;;
		*metrics*) echo "process_start_time_seconds 9e9" ;;
		*apply*) cat >>$RKE2_DATA/applied-policy; echo freeze >>$LOG ;;
		*delete*) echo thaw >>$LOG ;;
		*"get secrets"*) echo "list $*" | sed 's/.*--server/list/' >>$LOG; [ ! -e $RKE2_DATA/unreadable ] ;;
		esac`,
	systemctl: 'echo "systemctl $*" >>$LOG',
};

class Server {
	readonly directory = mkdtempSync(join(tmpdir(), "encryption-script-test-"));
	/** Output of the last phase for a person. */
	said = "";

	constructor() {
		onTestFinished(() => rmSync(this.directory, { recursive: true }));
		for (const folder of ["bin", "toolkit", "server/cred"]) {
			mkdirSync(join(this.directory, folder), { recursive: true });
		}
		const constants = ["STATE", "RKE2_CONFIG", "RKE2_DATA", "MANIFESTS"]
			.map((name) => `${name}=${this.directory}`)
			.concat(
				`TOOLKIT=${this.directory}/toolkit`,
				"API_PORT=6443",
				"FREEZE=key-rotation",
				"ROTATES_TO=rotates-to",
				"REGISTRATION_PORT=9345",
				"KEEPALIVED=/nowhere",
			);
		// What etcd and systemd would answer is no part of these tests.
		const answers: Record<string, string> = {
			"lib.sh": `export LOG=$STATE/log RKE2_DATA\ngate() { echo "gate $*" >>$LOG; }\noffer_to_hold_address() { :; }\nworks() { :; }\nlist_members() { printf '1 cp1 10.0.0.1 voter\\n2 cp2 10.0.0.2 voter\\n'; }\n`,
			"members.sh": `look_at_members() { voters=3 well=2 sick=$(cat $STATE/sick 2>/dev/null || true) next=''; }\nhand_over_leadership() { echo "hands over" >>$LOG; }\nis_settled() { :; }\n`,
			"save-snapshot.sh": `save_snapshot() { echo "saves etcd\${1:+, $1}" >>$LOG; not_stored=$(cat $STATE/not-stored 2>/dev/null || true); if [ "$1" = required ]; then fail "not stored"; fi; }\n`,
		};
		for (const name of ["lib.sh", "let-go.sh", "members.sh", "save-snapshot.sh", "encryption.sh"]) {
			const text = readFileSync(join(scripts, name), "utf8");
			const head = name === "lib.sh" ? `${constants.join("\n")}\n` : "";
			writeFileSync(join(this.directory, "toolkit", name), `${head}${text}${answers[name] ?? ""}`, { mode: 0o755 });
		}
		for (const [name, text] of Object.entries(programs)) {
			writeFileSync(join(this.directory, "bin", name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
		}
		this.write("token", "server\n");
		this.write("wanted", "file /etc/rancher/rke2/config.yaml 0600 root:root\n");
		this.write("config.yaml", "node-ip: 10.0.0.1\n");
		this.write("server/cred/encryption-config.json", "old\n");
		this.write("stage", "start\n");
		this.write("equal", "");
	}

	write(name: string, content: string): void {
		writeFileSync(join(this.directory, name), content);
	}

	/** What the phase did, in order, what it printed as its result, and its last sentence when it failed. */
	run(...args: string[]): { calls: string[]; result: string; error: string } {
		const environment = { ...process.env, PATH: `${join(this.directory, "bin")}:${process.env.PATH}` };
		const script = join(this.directory, "toolkit/encryption.sh");
		const { status, stdout, stderr } = spawnSync(script, ["cp1", ...args], { encoding: "utf8", env: environment });
		const log = join(this.directory, "log");
		const calls = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
		rmSync(log, { force: true });
		this.said = stderr;
		return { calls, result: stdout.trim(), error: status === 0 ? "" : stderr.trim().split("\n").at(-1)! };
	}
}

test("a rotation saves etcd and freezes Secrets for everybody but RKE2 before it begins", () => {
	const server = new Server();
	const { calls, result, error } = server.run("rotate", version, "2026-11");
	expect([calls, error]).toEqual([
		["saves etcd", "freeze", 'PUT {"stage":"rotate_keys"} https://127.0.0.1:9345/v1-rke2/encrypt/config'],
		"",
	]);
	expect(result).toMatch(/^[0-9a-f]{64}$/);
	const frozen = readFileSync(join(server.directory, "applied-policy"), "utf8");
	expect(frozen).toContain("expression: request.userInfo.username == 'system:rke2-supervisor'");
	expect(frozen).toContain('    rotates-to: "2026-11"\n');
});

test("a rotation stops before it freezes anything when the S3 store has to take the snapshot and does not", () => {
	const server = new Server();
	expect(server.run("rotate", version, "2026-11", "required")).toEqual({
		calls: ["saves etcd, required"],
		result: "",
		error: "cp1: encryption: not stored",
	});
});

test("a rotation goes on with a warning when the S3 store may fail", () => {
	const server = new Server();
	server.write("not-stored", "before-1");
	const { calls, result, error } = server.run("rotate", version, "2026-11");
	expect([calls.length, error]).toEqual([3, ""]);
	expect(result).toMatch(/^[0-9a-f]{64}$/);
	expect(server.said).toContain("cp1: the S3 store of cluster.etcdSnapshots.s3 did not take the snapshot before-1, ");
});

test("a second run rotates nothing, on a single server too, and prints the same digest", () => {
	const server = new Server();
	const { result } = server.run("rotate", version, "2026-11");
	expect(server.run("rotate", version, "2026-11")).toEqual({ calls: [], result, error: "" });
	server.write("equal", "");
	expect(server.run("rotate", version, "2026-11")).toEqual({ calls: [], result, error: "" });
	expect(server.run("rotate", version, "2026-12").calls).toHaveLength(3);
});

test("nothing is changed while a server is sick, or on a cluster that is made with the key", () => {
	const server = new Server();
	server.write("sick", "etcd of cp2 does not answer at 10.0.0.2");
	expect(server.run("rotate", version, "2026-11")).toEqual({
		calls: [],
		result: "",
		error:
			"cp1: encryption: etcd of cp2 does not answer at 10.0.0.2; the key is rotated only while every server works, so nothing was changed",
	});
	expect(server.run("rotate", version, "2026-11", "new")).toEqual({ calls: [], result: "", error: "" });
	for (const phase of ["follow", "finish"]) {
		expect(server.run(phase, version, "")).toEqual({ calls: [], result: "", error: "" });
	}
});

test("Secrets stay frozen when RKE2 fails after it has written the new key, and not when it has not", () => {
	const server = new Server();
	server.write("broken", "at once");
	const refused = server.run("rotate", version, "2026-11");
	expect(refused.error).toBe(
		"cp1: encryption: RKE2 has not rotated the key and answered error ID 7 400; its journal has the reason",
	);
	expect(refused.calls.at(-1)).toBe("thaw");
	server.write("broken", "half");
	expect(server.run("rotate", version, "2026-11").calls.at(-1)).toMatch(/^PUT/);
});

test("another server restarts and has the digest then, or the step fails", () => {
	const server = new Server();
	rmSync(join(server.directory, "equal"));
	const digest = "a".repeat(64);
	const { calls, error } = server.run("follow", version, digest);
	expect(calls.filter((call) => !call.startsWith("systemctl"))).toEqual(["hands over", `gate server ${version}`]);
	expect(calls).toContain("systemctl start --no-block rke2-server.service");
	expect(error).toContain("has another key than the server that rotated; run `up` again");
});

test("a server that joined after the rotation does not restart", () => {
	expect(new Server().run("follow", version, "a".repeat(64))).toEqual({ calls: [], result: "", error: "" });
});

test("a rotation that a restore has taken back ends with an error, and Secrets are free again", () => {
	const { calls, error } = new Server().run("finish", version, "a".repeat(64));
	expect(calls.at(-1)).toBe("thaw");
	expect(error).toBe(
		"cp1: encryption: a restore of etcd has taken this rotation back, so the former key is in use; give cluster.secretsEncryptionKey a name that it never had, and run `up` again",
	);
});

test("Secrets are free again once each API server has listed them", () => {
	const server = new Server();
	const config = readFileSync(join(server.directory, "server/cred/encryption-config.json"));
	const digest = createHash("sha256").update(config).digest("hex");
	const { calls, error } = server.run("finish", version, digest);
	expect(calls).toEqual([
		"list https://10.0.0.1:6443 get secrets --all-namespaces --output name",
		"list https://10.0.0.2:6443 get secrets --all-namespaces --output name",
		"thaw",
	]);
	expect(error).toBe("");
});
