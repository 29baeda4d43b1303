/** The files that the program has written to the nodes, as the recorded inputs of its commands have them. */
import { nodeStepName } from "../facts/resource-names.ts";
import { type NodeFile, parseBundle, renderBundle } from "../rke2/bundle.ts";
import { withMarks, withoutMarks } from "../rke2/drift-mark.ts";
import { paths } from "../rke2/paths.ts";
import type { Connection } from "../ssh/connection.ts";
import {
	asSecret,
	type Exported,
	type ExportedResource,
	isSecret,
	nameOf,
	parentNode,
	remoteCommand,
	revealed,
} from "../state/exported.ts";

/** A command that writes files. */
export interface RecordedStep {
	files: readonly NodeFile[];
	/** Whether the lines of the files are secret. */
	secret: boolean;
	/**
	 * Marks files in the recorded inputs, which the next `up` changes back.
	 *
	 * @param sentences by the path of the file
	 */
	mark: (sentences: ReadonlyMap<string, readonly string[]>) => void;
}

export interface RecordedNode {
	node: string;
	connection: Connection;
	steps: readonly RecordedStep[];
	/** The one of the steps that restarts RKE2. */
	converge: RecordedStep;
}

/** @returns the members of the cluster: a node that was never converged has no files that count */
export function recordedNodes({ deployment }: Exported): RecordedNode[] {
	const commands = (deployment.resources ?? []).filter(({ type }) => type === remoteCommand);
	const byNode = Map.groupBy(commands, parentNode);
	return [...byNode].flatMap(([node, steps]) => {
		const stepOf = (name: Parameters<typeof nodeStepName>[1]) =>
			steps.find((step) => node !== undefined && nameOf(step) === nodeStepName(node, name));
		const converge = stepOf("converge");
		if (node === undefined || !converge) {
			return [];
		}
		const others = [
			...[stepOf("toolkit"), stepOf("prepare")].flatMap((step) => (step ? [bundleStep(step)] : [])),
			...[stepOf("registries")].flatMap((step) => (step ? [registriesStep(step)] : [])),
			...[stepOf("token")].flatMap((step) => (step ? [tokenStep(step)] : [])),
		];
		const last = bundleStep(converge);
		return [
			{
				node,
				connection: revealed(converge.inputs?.connection) as Connection,
				steps: [...others, last],
				converge: last,
			},
		];
	});
}

/** The toolkit has a script before its bundle. */
function bundleStep(step: ExportedResource): RecordedStep {
	const stdin = stdinOf(step);
	const begin = Math.max(stdin.search(/^file \//m), 0);
	const files = parseBundle(stdin.slice(begin)).map((file) => ({ ...file, content: withoutMarks(file.content) }));
	return {
		files,
		secret: false,
		mark: (sentences) => {
			const marked = files.map((file) => ({
				...file,
				content: withMarks(file.content, sentences.get(file.path) ?? []),
			}));
			setStdin(step, `${stdin.slice(0, begin)}${renderBundle(marked)}`);
		},
	};
}

/** scripts/registries.sh */
function registriesStep(step: ExportedResource): RecordedStep {
	return secretStep(step, (content) => [secretFile(paths.registries, content)]);
}

/** scripts/token.sh: the agent token, and on a server the server token after it. */
function tokenStep(step: ExportedResource): RecordedStep {
	const [, hash] = /\/token\.sh \S+ (?:server|agent) ([0-9a-f]+)/.exec(String(revealed(step.inputs?.create))) ?? [];
	const tokenOf = (user: string, password: string) => `${hash ? `K10${hash}::${user}:` : ""}${password}\n`;
	return secretStep(step, (content) => {
		const [agent = "", server] = content.split("\n");
		return [
			secretFile(paths.agentToken, tokenOf("node", agent)),
			...(server ? [secretFile(paths.token, tokenOf("server", server))] : []),
		];
	});
}

/** A mark stands behind the text. */
function secretStep(step: ExportedResource, filesIn: (content: string) => NodeFile[]): RecordedStep {
	const content = withoutMarks(stdinOf(step));
	return {
		files: filesIn(content),
		secret: true,
		mark: (sentences) => {
			const text = content.endsWith("\n") ? content : `${content}\n`;
			setStdin(step, withMarks(text, [...sentences.values()].flat()));
		},
	};
}

function secretFile(path: string, content: string): NodeFile {
	return { path, mode: "0600", owner: "root:root", content };
}

function stdinOf({ inputs }: ExportedResource): string {
	return String(revealed(inputs?.stdin) ?? "");
}

/** In the inputs, and in the outputs, with which the plugin compares. A secret stays a secret. */
function setStdin({ inputs, outputs }: ExportedResource, text: string): void {
	for (const values of [inputs, outputs]) {
		if (values?.stdin !== undefined) {
			values.stdin = isSecret(values.stdin) ? asSecret(text) : text;
		}
	}
}
