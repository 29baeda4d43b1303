/** What a change does to one node, in a word for the style and in words for people. */
import type { StackReview, Step } from "../../compare/review.ts";
import type { StackRecording } from "../../recording/recording.ts";

export interface Fate {
	does: "keeps" | "restart" | "join" | "create" | "remove" | "by-hand";
	/** Empty for a node that keeps running. */
	text: string;
}

const styles: Readonly<Record<Step["does"], Fate["does"]>> = {
	restart: "restart",
	"restart-vm": "restart",
	"restart-vm-and-rke2": "restart",
	join: "join",
	create: "create",
};

export function fateOf(
	node: string,
	{ rollout }: Pick<StackReview, "rollout">,
	before: StackRecording,
	after: StackRecording,
): Fate {
	const has = ({ nodes }: StackRecording) => nodes.some(({ name }) => name === node);
	if (has(before) && !has(after)) {
		return { does: "remove", text: "removed, with its disks" };
	}
	const order = rollout.steps.flatMap(({ nodes, does }) => nodes.map((name) => ({ name, does })));
	const place = order.findIndex(({ name }) => name === node);
	const step = order[place];
	const texts = {
		restart: `drained and restarted, ${place + 1} of ${order.length}`,
		"restart-vm": `drained, VM restarted, ${place + 1} of ${order.length}`,
		"restart-vm-and-rke2": `drained twice, VM and then RKE2 restarted, ${place + 1} of ${order.length}`,
		join: "new, joins",
		create: `VM made anew, ${place + 1} of ${order.length}`,
	};
	const others = [
		...(rollout.powerCycled.includes(node) ? ["to stop and start by hand"] : []),
		...(rollout.rewired.includes(node) ? ["network changes while it runs"] : []),
	];
	const text = [...(step ? [texts[step.does]] : []), ...others].join("; ");
	return { does: step ? styles[step.does] : others.length > 0 ? "by-hand" : "keeps", text };
}
