import { createHmac } from "node:crypto";

/**
 * The token by which workers register, where the stack has none of its own: it follows from the server token, so that a
 * cluster without one needs no step by hand, and nobody who has it can calculate the server token back.
 *
 * @param clusterToken RKE2's server token, as the stack's secret of that name
 * @returns 64 hexadecimal digits
 */
export function deriveAgentToken(clusterToken: string): string {
	return createHmac("sha256", clusterToken).update("RKE2 agent token").digest("hex");
}
