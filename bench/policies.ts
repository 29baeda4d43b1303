/**
 * `npm run bench:policies`: measures the cost of the policy pack on this machine, in Pulumi's own policy runner. The ratio of
 * the costs per resource shows whether the pack scales; the milliseconds depend on the machine. Then it measures previews of
 * the lab from nothing: with this pack, with a pack of one empty policy (the cost of any pack), without a pack, and of a
 * program that declares the same resources one by one (the cost of the components).
 *
 *   --json FILE   writes the figures as JSON
 *   --runs N      default 3; the output is the median
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";
import { type Declared, previewStack } from "../compliance/evaluation/preview.ts";
import { PulumiCli } from "../rehearsal/engine/cli.ts";
import type { EngineOptions } from "../rehearsal/engine/engine.ts";
import { setUpPulumi } from "../rehearsal/setup/pulumi/index.ts";
import { requirements } from "../rehearsal/setup/pulumi/requirements.ts";
import { createOverlay } from "../rehearsal/stack/overlay.ts";
import { engineConfig } from "../rehearsal/stack/stack.ts";
import { runCommand } from "../src/commands/command.ts";
import { stackToEvaluate } from "../src/commands/stack-from-file.ts";
import { PolicyRunner } from "../test/unit/policies/policy-runner.ts";
import type { FlatResource } from "./flat/index.ts";
import { median } from "./medians.ts";
import { type BenchOptions, readOptions } from "./options.ts";

type StackFile = Readonly<Record<string, unknown>>;

const project = fileURLToPath(new URL("..", import.meta.url));
const sizes = [100, 1_000, 5_000];
const withoutPack = "without a pack";

await runCommand("bench:policies", async () => {
	const { runs, say, writeResult } = readOptions();
	const pulumi = new PulumiCli(await setUpPulumi(console.error));
	const { values: stackFile } = stackToEvaluate(join(project, "Pulumi.lab.yaml"));
	const lab = await previewStack(stackFile);
	const scaling = await measureScaling(lab, { runs, say });
	const work = await mkdtemp(join(tmpdir(), "bench-policies-"));
	try {
		const kinds = await previews(lab, stackFile, work);
		writeResult({ runs, scaling, previews: await measurePreviews(pulumi, kinds, work, { runs, say }) });
	} finally {
		await rm(work, { recursive: true });
	}
	return true;
});

type Reported = Pick<BenchOptions, "runs" | "say">;

/** @returns milliseconds of the pack by number of resources */
async function measureScaling(
	lab: readonly Declared[],
	{ runs, say }: Reported,
): Promise<{ resources: number; milliseconds: number }[]> {
	const figures: { resources: number; milliseconds: number }[] = [];
	/** Compiles the code of the runner first; otherwise the smallest stack would seem expensive and the largest cheap. */
	const warmUp = enlarged(lab, 1_000);
	// The client needs the same preparation.
	await evaluated(warmUp, warmUp);
	say("| Resources | Pack | Per resource | Relative to 100 |\n|---|---|---|---|");
	let first: number | undefined;
	for (const size of sizes) {
		const measured: number[] = [];
		for (let run = 0; run < runs; run += 1) {
			measured.push(await evaluated(enlarged(lab, size), warmUp));
		}
		const time = median(measured);
		const cost = time / size;
		first ??= cost;
		figures.push({ resources: size, milliseconds: time });
		say(`| ${size} | ${time.toFixed(0)} ms | ${cost.toFixed(2)} ms | ${(cost / first).toFixed(2)} |`);
	}
	return figures;
}

type Preview = Pick<EngineOptions, "projectDirectory" | "config" | "policyPack">;

/** @param work directory for the input of the flat program */
async function previews(
	lab: readonly Declared[],
	stackFile: StackFile,
	work: string,
): Promise<Record<string, Preview>> {
	const overlay = createOverlay({
		mirror: "http://mirror.lab.internal",
		artifactSha256: "0".repeat(64),
		imageSha256: "0".repeat(64),
		tokenId: "bench@pve!bench",
		authorizedKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOi7eQhFymZCw2bl01oWMpf5i8fN3RxQRYzc0WqG+pE0 bench",
	});
	const program = { projectDirectory: project, config: engineConfig("rke2-lab", stackFile, overlay) };
	const resources = join(work, "resources.json");
	await writeFile(resources, JSON.stringify(flattened(lab)));
	const flat = { "bench-flat:resources": { value: resources, secret: false } };
	return {
		"the same resources, declared one by one": { projectDirectory: join(project, "bench/flat"), config: flat },
		[withoutPack]: program,
		"with an empty pack": { ...program, policyPack: join(project, "bench/empty-pack") },
		"with the pack": { ...program, policyPack: join(project, "policies") },
	};
}

function flattened(lab: readonly Declared[]): FlatResource[] {
	const versions = new Map(requirements(project).plugins.map(({ name, version }) => [name, version]));
	return lab
		.filter(({ type }) => !type.startsWith("pulumi:"))
		.map(({ type, name, inputs }) => ({
			type,
			name,
			inputs: inputs.toJavaScript(),
			version: versions.get(type.split(":")[0]!)!,
		}));
}

/** @returns seconds of each kind of preview */
async function measurePreviews(
	pulumi: PulumiCli,
	kinds: Record<string, Preview>,
	work: string,
	{ runs, say }: Reported,
): Promise<Record<string, number>> {
	const figures: Record<string, number> = {};
	const seconds = new Map<string, number[]>(Object.keys(kinds).map((name) => [name, []]));
	// The first preview of each opens its stack.
	for (const [name, preview] of Object.entries(kinds)) {
		await previewed(pulumi, preview, join(work, name.replaceAll(" ", "-")));
	}
	for (let run = 0; run < runs; run += 1) {
		// In turn, so that a slower machine slows all variants.
		for (const [name, preview] of Object.entries(kinds)) {
			seconds.get(name)!.push(await previewed(pulumi, preview, join(work, name.replaceAll(" ", "-"))));
		}
	}
	const without = median(seconds.get(withoutPack)!);
	say(`\n| Preview of the lab stack | Time | More than the line above | Relative |\n|---|---|---|---|`);
	const variants = [...seconds];
	for (const [index, [name, measured]] of variants.entries()) {
		const time = median(measured);
		// Of each turn, because the machine changes its speed between turns.
		const above = variants[index - 1]?.[1];
		const more = above ? `${median(measured.map((one, run) => one - above[run]!)).toFixed(2)} s` : "";
		figures[name] = time;
		say(`| ${name} | ${time.toFixed(2)} s | ${more} | ${(time / without).toFixed(2)} |`);
	}
	return figures;
}

/** Milliseconds of the pack for new resources, once it has started and compiled its code. */
async function evaluated(resources: readonly Declared[], warmUp: readonly Declared[]): Promise<number> {
	const runner = await PolicyRunner.start();
	try {
		await review(runner, warmUp);
		const start = performance.now();
		await review(runner, resources);
		return performance.now() - start;
	} finally {
		runner.stop();
	}
}

async function review(runner: PolicyRunner, resources: readonly Declared[]): Promise<void> {
	for (const resource of resources) {
		await runner.analyze(resource);
	}
	await runner.analyzeStack(resources);
}

/**
 * Resources of the types and proportions of the lab, like those of several clusters. No unique value and no text occurs
 * twice: otherwise a rule with a cache would seem faster than it is.
 */
function enlarged(resources: readonly Declared[], size: number): Declared[] {
	const weight = ({ type, inputs }: Declared) => `${type} ${String(inputs.serializeBinary().length).padStart(9, "0")}`;
	const sorted = resources.toSorted((a, b) => (weight(a) < weight(b) ? -1 : 1));
	const copies = new Map<Declared, number>();
	return Array.from({ length: size }, (_, index) => {
		const original = sorted[Math.floor((index * sorted.length) / size)]!;
		const copy = (copies.get(original) ?? 0) + 1;
		copies.set(original, copy);
		const text = JSON.stringify(original.inputs.toJavaScript())
			.replaceAll("proj-", `c${copy}-`)
			.replaceAll(/"(name|namespace|nodeName)":"([^"]+)"/g, `"$1":"$2-${copy}"`)
			.replaceAll(/"vmId":(\d+)/g, (_, id) => `"vmId":${Number(id) + copy * 1000}`)
			.replaceAll(/"address":"10\.25\.20\./g, `"address":"10.${copy}.20.`);
		return {
			...original,
			name: `${original.name}-${copy}`,
			urn: `${original.urn}-${copy}`,
			inputs: protobuf.Struct.fromJavaScript(JSON.parse(text)),
		};
	});
}

/**
 * Seconds of a preview from nothing, in a stack that Pulumi has opened before, as a user runs it: a listener to the CLI's events
 * would take time for each policy and resource.
 */
async function previewed(pulumi: PulumiCli, preview: Preview, stateDirectory: string): Promise<number> {
	const options = { ...preview, stack: "lab", stateDirectory, environment: {} };
	const pack = preview.policyPack ? ["--policy-pack", preview.policyPack] : [];
	const args = ["preview", "--stack", "lab", "--non-interactive", "--color", "never", ...pack];
	const start = performance.now();
	const { status, printed } = await pulumi.run(options, ...args);
	const seconds = (performance.now() - start) / 1000;
	if (status !== 0) {
		throw new Error(`The preview failed, so it measures nothing: ${printed}`);
	}
	return seconds;
}
