/** How the files of a node differ from the recorded ones. */
import { readFileSync } from "node:fs";
import { renderBundle } from "../rke2/bundle.ts";
import { paths } from "../rke2/paths.ts";
import { runOverSsh } from "../ssh/run.ts";
import type { RecordedNode, RecordedStep } from "./recorded-node.ts";

export interface FileDifference {
	path: string;
	/** Such as `has mode 0666 and owner root:root`. */
	what: string;
}

export interface NodeDrift {
	node: string;
	/** The node could not be asked, for this reason. */
	failure?: string;
	files: readonly FileDifference[];
	/** Whether the last convergence of the node has not ended. */
	unfinished: boolean;
}

/** Seconds for the login and the comparison. */
const timeoutSeconds = 90;
/** Lines of a file that a sentence names at most. */
const linesAtMost = 5;
const charactersAtMost = 100;

/** Asks the node, and changes nothing there. */
export async function driftOf({ node, connection, steps }: RecordedNode): Promise<NodeDrift> {
	const { parameters, input } = comparison(steps);
	const result = await runOverSsh(connection, `sudo -n bash ${parameters.join(" ")}`, { input, timeoutSeconds });
	return "failure" in result
		? { node, failure: printable(result.failure), files: [], unfinished: false }
		: { node, ...parseComparison(result.output) };
}

/** What bash gets on the node. The script comes from this checkout, because somebody may have changed the node's own. */
export function comparison(steps: readonly RecordedStep[]): { parameters: string[]; input: string } {
	const script = readFileSync(new URL("../rke2/scripts/unpack.sh", import.meta.url), "utf8");
	const secret = steps.filter((step) => step.secret).flatMap(({ files }) => files.map(({ path }) => path));
	const bundle = renderBundle(steps.flatMap(({ files }) => files));
	return {
		parameters: ["-s", "--", "compare", ...secret],
		input: `[ -e ${paths.state}/applied ] || echo unfinished\n${script}${bundle}`,
	};
}

/** @param output of scripts/unpack.sh compare */
export function parseComparison(output: string): Pick<NodeDrift, "files" | "unfinished"> {
	const entries: { word: string; path: string; details: string; missing: string[]; added: string[] }[] = [];
	for (const line of printable(output).split("\n")) {
		const entry = entries.at(-1);
		if (line.startsWith("- ") || line.startsWith("+")) {
			(line.startsWith("-") ? entry?.missing : entry?.added)?.push(line.slice(2));
		} else if (line !== "") {
			const [word = "", path = "", ...details] = line.split(" ");
			entries.push({ word, path, details: details.join(" "), missing: [], added: [] });
		}
	}
	return {
		files: entries.flatMap(({ word, path, details, missing, added }) => {
			switch (word) {
				case "missing":
					return [{ path, what: "is missing" }];
				case "type":
					return [{ path, what: `is a ${details}` }];
				case "permissions":
					return [{ path, what: `has mode ${details.replace(" ", " and owner ")}` }];
				case "contents":
					return [{ path, what: contentsSentence(missing, added) }];
				default:
					return [];
			}
		}),
		unfinished: entries.some(({ word }) => word === "unfinished"),
	};
}

function contentsSentence(missing: readonly string[], added: readonly string[]): string {
	const named = added.filter((name) => name !== "");
	const parts = [
		...(missing.length > 0 ? [`lacks ${linesOf(missing.length)}: ${listed(missing)}`] : []),
		...(added.length > 0
			? [`has ${linesOf(added.length)} that nobody wants${named.length > 0 ? `, with ${listed(named)}` : ""}`]
			: []),
	];
	return parts.length > 0 ? parts.join("; ") : "has other contents";
}

function linesOf(count: number): string {
	return count === 1 ? "a line" : `${count} lines`;
}

function listed(lines: readonly string[]): string {
	const shown = lines.slice(0, linesAtMost).map((line) => line.trim().slice(0, charactersAtMost));
	return [...shown, ...(lines.length > linesAtMost ? ["..."] : [])].join(" | ");
}

/** A node may send anything, also what a terminal takes for a command. */
function printable(text: string): string {
	return text.replaceAll(/[^\P{Cc}\n]|\p{Cf}/gu, "");
}
