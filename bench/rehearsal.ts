/**
 * `npm run bench`: measures the figures of docs/proof.md on this machine. Each run is a whole rehearsal after a finished
 * set-up. The figures depend on the machine; the ratios between the rows say more.
 *
 *   --json FILE   writes the figures as JSON
 *   --runs N      default 3; the output is the median
 */
import { watchMemory } from "../rehearsal/datacenter/memory.ts";
import type { EngineStep } from "../rehearsal/engine/engine.ts";
import { Rehearsal } from "../rehearsal/rehearsal.ts";
import { runCommand } from "../src/commands/command.ts";
import { printMedians, type Row } from "./medians.ts";
import { readOptions } from "./options.ts";

interface Figures {
	boot: number;
	preview: number;
	up: number;
	secondPreview: number;
	destroy: number;
	memory: number;
}

interface Measured {
	/** CLI and plugins of the run. */
	pulumi: string;
	figures: Figures;
}

const rows: Row<keyof Figures>[] = [
	{ key: "boot", label: "machines requested until all eight answer SSH", unit: "s", target: 15 },
	{ key: "preview", label: "preview from nothing, with policies", unit: "s" },
	{ key: "up", label: "up: eight nodes, all releases", unit: "s", target: 120 },
	{ key: "secondPreview", label: "preview without a change, with policies", unit: "s", target: 10 },
	{ key: "destroy", label: "destroy", unit: "s" },
	{ key: "memory", label: "peak memory of everything together", unit: "MiB", target: 6144 },
];

await runCommand("bench", async () => {
	const { runs, say, writeResult } = readOptions();
	const measured: Measured[] = [];
	for (let run = 0; run < runs; run += 1) {
		measured.push(await measure());
	}
	say(`${measured[0]!.pulumi}; median of ${runs}`);
	const medians = printMedians(
		rows,
		measured.map(({ figures }) => figures),
		say,
	);
	writeResult({ runs, pulumi: measured[0]!.pulumi, figures: medians });
	return true;
});

async function measure(): Promise<Measured> {
	const steps: EngineStep[] = [];
	const rehearsal = await Rehearsal.open({
		name: "bench",
		stack: "lab",
		say: console.error,
		onStep: (step) => steps.push(step),
	});
	const memory = watchMemory(rehearsal.run);
	try {
		const preview = await rehearsal.preview();
		const up = await rehearsal.up();
		const secondPreview = await rehearsal.preview();
		const destroy = await rehearsal.destroy();
		if (![preview, up, secondPreview, destroy].every(({ succeeded }) => succeeded)) {
			throw new Error("The rehearsal failed, so it measures nothing; `npm run rehearse` says why.");
		}
		const peakMemoryMiB = await memory.stop();
		await rehearsal.close();
		const figures = {
			boot: bootSeconds(steps),
			preview: preview.seconds,
			up: up.seconds,
			secondPreview: secondPreview.seconds,
			destroy: destroy.seconds,
			memory: peakMemoryMiB,
		};
		return { pulumi: rehearsal.pulumi, figures };
	} catch (error) {
		await memory.stop();
		await rehearsal.close();
		throw error;
	}
}

/** From the request for the first machine to the last learned host key. */
function bootSeconds(steps: readonly EngineStep[]): number {
	const made = steps.filter(({ operation }) => operation === "create");
	const requested = made.find(({ type }) => type.startsWith("proxmoxve:index/vmLegacy"))?.at ?? 0;
	const answered = made.findLast(({ urn, phase }) => urn.endsWith("-host-key") && phase === "succeeded")?.at ?? 0;
	return (answered - requested) / 1000;
}
