/**
 * `npm run proxmox:access -- FILE`: prints a script that makes the API token which this stack file needs, with exactly the
 * privileges that it needs. The script holds no secret.
 */
import { readFileSync } from "node:fs";
import { ConfigurationError } from "./config/problems.ts";
import { accessScript } from "./proxmox/access-script.ts";
import { proxmoxAccess } from "./proxmox/privileges.ts";
import { stackFromFile } from "./stack-from-file.ts";

const [path = "Pulumi.lab.yaml"] = process.argv.slice(2);
const { value: stack, problems } = stackFromFile(path);

if (stack) {
	const functions = readFileSync(new URL("proxmox/scripts/access.sh", import.meta.url), "utf8");
	process.stdout.write(accessScript(functions, proxmoxAccess(stack)));
} else {
	console.error(`${path}\n${new ConfigurationError(problems).message}`);
	process.exitCode = 1;
}
