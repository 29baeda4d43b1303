/**
 * Every mistake of a policy configuration, without Pulumi:
 *
 *     npm run policy:check -- [FILE ...]
 *
 * Without a file it checks the profiles of the pack. An exception that has expired is a mistake here, because the policy
 * is violated again. Ends with 1 when there is one.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import type { Problem } from "../../src/config/problems.ts";
import { configurationProblems, expiredExceptions } from "../lib/configuration.ts";
import { currentDay } from "../lib/exceptions.ts";
import { ownPolicies } from "../lib/pulumi-policy.ts";
import { profileNames } from "../profiles.ts";
import { rules } from "../rules/index.ts";

/** @param today as `YYYY-MM-DD` */
export function checkConfiguration(text: string, today: string): Problem[] {
	let config: unknown;
	try {
		config = JSON.parse(text);
	} catch (error) {
		return [{ key: "the file", message: `is not JSON, which is all that Pulumi reads: ${(error as Error).message}.` }];
	}
	const problems = [...repeatedKeys(text), ...configurationProblems(config, rules, ownPolicies, today)];
	return problems.length > 0 ? problems : expiredExceptions(config as object, today);
}

/** JSON has the last of them count, and says nothing. */
function repeatedKeys(text: string): Problem[] {
	return parseDocument(text)
		.errors.filter(({ code }) => code === "DUPLICATE_KEY")
		.map(({ linePos }) => ({ key: `line ${linePos?.[0].line}`, message: "repeats a key; only the last one counts." }));
}

if (import.meta.main) {
	const given = process.argv.slice(2);
	const profiles = profileNames.map((name) => fileURLToPath(new URL(`../profiles/${name}.json`, import.meta.url)));
	for (const file of given.length > 0 ? given : profiles) {
		let problems: Problem[];
		try {
			problems = checkConfiguration(readFileSync(file, "utf8"), currentDay());
		} catch (error) {
			problems = [{ key: "the file", message: `cannot be read: ${(error as Error).message}.` }];
		}
		for (const { key, message } of problems) {
			console.error(`${file}: ${key} ${message}`);
		}
		if (problems.length === 0) {
			console.log(`${file}: no mistake found.`);
		} else {
			process.exitCode = 1;
		}
	}
}
