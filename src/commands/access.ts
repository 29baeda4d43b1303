/**
 * `npm run proxmox:access -- [--json FILE] [FILE]`: prints a script that creates the API token for a stack file, with exactly the privileges
 * that the stack needs. The script contains no secret.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { accessScript } from "../proxmox/access-script.ts";
import { proxmoxAccess } from "../proxmox/privileges.ts";
import { onlyFile, resultFor, runCommand, sayTo } from "./command.ts";
import { stackFromFile } from "./stack-from-file.ts";

await runCommand("proxmox:access", () => {
	const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
	const writeResult = resultFor(values.json);
	const access = proxmoxAccess(stackFromFile(onlyFile(positionals, "Pulumi.lab.yaml")));
	const functions = readFileSync(new URL("../proxmox/scripts/access.sh", import.meta.url), "utf8");
	const script = accessScript(functions, access);
	writeResult({ ...access, script });
	sayTo(values.json)(script.trimEnd());
	return true;
});
