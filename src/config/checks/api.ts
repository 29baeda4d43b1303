/** Rules for the address of the API. */
import { contains } from "../formats/addresses.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { conflict, neighbours, segmentEnds } from "./taken-addresses.ts";

export function checkApi(stack: StackConfig): Problem[] {
	return applyRules(stack, checkAddress, checkBalancer, checkLease);
}

/**
 * kube-vip does not start with other values: https://pkg.go.dev/k8s.io/client-go/tools/leaderelection, NewLeaderElector.
 * The time between two attempts is up to 1.2 periods (JitterFactor).
 */
function checkLease({ cluster }: StackConfig): Problem[] {
	const { leaseDuration, renewDeadline, retryPeriod } = cluster.api.kubeVip;
	const key = "cluster.api.kubeVip";
	return [
		...(renewDeadline < leaseDuration
			? []
			: [
					{
						key: `${key}.renewDeadline`,
						message: `is ${renewDeadline} and must be less than leaseDuration, ${leaseDuration}: otherwise two servers hold the address.`,
					},
				]),
		...(renewDeadline > 1.2 * retryPeriod
			? []
			: [
					{
						key: `${key}.retryPeriod`,
						message: `is ${retryPeriod} and must be less than renewDeadline, ${renewDeadline}, by at least a fifth: otherwise the holder gives up after one attempt.`,
					},
				]),
	];
}

function checkBalancer({ cluster }: StackConfig): Problem[] {
	const { mode, balancerCidrs } = cluster.api;
	return balancerCidrs === undefined || mode === "external"
		? []
		: [
				{
					key: "cluster.api.balancerCidrs",
					message: `is only for mode external, where a load balancer connects to the API; found mode ${mode}.`,
				},
			];
}

function checkAddress(stack: StackConfig): Problem[] {
	const { mode, address, hostname } = stack.cluster.api;
	if (mode === "dns") {
		return address === undefined
			? []
			: [problem(`must be left out in mode dns, where ${hostname} resolves to the control planes; found ${address}.`)];
	}
	return address === undefined ? [problem(`is missing; mode ${mode} needs it.`)] : placement(stack, address);
}

function placement(stack: StackConfig, address: string): Problem[] {
	const { cidr } = stack.network;
	// A load balancer may be anywhere, even on the gateway or on a nameserver.
	const moves = stack.cluster.api.mode !== "external";
	// An address that moves between nodes is announced by ARP, which reaches only their own segment.
	const message =
		moves && !contains(cidr, address)
			? `${address} is outside network.cidr ${cidr}.`
			: conflict(address, moves ? neighbours(stack) : segmentEnds(stack));
	return message ? [problem(message)] : [];
}

function problem(message: string): Problem {
	return { key: "cluster.api.address", message };
}
