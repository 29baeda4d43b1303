/**
 * The configuration that the engine sends to the pack. The SDK gives each policy its own part of it; a part under a name
 * that no policy has would be lost.
 */
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import { onConfigureRequest } from "../../../src/sdk/analyzer-requests.ts";

export interface Levels {
	/** Whether a policy is on. */
	isOn(policy: string): boolean;
	/** Whether a policy may correct what it refuses. */
	remediate: boolean;
}

/**
 * Call it before the pack is served.
 *
 * @param receive gets, by policy, the settings beside the level, which Pulumi has checked, and the levels
 */
export function onConfiguration(receive: (config: Record<string, object>, levels: Levels) => void): void {
	onConfigureRequest((request) => {
		// The engine sends them in no order.
		const entries = [...request.getPolicyconfigMap().entries()].sort(([a], [b]) => (a < b ? -1 : 1));
		const levels = new Map(entries.map(([name, policy]) => [name, policy.getEnforcementlevel()]));
		receive(Object.fromEntries(entries.map(([name, policy]) => [name, policy.getProperties()?.toJavaScript() ?? {}])), {
			isOn: (policy) => levels.get(policy) !== analyzer.EnforcementLevel.DISABLED,
			remediate: [...levels.values()].includes(analyzer.EnforcementLevel.REMEDIATE),
		});
	});
}
