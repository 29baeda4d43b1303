/**
 * Writes the inputs that the engine and the plugins add to those of the program (policies/record/defaults), from previews by the CLI
 * and the plugins that the rehearsal sets up:
 *
 *     npm run policy:defaults -- [--json FILE]
 *
 * It belongs to a change of a plugin's version. Other stack files than those below have the same types.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { toResource } from "../../compliance/evaluation/evaluate-stack.ts";
import { previewSecrets, previewStack } from "../../compliance/evaluation/preview.ts";
import { fixedStacks, type RecordedStack } from "../../compliance/record/stacks.ts";
import { type PluginDefaults, pluginDefaultsFile } from "../../policies/lib/record/plugin-defaults.ts";
import { PulumiCli } from "../../rehearsal/engine/cli.ts";
import { setUpPulumi } from "../../rehearsal/setup/pulumi/index.ts";
import { engineConfig } from "../../rehearsal/stack/stack.ts";
import { progress, resultFor, runCommand, sayTo } from "../../src/commands/command.ts";
import { addedInputs, type Seen } from "./added-inputs.ts";
import { clusterInputs } from "./cluster-inputs.ts";
import { previewInputs } from "./engine-inputs.ts";

const projectDirectory = fileURLToPath(new URL("../..", import.meta.url));

/** Together they have every type of resource, but no cluster that answers (cluster-inputs.ts). */
const stacks = ["Pulumi.lab.yaml", "everything", "keepalived, WireGuard, NodePort"];

await runCommand("policy:defaults", async () => {
	const { json } = parseArgs({ options: { json: { type: "string" } } }).values;
	const writeResult = resultFor(json);
	const pulumi = new PulumiCli(await setUpPulumi(progress));
	const seen: Seen[] = [];
	for (const stack of fixedStacks().filter(({ name }) => stacks.includes(name))) {
		progress(`Previewing ${stack.name} ...`);
		seen.push(await seenBoth(pulumi, stack));
	}
	const { inputs: added, resources } = addedInputs(seen);
	const { inputs: ofCluster, removed } = clusterInputs;
	const defaults: PluginDefaults = { inputs: { ...added, ...ofCluster }, removed, resources };
	mkdirSync(new URL(".", pluginDefaultsFile), { recursive: true });
	writeFileSync(pluginDefaultsFile, `${JSON.stringify(defaults, null, "\t")}\n`);
	const inputs = Object.values(defaults.inputs).reduce((sum, paths) => sum + Object.keys(paths).length, 0);
	writeResult({ ok: true, inputs });
	sayTo(json)(`Recorded ${inputs} inputs that the engine adds; read the difference before you commit it.`);
	return true;
});

/** @throws Error when the CLI refuses the stack */
async function seenBoth(pulumi: PulumiCli, { name, values, secrets }: RecordedStack): Promise<Seen> {
	const declared = (await previewStack(values, secrets)).map(toResource);
	const overlay = { values: {}, secrets: { ...previewSecrets, ...secrets } };
	const stateDirectory = mkdtempSync(join(tmpdir(), "plugin-defaults-"));
	try {
		// The recorder names its stack "preview", and the names of the cluster's resources contain that name.
		const { inputs, diagnostics } = await previewInputs(pulumi, {
			projectDirectory,
			stack: "preview",
			config: engineConfig("rke2-lab", values, overlay),
			stateDirectory,
			environment: {},
		});
		const errors = diagnostics.filter(({ severity }) => severity === "error");
		if (errors.length > 0) {
			throw new Error(`The preview of ${name} failed: ${errors.map(({ message }) => message).join(" ")}`);
		}
		return { declared: new Map(declared.map(({ type, name, props }) => [`${type} ${name}`, props])), shown: inputs };
	} finally {
		rmSync(stateDirectory, { recursive: true });
	}
}
