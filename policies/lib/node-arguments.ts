/** Arguments that the RKE2 configuration hands on to a component of Kubernetes. */
import type { Rke2Config } from "./rke2-files.ts";
import { nodeFiles, rke2ConfigOf } from "./rke2-files.ts";
import type { ResourceRule, RuleDescription } from "./rule.ts";

export type ArgumentKey =
	| "kube-apiserver-arg"
	| "kube-controller-manager-arg"
	| "kube-scheduler-arg"
	| "etcd-arg"
	| "kubelet-arg"
	| "kube-proxy-arg";

export interface Argument {
	/** Without dashes, e.g. `profiling`. */
	name: string;
	/** Empty for an argument without a value. */
	value: string;
}

/** The values of a list in the configuration; in a drop-in `key+` appends to what an earlier file has under the key. */
export function listOf({ files }: Rke2Config, key: string): string[] {
	let values: unknown[] = [];
	for (const { keys = {} } of files) {
		if (Object.hasOwn(keys, key)) {
			values = [keys[key] ?? []].flat();
		}
		values = [...values, ...[keys[`${key}+`] ?? []].flat()];
	}
	return values.map(String);
}

/** `name+=value` and `name-=value` add to the component's own default, `name=value` replaces it (K3s, pkg/util/args.go). */
export function argumentsOf(config: Rke2Config, key: ArgumentKey): Argument[] {
	return listOf(config, key).map((text) => {
		const [, name = text, value = ""] = /^(?:--)?([^=]+?)[+-]?(?:=(.*))?$/s.exec(text.trim()) ?? [];
		return { name, value };
	});
}

/** What a control allows one argument to be, where RKE2's own value satisfies it already. */
export interface ArgumentLimit {
	/** Id of the control. */
	control: string;
	argument: string;
	/** End of the sentence "the only allowed value is ...", or nothing where the argument must be left to RKE2. */
	allowed?: string;
	permits: (value: string) => boolean;
}

/** RKE2 passes the argument itself, and any other value breaks the control. */
export function leftToRke2(control: string, ...names: string[]): ArgumentLimit[] {
	return names.map((argument) => ({ control, argument, permits: () => false }));
}

export function only(control: string, argument: string, value: string): ArgumentLimit {
	return { control, argument, allowed: value, permits: (found) => found === value };
}

/** @param minimum compared as a plain number; a value that is none, such as a duration, is refused */
export function atLeast(control: string, argument: string, minimum: number): ArgumentLimit {
	return { control, argument, allowed: `${minimum} or more`, permits: (found) => Number(found) >= minimum };
}

/** A list, separated by commas, none of whose members is another. */
export function among(control: string, argument: string, members: ReadonlySet<string>): ArgumentLimit {
	const allowed = [...members].join(", ");
	return { control, argument, allowed, permits: (found) => found.split(",").every((member) => members.has(member)) };
}

/** Durations as Go writes them; zero switches a timeout off. */
export function positiveDuration(control: string, argument: string): ArgumentLimit {
	return {
		control,
		argument,
		allowed: "a duration above 0",
		permits: (found) => /^(?=.*[1-9])[\d.hmsuµn]+$/.test(found),
	};
}

/** A feature that is on by default, and must not be switched off. */
export function featureStaysOn(control: string, feature: string): ArgumentLimit {
	return {
		control,
		argument: "feature-gates",
		allowed: `one that leaves ${feature} on`,
		permits: (found) =>
			!found.split(",").some((gate) => gate.trim().toLowerCase() === `${feature}=false`.toLowerCase()),
	};
}

/** A rule that no argument of a component contradicts what the benchmark asks for and RKE2 does by itself. */
export function argumentRule(
	description: RuleDescription,
	key: ArgumentKey,
	limits: readonly ArgumentLimit[],
): ResourceRule & { limits: readonly ArgumentLimit[] } {
	return {
		...description,
		limits,
		checkResource(resource, report) {
			const config = rke2ConfigOf(nodeFiles(resource));
			for (const { name, value } of config ? argumentsOf(config, key) : []) {
				// Values can be passwords or tokens: none is repeated.
				for (const { control, allowed, permits } of limits.filter(({ argument }) => argument === name)) {
					if (!permits(value)) {
						const instead = allowed ? `the only allowed value is ${allowed}` : "remove it, RKE2 sets it";
						report(
							`The RKE2 configuration in ${resource.name} sets ${name} in ${key} (control ${control}); ${instead}.`,
						);
					}
				}
			}
		},
	};
}
