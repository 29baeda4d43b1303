/** Arguments that the RKE2 configuration passes to a component of Kubernetes. */

import { type ControlId, controlsIn } from "../../benchmark/index.ts";
import type { ResourceRule, RuleDescription } from "../rules/rule.ts";
import { nodeRule, serverRule } from "../rules/subjects.ts";
import { listOf, type Rke2Config } from "./files.ts";

export type ArgumentKey =
	| "kube-apiserver-arg"
	| "kube-controller-manager-arg"
	| "kube-scheduler-arg"
	| "etcd-arg"
	| "kubelet-arg"
	| "kube-proxy-arg";

export interface Argument {
	/** Without dashes before it, e.g. `profiling`. */
	name: string;
	value: string;
}

/**
 * As RKE2 passes them (K3s, pkg/util/args.go): `name+=value` and `name-=value` change the component's own default,
 * `name=value` replaces it, `name` is `name=true`. Components read an underscore in a name as a dash.
 */
export function argumentsOf(config: Rke2Config, key: ArgumentKey): Argument[] {
	return listOf(config, key).map((text) => {
		const [name = "", ...value] = text.trim().replace(/^--/, "").split("=");
		return {
			name: name.replace(/(?<![+-])[+-]+$/, "").replaceAll("_", "-"),
			value: value.length > 0 ? value.join("=") : "true",
		};
	});
}

/** The admission plugins in an argument of the API server. */
export function pluginsOf(config: Rke2Config, argument: "enable-admission-plugins" | "disable-admission-plugins") {
	return argumentsOf(config, "kube-apiserver-arg")
		.filter(({ name }) => name === argument)
		.flatMap(({ value }) => value.split(",").map((plugin) => plugin.trim()));
}

/** The values that a control allows for an argument, where RKE2's own value satisfies it already. */
export interface ArgumentLimit {
	/** Id of the control; left out, the argument can break every control of its rule. */
	control?: ControlId | undefined;
	argument: string;
	/** End of the sentence "the only allowed value is ...", or nothing where the argument must be left to RKE2. */
	allowed?: string;
	permits: (value: string) => boolean;
}

/** RKE2 passes the argument itself, and any other value breaks the control. */
export function leftToRke2(control: ControlId | undefined, ...names: string[]): ArgumentLimit[] {
	return names.map((argument) => ({ control, argument, permits: () => false }));
}

export function only(control: ControlId, argument: string, value: string): ArgumentLimit {
	return { control, argument, allowed: value, permits: (found) => found === value };
}

/** @param minimum compared as a plain number; a value that is none, such as a duration, is refused */
export function atLeast(control: ControlId, argument: string, minimum: number): ArgumentLimit {
	return { control, argument, allowed: `${minimum} or more`, permits: (found) => Number(found) >= minimum };
}

/** A list, separated by commas, with only these members. */
export function among(control: ControlId, argument: string, members: ReadonlySet<string>): ArgumentLimit {
	const allowed = [...members].join(", ");
	return { control, argument, allowed, permits: (found) => found.split(",").every((member) => members.has(member)) };
}

/** Durations as Go writes them; zero switches a timeout off. */
export function positiveDuration(control: ControlId, argument: string): ArgumentLimit {
	return {
		control,
		argument,
		allowed: "a duration above 0",
		permits: (found) => /^(?=.*[1-9])[\d.hmsuµn]+$/.test(found),
	};
}

/** A beta feature is on by default. No argument may switch it off, alone or with all others. */
export function betaFeatureStaysOn(control: ControlId, feature: string): ArgumentLimit {
	return {
		control,
		argument: "feature-gates",
		allowed: `one that leaves ${feature} on`,
		permits: (found) => {
			const gates = new Map(found.split(",").map((gate) => gateOf(gate)));
			return isTrue(gates.get(feature.toLowerCase()) ?? gates.get("allbeta") ?? true);
		},
	};
}

function gateOf(text: string): [name: string, value: string] {
	const [name = "", value = ""] = text.trim().toLowerCase().split("=");
	return [name, value];
}

/** As Go reads a truth value (strconv.ParseBool). */
export function isTrue(value: unknown): boolean {
	return /^(?:1|t|true)$/i.test(String(value).trim());
}

/** A rule about arguments of a component that would override the values of RKE2 which the benchmark requires. */
export function argumentRule(
	description: Omit<RuleDescription, "subject" | "controls">,
	key: ArgumentKey,
	limits: readonly ArgumentLimit[],
): ResourceRule & { limits: readonly ArgumentLimit[] } {
	const ruleAbout = key === "kubelet-arg" || key === "kube-proxy-arg" ? nodeRule : serverRule;
	const rule = ruleAbout({
		...description,
		controls: controlsIn(limits),
		check(config, report, resource) {
			for (const { name, value } of argumentsOf(config, key)) {
				// Values can be passwords or tokens: none is repeated.
				for (const { control, allowed, permits } of limits.filter(({ argument }) => argument === name)) {
					if (!permits(value)) {
						const instead = allowed ? `the only allowed value is ${allowed}` : "remove it, RKE2 sets it";
						report(`The RKE2 configuration in ${resource.name} sets ${name} in ${key}; ${instead}.`, control);
					}
				}
			}
		},
	});
	return { ...rule, limits };
}
