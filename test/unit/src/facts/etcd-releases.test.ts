import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { etcdOf, lastWithEtcd35 } from "../../../../src/facts/etcd-releases.ts";
import { parseVersion } from "../../../../src/rke2/version.ts";

const script = fileURLToPath(new URL("../../../../src/rke2/scripts/unsupported.sh", import.meta.url));

/** Rows of https://docs.rke2.io/release-notes. */
test.each([
	["v1.32.9+rke2r1", "3.5"],
	["v1.33.6+rke2r1", "3.5"],
	["v1.33.7+rke2r1", "3.5"],
	["v1.33.7+rke2r3", "safe 3.5"],
	["v1.33.8+rke2r1", "safe 3.5"],
	[lastWithEtcd35, "safe 3.5"],
	["v1.33.11+rke2r1", "3.6"],
	["v1.34.1+rke2r1", "3.6"],
	["v1.36.3+rke2r1", "3.6"],
])("RKE2 %s brings etcd %s, by the program and by the script of a node", (version, etcd) => {
	expect(etcdOf(parseVersion(version))).toBe(etcd);
	const { stdout } = spawnSync("bash", ["-c", `STATE=/nowhere; . "$1"; etcd_of "$2"`, "bash", script, version], {
		encoding: "utf8",
	});
	expect(stdout).toBe(`${etcd}\n`);
});
