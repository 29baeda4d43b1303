/**
 * `node review/recording/main.ts DAY [STACK ...]`: prints the recording of this tree as JSON. It is a process of its own, because
 * the tree of another commit has its own program, checks and policies.
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recordStack } from "./record-stack.ts";
import { type Recording, recordingFormat } from "./recording.ts";

const tree = fileURLToPath(new URL("../..", import.meta.url));
const [day = "", ...only] = process.argv.slice(2);

const found = readdirSync(tree)
	.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
	.filter((name) => only.length === 0 || only.includes(name))
	.sort();
const stacks: Recording["stacks"] = [];
for (const name of found) {
	stacks.push(await recordStack(name, `${tree}Pulumi.${name}.yaml`, day));
}
process.stdout.write(JSON.stringify({ format: recordingFormat, stacks } satisfies Recording));
