/** Installing packages while another apt is at work; `apt-get` is scripted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { apt } from "../../../../rehearsal/setup/packages.ts";

let directory: string;

/** @param failures what it says at its first runs; after those it succeeds */
function scriptAptGet(failures: string[]): void {
	directory = mkdtempSync(join(tmpdir(), "packages-"));
	const cases = failures.map((message, index) => `${index + 1}) echo '${message}' >&2; exit 100 ;;`).join("\n");
	const text = `#!/bin/sh\ncd '${directory}'\necho "$*" >>runs\ncase $(wc -l <runs) in\n${cases}\nesac\n`;
	writeFileSync(join(directory, "apt-get"), text, { mode: 0o755 });
	vi.stubEnv("PATH", `${directory}:${process.env.PATH}`);
}

afterEach(() => {
	vi.unstubAllEnvs();
	rmSync(directory, { recursive: true });
});

const runs = () => readFileSync(join(directory, "runs"), "utf8");

test("apt is tried again when another process has its lock", async () => {
	scriptAptGet(["E: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)"]);
	await apt("update");
	expect(runs()).toBe("update\nupdate\n");
});

test("apt is not tried again when it fails for another reason", async () => {
	scriptAptGet(["E: Unable to locate package mmdebstrap"]);
	await expect(apt("install", "mmdebstrap")).rejects.toThrow("E: Unable to locate package mmdebstrap");
	expect(runs()).toBe("install mmdebstrap\n");
});
