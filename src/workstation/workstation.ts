/** Facts about the workstation that can break a run. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface Workstation {
	/** `linux`, `darwin`, `win32` ... */
	platform: string;
	/** `24.11.1` */
	node: string;
	environment: Readonly<Record<string, string | undefined>>;
	/** Directory for temporary files. */
	temporary: string;
	/** Milliseconds since 1970. */
	now: number;
	/** When the newest of the program's own files was written here, in milliseconds since 1970. */
	checkedOut: number;
	/** Versions that package.json pins, by package. */
	pinned: Readonly<Record<string, string>>;
	/** Installed versions, by package; nothing when a tool other than npm installed them. */
	installed?: Readonly<Record<string, string | undefined>> | undefined;
	isWritable(directory: string): boolean;
	isSocket(path: string): boolean;
	/** Whether PATH has a command. */
	hasCommand(name: string): boolean;
}

export function thisWorkstation(): Workstation {
	const environment = process.env;
	const manifest = new URL("../../package.json", import.meta.url);
	return {
		platform: process.platform,
		node: process.versions.node,
		environment,
		temporary: tmpdir(),
		now: Date.now(),
		checkedOut: statSync(manifest).mtimeMs,
		pinned: JSON.parse(readFileSync(manifest, "utf8")).dependencies,
		installed: installedPackages(),
		isWritable: (directory) => isAllowed(directory, constants.W_OK | constants.X_OK),
		isSocket: (path) => statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false,
		hasCommand: (name) =>
			(environment.PATH ?? "").split(delimiter).some((directory) => isAllowed(join(directory, name), constants.X_OK)),
	};
}

/** npm keeps a copy of the lock file beside the packages. */
function installedPackages(): Workstation["installed"] {
	let text: string;
	try {
		text = readFileSync(new URL("../../node_modules/.package-lock.json", import.meta.url), "utf8");
	} catch {
		return undefined;
	}
	const { packages } = JSON.parse(text) as { packages: Record<string, { version?: string }> };
	return Object.fromEntries(
		Object.entries(packages).map(([path, { version }]) => [path.replace("node_modules/", ""), version]),
	);
}

function isAllowed(path: string, mode: number): boolean {
	try {
		accessSync(path, mode);
		return true;
	} catch {
		return false;
	}
}
