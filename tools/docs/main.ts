/** `npm run docs`: writes the pages and files that derive from the schema, from tables, and from the rules of the pack. */
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { oraclesPage } from "../../compliance/reference/oracles.ts";
import { policiesPage } from "../../compliance/reference/policies.ts";
import { cisProfile, profileText } from "../../compliance/reference/profiles.ts";
import { readProfile } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import { reviewJsonSchema } from "../../review/compare/review.ts";
import { commandsPage } from "../../src/commands/catalogue.ts";
import { progress, resultFor, runCommand } from "../../src/commands/command.ts";
import { limitsPage } from "../../src/reference/limits.ts";
import { withPrivilegesTable } from "../../src/reference/privileges.ts";
import { reference, stackFileSchema } from "../../src/reference/stack-file.ts";

const project = "rke2-lab";
const root = fileURLToPath(new URL("../..", import.meta.url));
const docs = new URL("../../docs/", import.meta.url);
const profiles = new URL("../../policies/profiles/", import.meta.url);
const privileges = new URL("proxmox-privileges.md", docs);

await runCommand("docs", () => {
	const { json } = parseArgs({ options: { json: { type: "string" } } }).values;
	const writeResult = resultFor(json);
	progress("Writing the pages that derive from tables ...");
	const files = [
		[new URL("configuration.md", docs), reference(project)],
		[new URL("stack.schema.json", docs), jsonText(stackFileSchema(project))],
		[new URL("review.schema.json", docs), jsonText(reviewJsonSchema())],
		[new URL("limits.md", docs), limitsPage()],
		[privileges, withPrivilegesTable(readFileSync(privileges, "utf8"))],
		[new URL("commands.md", docs), commandsPage()],
		[new URL("compliance/policies.md", docs), policiesPage(rules)],
		[new URL("compliance/other-tools.md", docs), oraclesPage(rules)],
		...([1, 2] as const).map((level): [URL, string] => {
			const profile = cisProfile(level, rules, readProfile("lab"));
			return [new URL(`cis-level-${level}.json`, profiles), profileText(profile)];
		}),
	] as const;
	for (const [file, text] of files) {
		writeFileSync(file, text);
	}
	writeResult({ ok: true, files: files.map(([file]) => relative(root, fileURLToPath(file))) });
	return true;
});

function jsonText(content: object): string {
	return `${JSON.stringify(content, null, "\t")}\n`;
}
