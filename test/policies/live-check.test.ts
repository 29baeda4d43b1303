import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** As the node calls itself in what it prints. */
const node = hostname().split(".")[0];
const script = fileURLToPath(new URL("../../policies/live/check-node.sh", import.meta.url));
let directory: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "live-"));
	for (const [name, mode] of Object.entries({ "a.key": 0o600, "b.key": 0o640, "c.crt": 0o644 })) {
		writeFileSync(join(directory, name), "");
		chmodSync(join(directory, name), mode);
	}
});
afterEach(() => rmSync(directory, { recursive: true }));

function check(role: string, ...rows: string[][]) {
	const input = rows.map((row) => row.join("\t")).join("\n");
	const { status, stdout, stderr } = spawnSync("sh", [script, role], {
		input: `# comment\n${input}\n`,
		encoding: "utf8",
	});
	return { status, lines: stdout.trim().split("\n"), stderr };
}

test("files within their mode pass", () => {
	expect(check("server", ["1.1.20", "server", "mode", "644", `${directory}/*`])).toMatchObject({
		status: 0,
		lines: ["a.key 600", "b.key 640", "c.crt 644"].map((file) => `${node} 1.1.20 pass ${directory}/${file}`),
	});
});

test("a file with one bit more than its mode fails, and only that one", () => {
	expect(check("server", ["1.1.21", "server", "mode", "600", `${directory}/*.key`])).toMatchObject({
		status: 1,
		lines: [`${node} 1.1.21 pass ${directory}/a.key 600`, `${node} 1.1.21 fail ${directory}/b.key 640`],
	});
});

test("a file of another owner fails", () => {
	const { status, lines } = check("agent", ["4.1.8", "any", "owner", "nobody:nogroup", `${directory}/c.crt`]);
	expect(status).toBe(1);
	expect(lines).toEqual([expect.stringContaining(`${node} 4.1.8 fail ${directory}/c.crt ${userInfo().username}:`)]);
});

test("what is not there is neither right nor wrong, and rows of the other role are left out", () => {
	const absent = ["4.1.3", "any", "mode", "600", `${directory}/none`];
	expect(check("agent", absent, ["1.1.21", "server", "mode", "600", `${directory}/b.key`])).toMatchObject({
		status: 0,
		lines: [`${node} 4.1.3 absent ${directory}/none -`],
	});
});

test("an unknown role is refused with the usage", () => {
	expect(check("worker")).toMatchObject({
		status: 2,
		stderr: "Usage: cat files.tsv arguments.tsv | check-node.sh server|agent\n",
	});
});

describe("arguments of a component that runs", () => {
	/** Of a name that no real one has. */
	const component = "kube-pretender-of-tests";
	const given = ["--profiling=false", "--plugins=A,B", "--plugins=C", "--maxage=30", "--bare", "--ciphers=X,Y"];
	const repeated = ["--mode=strict", "--mode=open", "--log=/var/log/audit", "--log=", "--token_file=/x"];
	let child: ChildProcess;
	beforeEach(async () => {
		symlinkSync("/bin/sh", join(directory, component));
		child = spawn(join(directory, component), ["-c", "echo; read -r line", "--", ...given, ...repeated]);
		await once(child.stdout!, "data");
	});
	afterEach(() => child.kill());

	test.each<[what: string, allowed: string, argument: string, result: string]>([
		["is", "false", "profiling", "pass"],
		["is", "true", "profiling", "fail"],
		["is", "true", "bare", "pass"],
		["is", "true", "other", "fail"],
		["not", "true", "profiling", "pass"],
		["not", "false", "profiling", "fail"],
		["not", "false", "other", "pass"],
		["has", "C", "plugins", "pass"],
		["has", "AB", "plugins", "fail"],
		["lacks", "D", "plugins", "pass"],
		["lacks", "B", "plugins", "fail"],
		["among", "X,Y,Z", "ciphers", "pass"],
		["among", "X,Z", "ciphers", "fail"],
		["among", "X", "other", "fail"],
		["min", "30", "maxage", "pass"],
		["min", "31", "maxage", "fail"],
		["min", "1", "other", "fail"],
		["set", "-", "maxage", "pass"],
		["set", "-", "other", "fail"],
		["unset", "-", "other", "pass"],
		["unset", "-", "maxage", "fail"],
		["is", "open", "mode", "pass"],
		["is", "strict", "mode", "fail"],
		["set", "-", "log", "fail"],
		["set", "-", "token-file", "pass"],
		["unset", "-", "token-file", "fail"],
	])("%s %s: %s is a %s", (what, allowed, argument, result) => {
		const { status, lines } = check("server", ["1.2.1", "server", what, allowed, `${component}:${argument}`]);
		expect(lines).toEqual([expect.stringMatching(`^${node} 1\\.2\\.1 ${result} ${component}:${argument} `)]);
		expect(status).toBe(result === "pass" ? 0 : 1);
	});

	test("one that does not run is absent", () => {
		expect(check("server", ["1.2.1", "server", "is", "false", "kube-nobody:profiling"])).toMatchObject({
			status: 0,
			lines: [`${node} 1.2.1 absent kube-nobody:profiling -`],
		});
	});
});

test("a word that the tables do not have is refused", () => {
	expect(check("server", ["1.2.1", "server", "equals", "false", "kube-apiserver:profiling"])).toMatchObject({
		status: 2,
		stderr: "The table says equals of 1.2.1, which is none of its words.\n",
	});
});
