import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readIfPresent } from "../process/files.ts";
import { FatalError } from "../process/log.ts";
import type { NodeSettings } from "./settings.ts";

/** Files that the requirements of the profile are checked in. */
interface ProfilePaths {
	procSys: string;
	passwdFile: string;
	groupFile: string;
}

const requiredSysctls: Record<string, string> = {
	"vm.overcommit_memory": "1",
	"vm.panic_on_oom": "0",
	"kernel.panic": "10",
	"kernel.panic_on_oops": "1",
};

/**
 * Checks the requirements of `profile: cis` on the machine before anything starts.
 * @throws FatalError that names every unmet requirement
 */
export function requireProfile(settings: NodeSettings, paths: ProfilePaths): void {
	if (settings.profile === undefined) {
		return;
	}
	if (settings.profile !== "cis" && settings.profile !== "etcd") {
		throw new FatalError(
			`invalid value provided for --profile flag: ${settings.profile}; valid values are cis and etcd`,
		);
	}
	if (settings.profile === "etcd") {
		if (settings.role === "server") {
			requireEtcdUser(paths);
		}
		return;
	}
	if (settings.protectKernelDefaults === false) {
		throw new FatalError("--protect-kernel-defaults must be true when using --profile=cis");
	}
	const wrong = Object.entries(requiredSysctls)
		.map(([name, wanted]) => ({ name, wanted, found: sysctl(paths.procSys, name) }))
		.filter(({ wanted, found }) => found !== wanted)
		.map(
			({ name, wanted, found }) =>
				`invalid kernel parameter value ${name}=${found ?? "(unreadable)"} - expected ${wanted}`,
		);
	if (wrong.length > 0) {
		throw new FatalError(wrong.join("\n"));
	}
	if (settings.role === "server") {
		requireEtcdUser(paths);
	}
}

function sysctl(procSys: string, name: string): string | undefined {
	return readIfPresent(join(procSys, name.replaceAll(".", "/")))?.trim();
}

function requireEtcdUser(paths: ProfilePaths): void {
	if (etcdUser(paths) === undefined) {
		throw new FatalError("missing required: user: unknown user etcd, or group: unknown group etcd");
	}
}

/** The system user that etcd has with a profile, or `undefined` when user or group is missing. */
export function etcdUser(
	paths: Pick<ProfilePaths, "passwdFile" | "groupFile">,
): { uid: number; gid: number } | undefined {
	const entry = (file: string) =>
		readFileSync(file, "utf8")
			.split("\n")
			.map((line) => line.split(":"))
			.find(([name]) => name === "etcd");
	const user = entry(paths.passwdFile);
	const group = entry(paths.groupFile);
	if (user?.[2] === undefined || group?.[2] === undefined) {
		return undefined;
	}
	return { uid: Number(user[2]), gid: Number(group[2]) };
}
