/** Resources that change in the same way, in one entry: one key of the stack file may change eight nodes. */
import type { RecordedNode, RecordedResource } from "../recording/recording.ts";
import type { ResourceChange } from "./resources.ts";
import type { Change, ResourceGroup } from "./review.ts";

/** The gravest first. */
const order = ["delete", "replace", "update", "create"] as const;

/** @param nodes of both recordings */
export function groupChanges(changes: readonly ResourceChange[], nodes: readonly RecordedNode[]): ResourceGroup[] {
	const byText = new Map<string, ResourceGroup>();
	for (const change of changes) {
		const resource = (change.now ?? change.old)!;
		const node = ownerOf(resource, nodes);
		const group: ResourceGroup = {
			action: change.action,
			kind: kindOf(resource, node),
			names: [resource.name],
			nodes: node ? [node.name] : [],
			changes: node ? change.changes.map((one) => withoutOwner(one, node)) : change.changes,
			because: node ? change.because.map((text) => text.replaceAll(node.name, "NODE")) : change.because,
		};
		const text = JSON.stringify([group.action, group.kind, group.changes, group.because, node === undefined]);
		const known = byText.get(text);
		if (known) {
			known.names.push(resource.name);
			known.nodes.push(...group.nodes.filter((name) => !known.nodes.includes(name)));
		} else {
			byText.set(text, group);
		}
	}
	const places = nodes.map(({ name }) => name);
	return [...byText.values()]
		.map((group) => ({ ...group, nodes: group.nodes.toSorted((a, b) => places.indexOf(a) - places.indexOf(b)) }))
		.sort(
			(a, b) => order.indexOf(a.action) - order.indexOf(b.action) || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0),
		);
}

/** The node of a VM, a command or an object of one node; their names begin with the node's. */
function ownerOf({ name }: RecordedResource, nodes: readonly RecordedNode[]): RecordedNode | undefined {
	return nodes
		.filter((node) => name === node.name || name.startsWith(`${node.name}-`))
		.toSorted((a, b) => b.name.length - a.name.length)[0];
}

/** For people: `converge`, `VmLegacy`, `NetworkPolicy`. */
function kindOf({ type, name }: RecordedResource, node: RecordedNode | undefined): string {
	const kind = type
		.split(":")
		.at(-1)!
		.replace(/Legacy$/, "");
	const isCommand = type.startsWith("command:");
	return isCommand && node ? `command ${name.slice(node.name.length + 1)}` : kind === "Vm" ? "VM" : kind;
}

function withoutOwner(change: Change, node: RecordedNode): Change {
	const mask = (text: string) =>
		text.replace(new RegExp(`${escaped(node.name)}(?![\\w-]*\\w)`, "g"), "NODE").replaceAll(node.address, "ADDRESS");
	const { old, new: now } = change;
	return {
		...change,
		path: mask(change.path),
		...(old === undefined ? {} : { old: mask(old) }),
		...(now === undefined ? {} : { new: mask(now) }),
	};
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
