/**
 * `npm run proxmox:access -- FILE`: prints a script that creates the API token for a stack file, with exactly the privileges
 * that the stack needs. The script contains no secret.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { accessScript } from "../proxmox/access-script.ts";
import { proxmoxAccess } from "../proxmox/privileges.ts";
import { onlyFile, runCommand } from "./command.ts";
import { stackFromFile } from "./stack-from-file.ts";

await runCommand("proxmox:access", () => {
	const stack = stackFromFile(onlyFile(parseArgs({ allowPositionals: true }).positionals, "Pulumi.lab.yaml"));
	const functions = readFileSync(new URL("../proxmox/scripts/access.sh", import.meta.url), "utf8");
	process.stdout.write(accessScript(functions, proxmoxAccess(stack)));
	return true;
});
