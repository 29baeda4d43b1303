/** npm and Go asked for the newest versions, each once for all: they know the registries and proxies of this machine. */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";

/** Version by name, or why it is not known. */
export type Newest = (name: string) => string;

/** Milliseconds for one program. */
const patience = 60_000;

/**
 * What `npm outdated` says of this project's own packages. It leaves out those that are the newest.
 *
 * @param current versions by name, for those
 * @returns a function that throws why npm does not say
 */
export async function newestPackages(current: ReadonlyMap<string, string>): Promise<Newest> {
	// Offline, npm would try each package again for a minute.
	const { stdout, failure } = await run("npm", ["outdated", "--json", "--fetch-retries=0"], ".");
	const answer: Record<string, { latest?: string }> & { error?: { code?: string; summary?: string } } = stdout.trim()
		? JSON.parse(stdout)
		: {};
	const refused = answer.error
		? `npm says: ${answer.error.code ?? answer.error.summary}`
		: stdout
			? undefined
			: failure;
	return (name) => {
		if (refused !== undefined) {
			throw new Error(refused);
		}
		return answer[name]?.latest ?? current.get(name)!;
	};
}

/** @returns a function that throws why Go does not say */
export async function newestModules(names: readonly string[]): Promise<Newest> {
	// In a folder without a module, whose own settings would have a say.
	const { stdout, failure } = await run(
		"go",
		["list", "-m", "-e", "-json", ...names.map((name) => `${name}@latest`)],
		tmpdir(),
	);
	const answers: { Path: string; Version: string; Error?: { Err: string } }[] = stdout.trim()
		? JSON.parse(`[${stdout.trim().replaceAll("\n}\n{", "\n},\n{")}]`)
		: [];
	return (name) => {
		const answer = answers.find(({ Path }) => Path === name);
		if (answer === undefined) {
			throw new Error(failure ?? "go says nothing of it");
		}
		if (answer.Error) {
			throw new Error(`go says: ${answer.Error.Err.split("\n")[0]}`);
		}
		return answer.Version;
	};
}

/** @returns what it printed, and in a clause why it failed where it did */
async function run(program: string, parameters: string[], cwd: string) {
	try {
		const { stdout } = await promisify(execFile)(program, parameters, {
			cwd,
			timeout: patience,
			env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off", npm_config_update_notifier: "false" },
		});
		return { stdout, failure: undefined };
	} catch (error) {
		const { code, killed, stdout = "", stderr = "" } = error as { code?: string | number } & Record<string, string>;
		const reason = killed ? `gave no answer in ${patience / 1000} s` : `says: ${stderr.trim().split("\n")[0] || code}`;
		return { stdout, failure: code === "ENOENT" ? `${program} is not installed` : `${program} ${reason}` };
	}
}
