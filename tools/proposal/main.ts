/** `npm run preview:proposal -- --commit SHA [--stack NAME] [--json FILE]`: takes only the stack file of a pull request. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { progress, resultFor, runCommand, sayTo, UsageError } from "../../src/commands/command.ts";
import { takeStackFile } from "./proposal.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

await runCommand("preview:proposal", () => {
	const { commit, stack, json } = parseArgs({
		options: {
			commit: { type: "string" },
			stack: { type: "string", default: "lab" },
			json: { type: "string" },
		},
	}).values;
	if (!/^[0-9a-f]{40}$/.test(commit ?? "")) {
		throw new UsageError(`--commit takes the 40 hexadecimal digits of a commit, found ${commit ?? "nothing"}`);
	}
	if (!/^[A-Za-z0-9._-]+$/.test(stack)) {
		throw new UsageError(`--stack takes the name of a stack, found ${stack}`);
	}
	const writeResult = resultFor(json);
	const file = `Pulumi.${stack}.yaml`;
	progress(`Comparing ${file} of ${commit} with that of the checkout ...`);
	const { name } = parse(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8")) as { name: string };
	const reasons = takeStackFile(checkout, commit!, file, name);
	sayTo(json)(
		reasons.length === 0
			? `${file} is that of ${commit}; all code is that of the checkout.`
			: `This proposal gets no preview with the secrets of the stack. ${reasons.join(" ")}`,
	);
	writeResult({ ok: reasons.length === 0, file, commit, reasons });
	return reasons.length === 0;
});
