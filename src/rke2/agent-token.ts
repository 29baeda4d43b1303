import { createHmac } from "node:crypto";

/**
 * The token by which workers register, unless the stack has one of its own. It derives from the server token, so that the
 * administrator has nothing to do, and the server token cannot be calculated from it.
 *
 * @param clusterToken RKE2's server token, as the stack's secret of that name
 * @returns 64 hexadecimal digits
 */
export function deriveAgentToken(clusterToken: string): string {
	return createHmac("sha256", clusterToken).update("RKE2 agent token").digest("hex");
}
