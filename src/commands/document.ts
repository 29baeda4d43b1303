/** `npm run docs`: writes what derives from the schema, from the minimums and from the table of privileges. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { limitsPage } from "../reference/limits.ts";
import { withPrivilegesTable } from "../reference/privileges.ts";
import { reference, stackFileSchema } from "../reference/stack-file.ts";
import { commandsPage } from "./catalogue.ts";
import { runCommand } from "./command.ts";

const project = "rke2-lab";
const docs = new URL("../../docs/", import.meta.url);
const privileges = new URL("proxmox-privileges.md", docs);

await runCommand("docs", () => {
	// Takes nothing.
	parseArgs();
	writeFileSync(new URL("configuration.md", docs), reference(project));
	writeFileSync(new URL("stack.schema.json", docs), `${JSON.stringify(stackFileSchema(project), null, "\t")}\n`);
	writeFileSync(new URL("limits.md", docs), limitsPage());
	writeFileSync(privileges, withPrivilegesTable(readFileSync(privileges, "utf8")));
	writeFileSync(new URL("commands.md", docs), commandsPage());
	return true;
});
