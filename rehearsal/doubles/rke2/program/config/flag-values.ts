import { parseArgs } from "node:util";
import { FatalError, log, messageOf } from "../process/log.ts";
import { readConfigFiles } from "./file.ts";
import { type Command, type FlagKind, knownFlags } from "./flags.ts";

export interface FlagValues {
	/** The last value given, or `undefined` when the key is absent or empty. */
	text(name: string): string | undefined;
	/** Every value given, comma-separated ones split where `split` is set. */
	list(name: string, split?: "split"): string[];
	/** `undefined` when the key is absent. */
	boolean(name: string): boolean | undefined;
}

/**
 * Merges the config files with the command line, which wins.
 * As in RKE2, an unknown key is fatal on the command line, but only a warning in the files: a misspelt key in config.yaml
 * has no effect.
 */
export function readFlagValues(command: Command, argv: string[], configFile: string): FlagValues {
	const known = knownFlags(command);
	const fromCommand = parseCommandLine(command, argv, known);
	const values = new Map<string, string[]>();
	for (const [name, given] of readConfigFiles(fromCommand.get("config")?.at(-1) ?? configFile)) {
		if (known.has(name)) {
			values.set(name, given);
		} else {
			log.warning(`Unknown flag --${name} found in config.yaml, skipping`);
		}
	}
	for (const [name, given] of fromCommand) {
		values.set(name, given);
	}
	for (const [name, given] of values) {
		if (known.get(name) === "boolean") {
			for (const value of given) {
				toBoolean(name, value);
			}
		}
	}

	return {
		text: (name) => values.get(name)?.at(-1) || undefined,
		list: (name, split) => {
			const given = values.get(name) ?? [];
			const entries = split ? given.flatMap((value) => value.split(",")) : given;
			return entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
		},
		boolean: (name) => {
			const given = values.get(name)?.at(-1);
			return given === undefined ? undefined : toBoolean(name, given);
		},
	};
}

function parseCommandLine(command: Command, argv: string[], known: Map<string, FlagKind>): Map<string, string[]> {
	const options = Object.fromEntries(
		[...known.keys()].map((name) => [name, { type: "string", multiple: true } as const]),
	);
	// As in Go, a boolean flag needs no value, and takes one only after a `=`.
	const hasNoValue = (arg: string) => arg.startsWith("--") && known.get(arg.slice(2)) === "boolean";
	const args = argv.map((arg) => (hasNoValue(arg) ? `${arg}=true` : arg));
	try {
		const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
		return new Map(Object.entries(values).map(([name, given]) => [name, given ?? []]));
	} catch (error) {
		throw new FatalError(`rke2 ${command}: ${messageOf(error)}`);
	}
}

// The spellings of Go's strconv.ParseBool.
function toBoolean(name: string, value: string): boolean {
	if (/^(1|t|true)$/i.test(value)) {
		return true;
	}
	if (/^(0|f|false)$/i.test(value)) {
		return false;
	}
	throw new FatalError(`invalid boolean value ${JSON.stringify(value)} for --${name}`);
}
