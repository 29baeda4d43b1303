/** Turns the rules of the pack into the policies that Pulumi runs. */
import type {
	Policies,
	Policy,
	ReportViolation,
	ResourceValidation,
	ResourceValidationPolicy,
	StackValidationPolicy,
} from "@pulumi/policy";
import { validationOfType } from "../../../src/sdk/typed-validation.ts";
import { benchmark, controlsOf } from "../../benchmark/index.ts";
import { evaluate } from "../rules/evaluate.ts";
import { configSchema, currentDay, subjectOf } from "../rules/exceptions.ts";
import { remediate } from "../rules/remediate.ts";
import type { Resource } from "../rules/resource.ts";
import type { Rule } from "../rules/rule.ts";
import type { Exception, RuleConfig, Verdict } from "../rules/violation.ts";
import type { ReceivedResources } from "./received-resources.ts";

const policyConfiguration = "policy-configuration";
const appliedRemediations = "applied-remediations";
const acceptedExceptions = "accepted-exceptions";

/** The policies beside the rules: mistakes in the configuration, remedies that were applied, exceptions in force. */
export const ownPolicies = [policyConfiguration, appliedRemediations, acceptedExceptions];

/**
 * @param received what each rule reads
 * @param today as `YYYY-MM-DD`: the day by which exceptions expire
 * @param configured by policy, for those that are on: Pulumi never runs a rule about a type that no resource has, so that
 * the exceptions of such a rule are known only from here
 */
export function toPulumiPolicies(
	rules: readonly Rule[],
	received: ReceivedResources,
	today = currentDay(),
	configured: () => Readonly<Record<string, RuleConfig>> = () => ({}),
): Policies {
	const ledger = new Ledger();
	const remediated = new Set<string>();

	const judge = (rule: Rule, resources: readonly Resource[], config: RuleConfig, report: ReportViolation) => {
		const verdict = evaluate(rule, resources, config, today);
		ledger.record(rule, verdict);
		for (const { message, urn } of verdict.violations) {
			report(message, urn);
		}
	};

	const policies = rules.map((rule): Policies[number] =>
		"checkStack" in rule
			? {
					...metadata(rule),
					validateStack: ({ getConfig }, report) => judge(rule, received.stack(), getConfig(), report),
				}
			: {
					...metadata(rule),
					validateResource: onlyOf("type" in rule ? rule.type : undefined, ({ urn, getConfig }, report) =>
						judge(rule, [received.one(urn)], getConfig(), report),
					),
					// Pulumi runs both functions of a policy. This one is about inputs that only the outputs of a replacement show.
					validateStack: ({ getConfig }, report) => {
						for (const resource of received.replaced()) {
							judge(rule, [resource], getConfig(), (message) => report(message, resource.urn));
						}
					},
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

function onlyOf(type: string | undefined, validate: ResourceValidation): ResourceValidation {
	return type === undefined ? validate : validationOfType(type, validate);
}

/**
 * Refuses a configuration with a mistake at the first resource, before anything is changed.
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

/** Records which exceptions were used, so that the pack prints them and names those without an effect. */
class Ledger {
	readonly #accepted = new Map<string, string>();

	record({ name }: Rule, { accepted }: Verdict): void {
		for (const { exception } of accepted) {
			this.#accepted.set(
				`${name} ${named(exception)}`,
				`${name} accepts ${named(exception)} until ${exception.expires}: ${exception.reason}`,
			);
		}
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

/** A policy that prints lines. It belongs at the end of the pack, after all other policies have evaluated the stack. */
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
	const controls = controlsOf(rule);
	const { cisControls, iso27001, nist80053 } = rule.frameworks;
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
