/**
 * Writes the record of known resources (policies/record) from what the program declares for every stack file of
 * compliance/record/stacks.ts:
 *
 *     npm run policy:record -- [--json FILE]
 *     npm run policy:record -- --try N [--seed S] [--json FILE]
 *     npm run policy:record -- --each-key [--seed S] [--json FILE]
 *
 * With `--try` it writes nothing, and puts the record to N random stack files that the check accepts instead. With `--each-key` these
 * are the lab's stack file, and one that uses nearly every key, each with one key absent or with another value. It ends with 1 when
 * the record refuses one of them.
 *
 * The author of a change of the program runs it, and the reviewer of the change reads the difference. It takes some minutes.
 */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { formerFilesFile, knownResources } from "../../policies/lib/record/known-resources.ts";
import { formerScriptsFile } from "../../policies/lib/record/own-scripts.ts";
import { requiredResourcesFile } from "../../policies/lib/record/required-resources.ts";
import { progress, resultFor, runCommand, sayTo, UsageError } from "../../src/commands/command.ts";
import { withFormerFiles } from "../record/former-files.ts";
import { withCurrentScripts } from "../record/former-scripts.ts";
import { previewsOf, recordOf } from "../record/make-record.ts";
import { randomStacks, stacksOfEachKey } from "../record/random-stacks.ts";
import { requiredIn } from "../record/required-resources.ts";
import { recordedStacks, simplestAndFullest } from "../record/stacks.ts";
import { tryRecord } from "../record/try-record.ts";

const folder = new URL("../../policies/record/", import.meta.url);

await runCommand("policy:record", async () => {
	const { values } = parseArgs({
		options: {
			json: { type: "string" },
			try: { type: "string" },
			"each-key": { type: "boolean", default: false },
			seed: { type: "string", default: "1" },
		},
	});
	const { json } = values;
	const writeResult = resultFor(json);
	if (values["each-key"] && values.try !== undefined) {
		throw new UsageError("--try and --each-key are two trials; give one of them.");
	}
	const seed = wholeNumber("--seed", values.seed);
	const trial = values["each-key"]
		? simplestAndFullest().flatMap((stack) => [...stacksOfEachKey(stack, seed)])
		: values.try === undefined
			? undefined
			: randomStacks(seed, wholeNumber("--try", values.try));
	if (trial) {
		const { stackFiles, refused } = await withoutWarnings(() => tryRecord(trial));
		writeResult({ ok: refused.length === 0, seed, stackFiles, refused });
		for (const { stackFile, message } of refused) {
			sayTo(json)(`${message}\n  Stack file ${stackFile}`);
		}
		sayTo(json)(
			`The record refuses ${refused.length} places of ${stackFiles} stack files that the check accepts (seed ${seed}).`,
		);
		return refused.length === 0;
	}
	progress("Making stack files with every feature on and off, and with other values of every key ...");
	const stacks = recordedStacks();
	progress(`Declaring the resources of ${stacks.length} stack files, each for a new and for a running cluster ...`);
	const previews = await withoutWarnings(() => previewsOf(stacks));
	const record = recordOf(previews);
	const formerFiles = withFormerFiles(knownResources(), record);
	const packages = Map.groupBy(Object.entries(record), ([type]) => fileOf(type));
	for (const name of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
		rmSync(new URL(name, folder));
	}
	writeFileSync(formerScriptsFile, `${JSON.stringify(withCurrentScripts(), null, "\t")}\n`);
	writeFileSync(requiredResourcesFile, `${JSON.stringify(requiredIn(previews), null, "\t")}\n`);
	writeFileSync(formerFilesFile, `${JSON.stringify(formerFiles, null, "\t")}\n`);
	for (const [file, types] of packages) {
		writeFileSync(new URL(`${file}.json`, folder), `${JSON.stringify(Object.fromEntries(types), null, "\t")}\n`);
	}
	const shapes = Object.values(record).reduce((sum, slots) => sum + Object.keys(slots).length, 0);
	const types = Object.keys(record).length;
	writeResult({ ok: true, stackFiles: stacks.length, resources: shapes, types });
	sayTo(json)(`Recorded ${shapes} resources of ${types} types; read the difference before you commit it.`);
	return true;
});

function wholeNumber(option: string, text: string): number {
	if (!/^[1-9]\d{0,8}$/.test(text)) {
		throw new UsageError(`${option} has ${JSON.stringify(text)}; give a whole number from 1 to 999999999.`);
	}
	return Number(text);
}

/** Policies of networks are half of the objects. */
function fileOf(type: string): string {
	const [name = ""] = type.replace(/^pulumi:providers:/, "").split(":");
	return type.includes(":NetworkPolicy") ? "network-policies" : name;
}

/** The program prints the warnings of the check for each stack file. */
async function withoutWarnings<Value>(run: () => Promise<Value>): Promise<Value> {
	const { warn, error } = console;
	Object.assign(console, { warn: () => undefined, error: () => undefined });
	try {
		return await run();
	} finally {
		Object.assign(console, { warn, error });
	}
}
