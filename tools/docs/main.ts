/** `npm run docs`: writes the pages and files that derive from the schema, from tables, and from the rules of the pack. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { policiesPage } from "../../compliance/reference/policies.ts";
import { cisProfile, profileText } from "../../compliance/reference/profiles.ts";
import { readProfile } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import { reviewJsonSchema } from "../../review/compare/review.ts";
import { commandsPage } from "../../src/commands/catalogue.ts";
import { runCommand } from "../../src/commands/command.ts";
import { limitsPage } from "../../src/reference/limits.ts";
import { withPrivilegesTable } from "../../src/reference/privileges.ts";
import { reference, stackFileSchema } from "../../src/reference/stack-file.ts";

const project = "rke2-lab";
const docs = new URL("../../docs/", import.meta.url);
const profiles = new URL("../../policies/profiles/", import.meta.url);
const privileges = new URL("proxmox-privileges.md", docs);

await runCommand("docs", () => {
	// Takes nothing.
	parseArgs();
	writeFileSync(new URL("configuration.md", docs), reference(project));
	writeFileSync(new URL("stack.schema.json", docs), `${JSON.stringify(stackFileSchema(project), null, "\t")}\n`);
	writeFileSync(new URL("review.schema.json", docs), `${JSON.stringify(reviewJsonSchema(), null, "\t")}\n`);
	writeFileSync(new URL("limits.md", docs), limitsPage());
	writeFileSync(privileges, withPrivilegesTable(readFileSync(privileges, "utf8")));
	writeFileSync(new URL("commands.md", docs), commandsPage());
	writeFileSync(new URL("compliance/policies.md", docs), policiesPage(rules));
	for (const level of [1, 2] as const) {
		const profile = cisProfile(level, rules, readProfile("lab"));
		writeFileSync(new URL(`cis-level-${level}.json`, profiles), profileText(profile));
	}
	return true;
});
