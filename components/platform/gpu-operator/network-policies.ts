import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { internet, type Networks } from "../network-policies/destinations.ts";
import { allowMetricsOf } from "../network-policies/metrics.ts";
import type { LabelSelector, NamedPolicy } from "../network-policies/network-policy.ts";
import {
	allowApiServer,
	allowDns,
	allowEgress,
	declaredDestinations,
	defaultDeny,
	tcp,
	throughProxy,
} from "../network-policies/rules.ts";

type Driver = Pick<NonNullable<StackConfig["platform"]["gpuOperator"]>, "driver" | "allowTo">;

/** The operator creates these pods, not the chart. */
const driverPods: LabelSelector = { matchLabels: { app: "nvidia-driver-daemonset" } };

export function gpuOperatorPolicies(
	stack: Networks & Pick<StackConfig, "platform">,
	gpuOperator: Driver,
): NamedPolicy[] {
	return [
		defaultDeny(),
		allowDns(),
		allowApiServer(stack),
		...(gpuOperator.driver === "operator" ? [allowDriverPackages(stack, gpuOperator)] : []),
		...allowMetricsOf("gpuOperator", stack),
	];
}

/** The driver container builds the kernel modules with headers that it downloads from the distribution's archive. */
function allowDriverPackages(stack: Networks, { allowTo }: Driver): NamedPolicy {
	return allowEgress(
		"allow-driver-packages",
		driverPods,
		{ to: [internet(stack)], ports: tcp(80, 443) },
		...declaredDestinations(stack, allowTo),
		...throughProxy(stack),
	);
}
