/**
 * `npm run bench`: the figures of the README, measured on this machine. Each is one run of the whole rehearsal on a warm
 * set-up; a slow machine shows larger ones, so the ratios between the rows say more than the rows.
 *
 *   --engine pulumi|embedded   default: the first that works
 *   --runs N                   default 3; the median is shown
 */
import { parseArgs } from "node:util";
import type { EngineName, EngineStep } from "../rehearsal/engine/engine.ts";
import { Rehearsal } from "../rehearsal/rehearsal.ts";

interface Figures {
	boot: number;
	preview: number;
	up: number;
	secondPreview: number;
	destroy: number;
	memory: number;
}

const rows: [key: keyof Figures, label: string, unit: string, target: string][] = [
	["boot", "machines requested until all eight answer SSH", "s", "15"],
	["preview", "preview from nothing, with policies", "s", ""],
	["up", "up: eight nodes, all releases", "s", "120"],
	["secondPreview", "preview without a change, with policies", "s", "10"],
	["destroy", "destroy", "s", ""],
	["memory", "peak memory of everything together", "MiB", "6144"],
];

const { values } = parseArgs({ options: { engine: { type: "string" }, runs: { type: "string", default: "3" } } });
const measured: Figures[] = [];
let engine = "";
for (let run = 0; run < Number(values.runs); run += 1) {
	measured.push(await measure());
}

console.log(`${engine}; median of ${measured.length}`);
console.log("| | Measured | Target |\n|---|---|---|");
for (const [key, label, unit, target] of rows) {
	const figure = median(measured.map((figures) => figures[key]));
	console.log(`| ${label} | ${figure.toFixed(unit === "s" ? 1 : 0)} ${unit} | ${target && `${target} ${unit}`} |`);
}

async function measure(): Promise<Figures> {
	const steps: EngineStep[] = [];
	const rehearsal = await Rehearsal.open({
		name: "bench",
		engine: values.engine as EngineName | undefined,
		stack: "lab",
		say: console.error,
		onStep: (step) => steps.push(step),
	});
	engine = rehearsal.engine.description;
	try {
		const preview = await rehearsal.preview();
		steps.length = 0;
		const up = await rehearsal.up();
		const secondPreview = await rehearsal.preview();
		const destroy = await rehearsal.destroy();
		if (![preview, up, secondPreview, destroy].every(({ succeeded }) => succeeded)) {
			throw new Error("The rehearsal failed, so it measures nothing; `npm run rehearse` says why.");
		}
		const { peakMemoryMiB } = await rehearsal.close();
		return {
			boot: bootSeconds(steps),
			preview: preview.seconds,
			up: up.seconds,
			secondPreview: secondPreview.seconds,
			destroy: destroy.seconds,
			memory: peakMemoryMiB,
		};
	} catch (error) {
		await rehearsal.close();
		throw error;
	}
}

/** From the first machine that is asked for to the last host key that is shown. */
function bootSeconds(steps: readonly EngineStep[]): number {
	const made = steps.filter(({ operation }) => operation === "create");
	const requested = made.find(({ type }) => type.startsWith("proxmoxve:index/vmLegacy"))?.at ?? 0;
	const answered = made.findLast(({ urn, phase }) => urn.endsWith("-host-key") && phase === "succeeded")?.at ?? 0;
	return (answered - requested) / 1000;
}

function median(numbers: number[]): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
