/** Rules for taints: a node can register with each, and the platform's pods have a node without one. */
import { acceptsAnyPod, controlPlaneTaint, nodeTaints, parseTaint } from "../derived/node-taints.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry } from "../read/readable.ts";
import type { NodeConfig, StackConfig } from "../schema/stack.ts";
import { isKey, isValue, keyAndValueForm } from "./kubernetes-names.ts";

export function checkTaints(stack: StackConfig): Problem[] {
	return applyRules(stack, ({ nodes }) => eachEntry(nodes, ofNode), roomForThePlatform);
}

function ofNode(name: string, node: NodeConfig): Problem[] {
	const all = nodeTaints(node);
	const ofRole = all.length - node.taints.length;
	return node.taints.flatMap((taint, index) => {
		const message = malformed(taint) ?? repeated(taint, all.slice(0, ofRole + index));
		return message ? [{ key: `nodes.${name}.taints.${index}`, message }] : [];
	});
}

function malformed(taint: string): string | undefined {
	const { key, value } = parseTaint(taint);
	return isKey(key) && isValue(value)
		? undefined
		: `${taint} is not a taint that Kubernetes accepts: ${keyAndValueForm}.`;
}

/** Kubernetes accepts a key with an effect once, even with different values. */
function repeated(taint: string, earlier: string[]): string | undefined {
	const { key, effect } = parseTaint(taint);
	const other = earlier
		.map((text) => ({ text, ...parseTaint(text) }))
		.find((t) => t.key === key && t.effect === effect);
	if (!other) {
		return undefined;
	}
	const message = `${taint} has the key and the effect of ${other.text}`;
	return other.text === controlPlaneTaint
		? `${message}, which every control plane gets; remove it.`
		: `${message}; a node with the same pair twice does not register.`;
}

/** The charts of the platform have no tolerations, and a Helm release waits for its pods. */
function roomForThePlatform({ nodes }: StackConfig): Problem[] {
	if (Object.values(nodes).some(acceptsAnyPod)) {
		return [];
	}
	return [
		{
			key: "nodes",
			message:
				"found no worker without a NoSchedule or NoExecute taint; at least one is required, because Traefik, cert-manager and MetalLB's controller tolerate no taint, and every control plane has one.",
		},
	];
}
