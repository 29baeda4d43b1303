/**
 * Rules about one kind of thing, which is read for them. Pulumi reads a resource anew for every policy that it asks, so a
 * rule that names its type costs nothing for all others.
 */

import { helmRelease, type Release } from "../helm/releases.ts";
import { type Rke2Config, remoteCommand, rke2ConfigOf, serverConfigOf } from "../rke2/files.ts";
import { type Machine, virtualMachine } from "../vm/machines.ts";
import type { Resource } from "./resource.ts";
import type { Report, ResourceRule, RuleDescription } from "./rule.ts";

type About<Subject> = RuleDescription & {
	check(subject: Subject, report: Report, resource: Resource): void;
};

/** About every virtual machine. */
export function machineRule({ check, ...description }: About<Machine>): ResourceRule {
	return {
		...description,
		type: virtualMachine,
		checkResource: (resource, report) => check(resource.props as Machine, report, resource),
	};
}

/** About every Helm release. */
export function releaseRule({ check, ...description }: About<Release>): ResourceRule {
	return {
		...description,
		type: helmRelease,
		checkResource: (resource, report) => check(resource.props as Release, report, resource),
	};
}

/** About the RKE2 configuration of every node. */
export function nodeRule(rule: About<Rke2Config>): ResourceRule {
	return configRule(rule, rke2ConfigOf);
}

/** About the RKE2 configuration of every control plane. */
export function serverRule(rule: About<Rke2Config>): ResourceRule {
	return configRule(rule, serverConfigOf);
}

function configRule(
	{ check, ...description }: About<Rke2Config>,
	configOf: (resource: Resource) => Rke2Config | undefined,
): ResourceRule {
	return {
		...description,
		type: remoteCommand,
		concerned: configOf,
		checkResource: (resource, report) => {
			const config = configOf(resource);
			if (config) {
				check(config, report, resource);
			}
		},
	};
}
