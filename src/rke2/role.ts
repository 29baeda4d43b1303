import type { NodeConfig } from "../config/schema/stack.ts";
import type { Rke2Role } from "./keys.ts";

/** RKE2's role for a role of the stack file. */
export function rke2Role({ role }: Pick<NodeConfig, "role">): Rke2Role {
	return role === "control-plane" ? "server" : "agent";
}
