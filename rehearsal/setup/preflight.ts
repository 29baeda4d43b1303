/** Checks the requirements that the set-up does not install. preflight.sh checks for Linux and root before Node starts. */
import { readFile } from "node:fs/promises";
import { execute } from "./command.ts";
import { Refusal } from "./refusal.ts";
import type { Architecture } from "./releases.ts";

/** The first Go version that downloads the newer version that a module requires. */
const oldestGo = { major: 1, minor: 21 };

/** @throws Refusal with the missing requirement, before any change. */
export async function checkMachine(): Promise<void> {
	architecture();
	await checkDebian();
	await checkOverlayFileSystem();
	await checkGo();
}

/** @throws Refusal when the rehearsal does not support this processor. */
export function architecture(): Architecture {
	switch (process.arch) {
		case "x64":
			return "amd64";
		case "arm64":
			return "arm64";
		default:
			throw new Refusal(`The rehearsal runs on x86-64 and ARM64 processors. This is ${process.arch}.`);
	}
}

async function checkDebian(): Promise<void> {
	const description = await readFile("/etc/os-release", "utf8").catch(() => "");
	if (!/^ID=debian$/m.test(description)) {
		const name = /^PRETTY_NAME="?(.*?)"?$/m.exec(description)?.[1] ?? "another system";
		throw new Refusal(`The rehearsal needs Debian 12 or newer: it installs its packages with apt. This is ${name}.`);
	}
}

async function checkOverlayFileSystem(): Promise<void> {
	const known = await readFile("/proc/filesystems", "utf8");
	const loadable = async () =>
		execute(["modprobe", "--dry-run", "overlay"]).then(
			() => true,
			() => false,
		);
	if (!/^nodev\toverlay$/m.test(known) && !(await loadable())) {
		throw new Refusal("The rehearsal needs a kernel with the overlay file system: each machine's disk is one.");
	}
}

async function checkGo(): Promise<void> {
	const version = await execute(["go", "env", "GOVERSION"]).catch(() => {
		throw new Refusal(
			`Go is missing: install ${oldestGo.major}.${oldestGo.minor} or newer; the rehearsal builds KWOK, and what it cannot download, from Go modules.`,
		);
	});
	const [, major, minor] = (/^go(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
	if (major === undefined || minor === undefined) {
		// A development version is newer than any release.
		return;
	}
	if (major < oldestGo.major || (major === oldestGo.major && minor < oldestGo.minor)) {
		throw new Refusal(`Go ${oldestGo.major}.${oldestGo.minor} or newer is needed; found ${version.trim()}.`);
	}
}
