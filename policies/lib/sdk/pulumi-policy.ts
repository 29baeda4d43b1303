/** Turns the rules of the pack into the policies that Pulumi runs. */
import type {
	Policies,
	Policy,
	ResourceValidation,
	ResourceValidationPolicy,
	StackValidationPolicy,
} from "@pulumi/policy";
import { benchmark, controlsDecidedBy } from "../../benchmark/index.ts";
import {
	applyExceptions,
	configSchema,
	currentDay,
	type Exception,
	type RuleConfig,
	subjectOf,
} from "../rules/exceptions.ts";
import { isLeftOut } from "../rules/profile-level.ts";
import { type Resource, UndecidableError } from "../rules/resource.ts";
import { reviewResource, reviewStack, type Violation } from "../rules/review.ts";
import type { Rule } from "../rules/rule.ts";
import { remediate } from "./remediate.ts";

const policyConfiguration = "policy-configuration";
const appliedRemediations = "applied-remediations";
const acceptedExceptions = "accepted-exceptions";

/** The policies beside the rules: what is wrong with the configuration, what was changed, what was accepted. */
export const ownPolicies = [policyConfiguration, appliedRemediations, acceptedExceptions];

/**
 * @param inputs by URN, every resource that the engine has sent so far. Pulumi hands a stack policy the outputs, and on the
 * first preview of a cluster, whose kubeconfig nobody knows yet, the outputs of every Kubernetes object are empty
 * @param today as `YYYY-MM-DD`: the day by which exceptions expire
 * @param configured by policy, for those that are on: a rule about a type that no resource has is never asked, and nobody
 * else knows of its exceptions
 */
export function toPulumiPolicies(
	rules: readonly Rule[],
	inputs: ReadonlyMap<string, Resource>,
	today = currentDay(),
	configured: () => Readonly<Record<string, RuleConfig>> = () => ({}),
): Policies {
	const ledger = new Ledger(today);
	const remediated = new Set<string>();

	const policies = rules.map((rule): Policies[number] =>
		"checkStack" in rule
			? {
					...metadata(rule),
					validateStack: ({ resources, getConfig }, report) => {
						const declared = resources.map((resource) => inputs.get(resource.urn) ?? unseen(resource));
						for (const { message, urn } of ledger.settle(rule, reviewStack(rule, declared), getConfig<RuleConfig>())) {
							report(message, urn);
						}
					},
				}
			: {
					...metadata(rule),
					validateResource: onlyOf("type" in rule ? rule.type : undefined, (resource, report) => {
						const config = resource.getConfig<RuleConfig>();
						for (const { message } of ledger.settle(rule, reviewResource(rule, resource), config)) {
							report(message);
						}
					}),
					...("remedies" in rule && {
						remediateResource: (resource) => {
							const { exceptions = [] } = resource.getConfig<RuleConfig>();
							const done = remediate(rule, resource, exceptions, today);
							for (const line of done) {
								remediated.add(line);
							}
							return done.length > 0 ? resource.props : undefined;
						},
					}),
				},
	);
	return [
		...policies,
		printing(appliedRemediations, "What the level remediate changed, printed at every run.", () => [...remediated]),
		printing(acceptedExceptions, "Exceptions in force, printed at every run.", () => ledger.lines(configured())),
	];
}

/** A resource of which the pack has got no inputs: a rule that reads one of them cannot be decided. */
function unseen({ type, name, urn, opts }: Resource): Resource {
	const props = new Proxy<Resource["props"]>(
		{},
		{
			get: () => {
				throw new UndecidableError(`The inputs of ${name} have not reached the policy pack`);
			},
		},
	);
	return { type, name, urn, props, opts };
}

/**
 * As the SDK's validateResourceOfType marks a function, which wants the class of the resource: loading the provider's
 * package would take longer than all rules.
 */
function onlyOf(type: string | undefined, validate: ResourceValidation): ResourceValidation {
	return type === undefined ? validate : Object.assign(validate, { __pulumiType: type });
}

/**
 * Refuses a configuration that says something without effect, at the first resource: nothing is done after it.
 *
 * @param takeProblems sentences that have not been reported yet
 */
export function configurationPolicy(takeProblems: () => string[]): ResourceValidationPolicy {
	return {
		name: policyConfiguration,
		description: "Everything in the policy configuration has an effect.",
		severity: "high",
		remediationSteps: "Run `npm run policy:check -- FILE`.",
		validateResource: (_, report) => {
			for (const problem of takeProblems()) {
				report(problem);
			}
		},
	};
}

/** Remembers which exceptions were used, so that they can be shown and the useless ones named. */
class Ledger {
	readonly #today: string;
	readonly #accepted = new Map<string, string>();

	constructor(today: string) {
		this.#today = today;
	}

	/** @returns the violations that stand */
	settle({ name }: Rule, found: readonly Violation[], config: RuleConfig): Violation[] {
		const { exceptions = [] } = config;
		const counting = found.filter((violation) => !isLeftOut(violation, config));
		const { violations, accepted } = applyExceptions(counting, exceptions, this.#today);
		for (const { exception } of accepted) {
			this.#accepted.set(
				`${name} ${named(exception)}`,
				`${name} accepts ${named(exception)} until ${exception.expires}: ${exception.reason}`,
			);
		}
		return violations;
	}

	/** @param configured by policy */
	lines(configured: Readonly<Record<string, RuleConfig>>): string[] {
		const unused = Object.entries(configured).flatMap(([policy, { exceptions = [] }]) =>
			exceptions
				.map(named)
				.filter((exception) => !this.#accepted.has(`${policy} ${exception}`))
				.map((exception) => `${policy} has an exception for ${exception} that covers nothing; remove it.`),
		);
		return [...this.#accepted.values(), ...unused];
	}
}

function named(exception: Exception): string {
	const { control } = exception;
	return control === undefined ? subjectOf(exception) : `${subjectOf(exception)} (control ${control})`;
}

/** To stand last in the pack: by then every other policy has seen the stack. */
function printing(name: string, description: string, lines: () => string[]): StackValidationPolicy {
	return {
		name,
		description,
		enforcementLevel: "advisory",
		severity: "low",
		validateStack: (_, report) => {
			for (const line of lines()) {
				report(line);
			}
		},
	};
}

function metadata(rule: Rule): Policy {
	const controls = controlsDecidedBy(rule.name);
	const { cisControls, iso27001, nist80053 } = rule.evidence;
	return {
		name: rule.name,
		description: rule.description,
		...(rule.level && { enforcementLevel: rule.level }),
		severity: rule.severity,
		configSchema,
		remediationSteps: rule.remediation,
		...(rule.url && { url: rule.url }),
		...(controls.length > 0 && {
			framework: {
				name: benchmark.name,
				version: benchmark.version,
				reference: controls.map(({ id }) => id).join(", "),
				specification: controls.map(({ id, title }) => `${id} ${title}`).join("; "),
			},
		}),
		tags: [
			...cisControls.map((id) => `cis-controls-v8.1:${id}`),
			...iso27001.map((id) => `iso-27001-2022:${id}`),
			...nist80053.map((id) => `nist-800-53-r5:${id}`),
		],
	};
}
