/** `npm run check -- FILE`: every mistake and warning of a stack file, without Pulumi, credentials or a network. */
import { capacityWarnings } from "./config/checks/capacity.ts";
import { ConfigurationError } from "./config/problems.ts";
import { stackFromFile } from "./stack-from-file.ts";

const [path = "Pulumi.lab.yaml"] = process.argv.slice(2);
const { value: stack, problems } = stackFromFile(path);

if (stack) {
	console.log(`${path}: no mistake found.`);
	for (const { key, message } of capacityWarnings(stack)) {
		console.log(`Warning: ${key}: ${message}`);
	}
} else {
	console.error(`${path}\n${new ConfigurationError(problems).message}`);
	process.exitCode = 1;
}
