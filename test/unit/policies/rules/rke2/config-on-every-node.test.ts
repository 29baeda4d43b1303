import { expect, test } from "vitest";
import { rke2ConfigOnEveryNode } from "../../../../../policies/rules/rke2/config-on-every-node.ts";
import { agentConfig, serverConfig } from "../../bundle.ts";
import { stackViolations, unknown } from "../../run-rule.ts";

const machine = (name: string, ...tags: string[]) => ({
	type: "proxmoxve:index/vmLegacy:VmLegacy",
	name,
	props: { tags, macAddresses: unknown },
});
const server = serverConfig("profile: cis\n", {}, "proj-k8sm01-converge");
const agent = agentConfig("profile: cis\n", "proj-k8sw01-converge");

test("a server and an agent with configurations of their own pass", () => {
	const machines = [machine("proj-k8sm01", "control-plane"), machine("proj-k8sw01", "worker")];
	expect(stackViolations(rke2ConfigOnEveryNode, [...machines, server, agent])).toEqual([]);
});

test("a machine that is not a node of the cluster passes", () => {
	expect(stackViolations(rke2ConfigOnEveryNode, [machine("proj-pg01", "database")])).toEqual([]);
});

test("a node that gets no configuration is refused", () => {
	const machines = [machine("proj-k8sm01", "control-plane"), machine("proj-k8sw02", "worker")];
	expect(stackViolations(rke2ConfigOnEveryNode, [...machines, server, agent])).toEqual([
		"proj-k8sw02: No command proj-k8sw02-converge gives the machine the RKE2 configuration of an agent.",
	]);
});

test("a node that gets the configuration of the other role is refused", () => {
	expect(stackViolations(rke2ConfigOnEveryNode, [machine("proj-k8sw01", "control-plane"), agent])).toEqual([
		"proj-k8sw01: No command proj-k8sw01-converge gives the machine the RKE2 configuration of a server.",
	]);
});

test.each(["stdin", "*"])("a node whose configuration is ignored when it changes (%s) is refused", (path) => {
	const frozen = { ...agent, ignoreChanges: [path] };
	expect(stackViolations(rke2ConfigOnEveryNode, [machine("proj-k8sw01", "worker"), frozen])).toHaveLength(1);
});
