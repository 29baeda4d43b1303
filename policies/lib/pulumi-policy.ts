/** Turns the rules of the pack into the policies that Pulumi runs. */
import { type Policies, type Policy, UnknownValueError } from "@pulumi/policy";
import { benchmark, controlsDecidedBy } from "../benchmark.ts";
import { type Resource, type Rule, UndecidableError } from "./rule.ts";

export function toPulumiPolicies(rules: readonly Rule[]): Policies {
	/**
	 * By URN. Pulumi hands a stack policy the outputs, and on the first preview of a cluster, whose kubeconfig nobody knows
	 * yet, the outputs of every Kubernetes object are empty. The inputs were all seen on the way there.
	 */
	const inputs = new Map<string, Resource>();

	return rules.map((rule) =>
		"checkResource" in rule
			? {
					...metadata(rule),
					validateResource: (resource, report) => {
						inputs.set(resource.urn, resource);
						failClosed(() => rule.checkResource(resource, report), report);
					},
				}
			: {
					...metadata(rule),
					validateStack: ({ resources }, report) => {
						const declared = resources.map((resource) => inputs.get(resource.urn) ?? resource);
						failClosed(() => rule.checkStack(declared, (message, { urn }) => report(message, urn)), report);
					},
				},
	);
}

function metadata(rule: Rule): Policy {
	const controls = controlsDecidedBy(rule.name);
	const { cisControls, iso27001, nist80053 } = rule.evidence;
	return {
		name: rule.name,
		description: rule.description,
		severity: rule.severity,
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

/**
 * Runs a check and reports what it could not decide as a violation.
 *
 * Left alone, Pulumi reports a policy that reads an unknown value as advisory whatever its level, and the preview
 * passes: one input computed from an output would switch the rule off for exactly that resource.
 */
function failClosed(check: () => void, report: (message: string) => void): void {
	try {
		check();
	} catch (error) {
		if (error instanceof UnknownValueError) {
			const path = error.props.map(String).join(".");
			report(
				`${path} is not known at preview, so this rule cannot be decided; set it from configuration rather than from the output of another resource.`,
			);
		} else if (error instanceof UndecidableError) {
			report(`${error.message}, so this rule cannot be decided.`);
		} else {
			throw error;
		}
	}
}
