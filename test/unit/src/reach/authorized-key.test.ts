/** The script that adds a public key on a node, or removes it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = readFileSync(new URL("../../../../src/reach/authorized-key.sh", import.meta.url), "utf8");
const [old, now] = ["ssh-ed25519 AAAAold+/", "ssh-ed25519 AAAAnew+/"];

/** @returns the authorized keys after each change; blank lines are left out */
function run(before: string, ...changes: ["add" | "remove", string][]) {
	const home = mkdtempSync(join(tmpdir(), "authorized-key-"));
	onTestFinished(() => rmSync(home, { recursive: true }));
	mkdirSync(join(home, ".ssh"));
	const file = join(home, ".ssh/authorized_keys");
	writeFileSync(file, before, { mode: 0o600 });
	for (const [change, key] of changes) {
		const { status, stderr } = spawnSync("bash", ["-s", "--", change], {
			input: `${script}${key}\n`,
			env: { ...process.env, HOME: home },
			encoding: "utf8",
		});
		expect([status, stderr]).toEqual([0, ""]);
	}
	expect(statSync(file).mode & 0o777).toBe(0o600);
	expect(readdirSync(join(home, ".ssh"))).toEqual(["authorized_keys"]);
	return readFileSync(file, "utf8")
		.split("\n")
		.filter((line) => line !== "");
}

test("authorized-key.sh adds a key once, also after a last line without its end", () => {
	expect(run(`${old} program`, ["add", now], ["add", now])).toEqual([`${old} program`, now]);
});

test("authorized-key.sh removes a key with its comment, and no other key", () => {
	expect(run(`# people\n${old} program\n${now}\n`, ["remove", old])).toEqual(["# people", now]);
});

test("authorized-key.sh removes the last key, and one that is not there", () => {
	expect(run(`${old}\n`, ["remove", now], ["remove", old])).toEqual([]);
});
