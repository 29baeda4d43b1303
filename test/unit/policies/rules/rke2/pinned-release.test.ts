import { describe, expect, test } from "vitest";
import { rke2PinnedRelease } from "../../../../../policies/rules/rke2/pinned-release.ts";
import { unknown, violations } from "../../run-rule.ts";

const url = "https://mirror.lab.internal/v1.35.7%2Brke2r1/rke2.linux-amd64.tar.gz";
const command = (step: string, ...words: string[]) => ({
	type: "command:remote:Command",
	name: `proj-k8sw01-${step}`,
	props: { create: ["sudo -n timeout 60", `/usr/local/lib/rke2-lab/${step}.sh`, "proj-k8sw01", ...words].join(" ") },
});

describe("passes", () => {
	test("a full release with its digest", () => {
		const prepare = command("prepare", "agent", "v1.35.7+rke2r1", url, "a".repeat(64));
		expect(violations(rke2PinnedRelease, prepare)).toEqual([]);
		expect(violations(rke2PinnedRelease, command("converge", "agent", "v1.35.7+rke2r1"))).toEqual([]);
	});

	test("further arguments of the scripts", () => {
		const prepare = command(
			"prepare",
			"agent",
			"v1.35.7+rke2r1",
			url,
			"a".repeat(64),
			"2",
			"http://proxy.lab.internal",
		);
		expect(violations(rke2PinnedRelease, prepare)).toEqual([]);
		expect(violations(rke2PinnedRelease, command("converge", "agent", "v1.35.7+rke2r1", "b".repeat(64)))).toEqual([]);
	});

	test("a command that installs nothing, even when it is unknown at preview", () => {
		expect(violations(rke2PinnedRelease, { ...command("token"), props: { create: unknown } })).toEqual([]);
	});
});

describe("refuses", () => {
	test.each(["stable", "v1.35", "v1.35.7", "latest"])("the release %s", (version) => {
		expect(violations(rke2PinnedRelease, command("converge", "agent", version))).toEqual([
			"proj-k8sw01-converge installs no exact RKE2 release; pass converge.sh one such as v1.35.7+rke2r1.",
		]);
		expect(violations(rke2PinnedRelease, command("prepare", "agent", version, url, "a".repeat(64)))).toEqual([
			"proj-k8sw01-prepare installs no exact RKE2 release; pass prepare.sh one such as v1.35.7+rke2r1.",
		]);
	});

	test("a release without a digest", () => {
		expect(violations(rke2PinnedRelease, command("prepare", "agent", "v1.35.7+rke2r1", url, "-"))).toEqual([
			"proj-k8sw01-prepare checks no digest of the release; pass prepare.sh its SHA-256, 64 hexadecimal digits.",
		]);
	});

	test("another installation command", () => {
		const install = { ...command("prepare"), props: { create: "curl -sfL https://get.rke2.io | sh -" } };
		expect(violations(rke2PinnedRelease, install)).toHaveLength(2);
	});

	test("a command line that is unknown at preview", () => {
		expect(violations(rke2PinnedRelease, { ...command("prepare"), props: { create: unknown } })).toEqual([
			expect.stringContaining("create is not known at preview"),
		]);
	});
});
