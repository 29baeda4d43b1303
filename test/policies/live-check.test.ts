import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

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
		lines: ["a.key 600", "b.key 640", "c.crt 644"].map((file) => `1.1.20 pass ${directory}/${file}`),
	});
});

test("a file with one bit more than its mode fails, and only that one", () => {
	expect(check("server", ["1.1.21", "server", "mode", "600", `${directory}/*.key`])).toMatchObject({
		status: 1,
		lines: [`1.1.21 pass ${directory}/a.key 600`, `1.1.21 fail ${directory}/b.key 640`],
	});
});

test("a file of another owner fails", () => {
	const { status, lines } = check("agent", ["4.1.8", "any", "owner", "nobody:nogroup", `${directory}/c.crt`]);
	expect(status).toBe(1);
	expect(lines).toEqual([expect.stringContaining(`4.1.8 fail ${directory}/c.crt ${userInfo().username}:`)]);
});

test("what is not there is neither right nor wrong, and rows of the other role are left out", () => {
	const absent = ["4.1.3", "any", "mode", "600", `${directory}/none`];
	expect(check("agent", absent, ["1.1.21", "server", "mode", "600", `${directory}/b.key`])).toMatchObject({
		status: 0,
		lines: [`4.1.3 absent ${directory}/none -`],
	});
});

test("an unknown role is refused with the usage", () => {
	expect(check("worker")).toMatchObject({ status: 2, stderr: "Usage: check-node.sh server|agent < files.tsv\n" });
});
