/** `npm run pins`: every version and constant from upstream, its source, and its current value upstream. */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { onlyFile, progress, resultFor, runCommand, sayTo } from "../../src/commands/command.ts";
import { askAll } from "./ask.ts";
import { collectPins } from "./collect.ts";
import { describe, summary } from "./report.ts";

await runCommand("pins", async () => {
	const { values, positionals } = parseArgs({
		options: {
			offline: { type: "boolean", default: false },
			json: { type: "string" },
			mirror: { type: "string" },
		},
		allowPositionals: true,
	});
	const writeResult = resultFor(values.json);
	const files = execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n");
	const pins = collectPins(files, onlyFile(positionals, "Pulumi.lab.yaml"));
	if (!values.offline) {
		progress(`Asking upstream for the values of ${pins.length} pins ...`);
	}
	const findings = values.offline
		? pins.map(() => ({ state: "not asked", reason: "--offline" }) as const)
		: await askAll(pins, { mirror: values.mirror });
	const found = pins.map(({ question, ...pin }, index) => ({ ...pin, ...findings[index]! }));
	writeResult({ ...summary(found), pins: found });
	sayTo(values.json)(describe(found));
	return !found.some(({ kind, state }) => kind === "constant" && state === "changed");
});
