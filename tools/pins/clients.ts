/** Asks npm and Go for the newest versions, each once: they have the registry and proxy settings of this machine. */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";

/** Returns the version of a name, or throws the reason why it is unknown. */
export type Newest = (name: string) => string;

/** Milliseconds for one program. */
const timeout = 60_000;

/**
 * The newest versions of this project's packages from `npm outdated`, which omits packages that are up to date.
 *
 * @param current versions by name, for the omitted packages
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

/** The newest versions of Go modules. */
export async function newestModules(names: readonly string[]): Promise<Newest> {
	// In a directory without a module, because the settings of a module would have an effect.
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
			throw new Error(failure ?? "go has no answer about it");
		}
		if (answer.Error) {
			throw new Error(`go says: ${answer.Error.Err.split("\n")[0]}`);
		}
		return answer.Version;
	};
}

/** @returns the output, and a clause about the failure if there was one */
async function run(program: string, parameters: string[], cwd: string) {
	try {
		const { stdout } = await promisify(execFile)(program, parameters, {
			cwd,
			timeout,
			env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off", npm_config_update_notifier: "false" },
		});
		return { stdout, failure: undefined };
	} catch (error) {
		const { code, killed, stdout = "", stderr = "" } = error as { code?: string | number } & Record<string, string>;
		const reason = killed ? `gave no answer in ${timeout / 1000} s` : `says: ${stderr.trim().split("\n")[0] || code}`;
		return { stdout, failure: code === "ENOENT" ? `${program} is not installed` : `${program} ${reason}` };
	}
}
