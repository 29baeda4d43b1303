/** `npm run pins`: what the tree takes from upstream, where, and what upstream has now. */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { onlyFile, runCommand } from "../../src/commands/command.ts";
import { askAll } from "./ask.ts";
import { collectPins } from "./collect.ts";
import { describe, summary } from "./report.ts";

const usage = "npm run pins -- [--offline] [--json] [--mirror URL] [FILE]";

const help = `Usage: ${usage}

Lists each version and constant that this project takes from upstream, with its place in the tree and where upstream says
it, and what upstream has now. The stack files of the project are among them; FILE is another one, whose versions are
listed beside theirs.

  --offline     lists without asking anybody
  --json        the same for machines: {"pins": [{kind, name, value, places, source, state, upstream, reason, note}], ...}
  --mirror URL  fetches https://HOST/PATH from URL/HOST/PATH; npm and Go keep to their own settings
  --help        this text

What cannot be asked is listed as such, and is no failure. Ends with 0; with 1 where upstream has changed a constant, which
is then to be looked at; with 2 where it is called in another way. A newer version alone does not end it with 1.`;

await runCommand(usage, async () => {
	const { values, positionals } = parseArgs({
		options: {
			offline: { type: "boolean", default: false },
			json: { type: "boolean", default: false },
			mirror: { type: "string" },
			help: { type: "boolean", default: false },
		},
		allowPositionals: true,
	});
	if (values.help) {
		console.log(help);
		return true;
	}
	const files = execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n");
	const pins = collectPins(files, onlyFile(positionals, "Pulumi.lab.yaml"));
	const findings = values.offline
		? pins.map(() => ({ state: "not asked", reason: "--offline" }) as const)
		: await askAll(pins, { mirror: values.mirror });
	const found = pins.map(({ question, ...pin }, index) => ({ ...pin, ...findings[index]! }));
	console.log(values.json ? JSON.stringify({ ...summary(found), pins: found }, null, "\t") : describe(found));
	return !found.some(({ kind, state }) => kind === "constant" && state === "changed");
});
