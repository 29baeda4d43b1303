/** Taints of the stack file and of nodes. */
import type { NodeConfig } from "../schema/stack.ts";

export interface Taint {
	key: string;
	/** Empty without a value. */
	value: string;
	effect: string;
}

/** The program sets this taint, because RKE2 sets none on its servers. */
export const controlPlaneTaint = "node-role.kubernetes.io/control-plane:NoSchedule";

/** Every taint of a node: that of its role and its own, as `key=value:effect` or `key:effect`. */
export function nodeTaints({ role, taints }: Pick<NodeConfig, "role" | "taints">): string[] {
	return [...(role === "control-plane" ? [controlPlaneTaint] : []), ...taints];
}

/** @param text `key=value:effect` or `key:effect` */
export function parseTaint(text: string): Taint {
	const [, key = "", value = "", effect = ""] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text) ?? [];
	return { key, value, effect };
}

/**
 * The toleration of a taint with any value.
 *
 * @param text `key=value:effect` or `key:effect`
 */
export function tolerationOf(text: string): { key: string; operator: "Exists"; effect: string } {
	const { key, effect } = parseTaint(text);
	return { key, operator: "Exists", effect };
}

/** Whether pods without a toleration are scheduled on the node. */
export function acceptsAnyPod(node: Pick<NodeConfig, "role" | "taints">): boolean {
	return nodeTaints(node).every((taint) => parseTaint(taint).effect === "PreferNoSchedule");
}
