/**
 * Prints every mistake of a policy configuration, without Pulumi:
 *
 *     npm run policy:check -- [FILE ...]
 *
 * Without a file it checks the profiles of the pack. An expired exception is a mistake as well, because the policy is
 * violated again. Ends with 1 when there is a mistake.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseDocument } from "yaml";
import { configurationProblems, expiredExceptions } from "../../policies/lib/rules/configuration.ts";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import { ownPolicies } from "../../policies/lib/sdk/pulumi-policy.ts";
import { profileNames } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import { progress, resultFor, runCommand, sayTo } from "../../src/commands/command.ts";
import { readText } from "../../src/commands/files.ts";
import type { Problem } from "../../src/config/read/problems.ts";

/** @param today as `YYYY-MM-DD` */
export function checkConfiguration(text: string, today: string): Problem[] {
	let config: unknown;
	try {
		config = JSON.parse(text);
	} catch (error) {
		return [
			{ key: "the file", message: `is not JSON, the only format that Pulumi reads: ${(error as Error).message}.` },
		];
	}
	const problems = [...repeatedKeys(text), ...configurationProblems(config, rules, ownPolicies, today)];
	return problems.length > 0 ? problems : expiredExceptions(config as object, today);
}

/** JSON uses the last of repeated keys, without an error. */
function repeatedKeys(text: string): Problem[] {
	return parseDocument(text)
		.errors.filter(({ code }) => code === "DUPLICATE_KEY")
		.map(({ linePos }) => ({ key: `line ${linePos?.[0].line}`, message: "repeats a key; only the last one counts." }));
}

if (import.meta.main) {
	await runCommand("policy:check", () => {
		const { values: options, positionals: given } = parseArgs({
			options: { json: { type: "string" } },
			allowPositionals: true,
		});
		const writeResult = resultFor(options.json);
		const say = sayTo(options.json);
		progress("Checking the configurations against the rules of the pack ...");
		const profiles = profileNames.map((name) =>
			fileURLToPath(new URL(`../../policies/profiles/${name}.json`, import.meta.url)),
		);
		const checked = (given.length > 0 ? given : profiles).map((file) => ({
			file,
			problems: checkConfiguration(readText(file), currentDay()),
		}));
		for (const { file, problems } of checked) {
			for (const { key, message } of problems) {
				console.error(`${file}: ${key} ${message}`);
			}
			if (problems.length === 0) {
				say(`${file}: no mistake found.`);
			}
		}
		writeResult(checked);
		return checked.every(({ problems }) => problems.length === 0);
	});
}
