/** Taints as the stack file has them and as a node gets them. */
import type { NodeConfig } from "../schema/stack.ts";

export interface Taint {
	key: string;
	/** Empty where there is none. */
	value: string;
	effect: string;
}

/** RKE2 taints no server by itself. */
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
 * What a pod needs to run past a taint, whatever the taint's value is.
 *
 * @param text `key=value:effect` or `key:effect`
 */
export function tolerationOf(text: string): { key: string; operator: "Exists"; effect: string } {
	const { key, effect } = parseTaint(text);
	return { key, operator: "Exists", effect };
}

/** Whether pods without a toleration are scheduled on the node. */
export function takesAnyPod(node: Pick<NodeConfig, "role" | "taints">): boolean {
	return nodeTaints(node).every((taint) => parseTaint(taint).effect === "PreferNoSchedule");
}
