/** lib.sh deletes tarballs of releases that no change goes back to. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("../../../../src/rke2/scripts/lib.sh", import.meta.url));

function filesAfter(installed: string, previous: string | undefined, files: string[]): string[] {
	const state = mkdtempSync(join(tmpdir(), "old-releases-test-"));
	onTestFinished(() => rmSync(state, { recursive: true }));
	const releases = join(state, "releases");
	mkdirSync(releases);
	writeFileSync(join(state, "installed"), `${installed}\n`);
	if (previous !== undefined) {
		writeFileSync(join(state, "previous"), `${previous}\n`);
	}
	for (const file of files) {
		writeFileSync(join(releases, file), "");
	}
	const text = `STATE=$1; . "$2"; forget_old_releases`;
	const { status, stderr } = spawnSync("bash", ["-c", text, "bash", state, script], { encoding: "utf8" });
	expect(stderr).toBe("");
	expect(status).toBe(0);
	return readdirSync(releases).sort();
}

test.each([
	[
		"an upgrade keeps the release before it",
		"v3",
		"v2",
		["v1.tar.gz", "v2.tar.gz", "v3.tar.gz"],
		["v2.tar.gz", "v3.tar.gz"],
	],
	["a node that went back keeps the newer release", "v1", "v2", ["v1.tar.gz", "v2.tar.gz"], ["v1.tar.gz", "v2.tar.gz"]],
	[
		"a release that was never installed goes",
		"v4",
		"v2",
		["v2.tar.gz", "v3.tar.gz", "v4.tar.gz"],
		["v2.tar.gz", "v4.tar.gz"],
	],
	[
		"a download that was cut short goes",
		"v2",
		"v1",
		["v1.tar.gz", "v2.tar.gz", "v3.tar.gz.partial"],
		["v1.tar.gz", "v2.tar.gz"],
	],
	[
		"everything stays while the release before is unknown",
		"v2",
		undefined,
		["v1.tar.gz", "v2.tar.gz"],
		["v1.tar.gz", "v2.tar.gz"],
	],
	["a directory that a person has emptied is no error", "v2", "v1", [], []],
])("%s", (_, installed, previous, files, expected) => {
	expect(filesAfter(installed, previous, files)).toEqual(expected);
});
