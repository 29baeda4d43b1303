import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { list } from "tar";
import { afterAll, expect, test } from "vitest";
import { buildRelease } from "../../../../../rehearsal/doubles/rke2/release/release.ts";
import { rke2Version } from "./fixture.ts";

const directory = mkdtempSync(join(tmpdir(), "rke2-release-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("a release has the files of RKE2's own and a right checksum file", async () => {
	const { tarball, sha256 } = await buildRelease({ version: rke2Version, directory });
	expect(tarball).toBe(join(directory, rke2Version, "rke2.linux-amd64.tar.gz"));
	expect(createHash("sha256").update(readFileSync(tarball)).digest("hex")).toBe(sha256);
	expect(readFileSync(join(dirname(tarball), "sha256sum-amd64.txt"), "utf8")).toBe(
		`${sha256}  rke2.linux-amd64.tar.gz\n`,
	);
	const entries = new Map<string, number>();
	await list({ file: tarball, onReadEntry: (entry) => entries.set(entry.path, (entry.mode ?? 0) & 0o777) });
	expect(entries.get("bin/rke2")).toBe(0o755);
	expect(entries.get("bin/rke2-killall.sh")).toBe(0o755);
	expect(entries.get("bin/rke2-uninstall.sh")).toBe(0o755);
	expect(entries.get("lib/systemd/system/rke2-server.service")).toBe(0o644);
	expect(entries.get("lib/systemd/system/rke2-agent.service")).toBe(0o644);
	expect(entries.get("share/rke2/rke2-cis-sysctl.conf")).toBe(0o644);
});

test("a release has the same bytes when its sources are the same", async () => {
	const [first, second] = await Promise.all(
		["first", "second"].map((name) => buildRelease({ version: rke2Version, directory: join(directory, name) })),
	);
	expect(second!.sha256).toBe(first!.sha256);
});
