/** From the raw values of a stack file to a checked configuration, or every mistake at once. */
import type { z } from "zod";
import { checkAccess } from "./checks/access.ts";
import { checkApi } from "./checks/api.ts";
import { checkAuthorities } from "./checks/authorities.ts";
import { checkFirewall } from "./checks/firewall.ts";
import { checkGpus } from "./checks/gpus.ts";
import { checkHighAvailability } from "./checks/high-availability.ts";
import { checkIngress } from "./checks/ingress.ts";
import { checkKernel } from "./checks/kernel.ts";
import { checkLabels } from "./checks/labels.ts";
import { checkLoadBalancerPool } from "./checks/load-balancer-pool.ts";
import { checkMinimums } from "./checks/minimums.ts";
import { checkNamespaces } from "./checks/namespaces.ts";
import { checkNetworks } from "./checks/networks.ts";
import { checkNodes } from "./checks/nodes.ts";
import { checkOutside } from "./checks/outside.ts";
import { checkPlaceholders } from "./checks/placeholders.ts";
import { checkProcessor } from "./checks/processor.ts";
import { checkPropertyNames } from "./checks/property-names.ts";
import { checkProxmoxNames } from "./checks/proxmox-names.ts";
import { checkReservedDomains } from "./checks/reserved-domains.ts";
import { neededSecrets } from "./checks/secrets.ts";
import { checkSnapshots } from "./checks/snapshots.ts";
import { checkSpecialNetworks } from "./checks/special-networks.ts";
import { checkSsh } from "./checks/ssh.ts";
import { checkStorage } from "./checks/storage.ts";
import { checkTaints } from "./checks/taints.ts";
import { checkVersion } from "./checks/version.ts";
import type { Problem } from "./problems.ts";
import { type Secrets, type StackConfig, secretsSchema, stackSchema } from "./schema.ts";

/** Either a value or at least one problem. */
export type Parsed<T> = { value: T; problems: [] } | { value: undefined; problems: Problem[] };

/** @param values the plain keys of a stack file, without the project's name in front */
export function parseStack(values: Record<string, unknown>): Parsed<StackConfig> {
	const names = checkPropertyNames(values);
	const { data, error } = stackSchema.safeParse(values);
	if (error) {
		return { value: undefined, problems: [...names, ...error.issues.flatMap((issue) => describe(issue, values))] };
	}
	// Rules across keys need well-formed values: they run on what the schema has accepted.
	const problems = [
		...names,
		...checkPlaceholders(data),
		...checkVersion(data),
		...checkNodes(data),
		...checkMinimums(data),
		...checkTaints(data),
		...checkNetworks(data),
		...checkOutside(data),
		...checkSpecialNetworks(data),
		...checkLoadBalancerPool(data),
		...checkApi(data),
		...checkGpus(data),
		...checkHighAvailability(data),
		...checkFirewall(data),
		...checkNamespaces(data),
		...checkStorage(data),
		...checkIngress(data),
		...checkReservedDomains(data),
		...checkLabels(data),
		...checkSnapshots(data),
		...checkAccess(data),
		...checkAuthorities(data),
		...checkKernel(data),
		...checkProcessor(data),
		...checkProxmoxNames(data),
		...checkSsh(data),
	];
	return problems.length === 0 ? { value: data, problems: [] } : { value: undefined, problems };
}

/**
 * @param values the secret keys in clear text, without the project's name in front; no problem repeats a value
 * @param stack what decides which secrets are needed, where it is known
 */
export function parseSecrets(values: Record<string, unknown>, stack?: StackConfig): Parsed<Secrets> {
	const { data, error } = secretsSchema.safeParse(values);
	const problems = [
		...(error?.issues ?? []).map((issue) => ({ key: issue.path.join("."), requirement: requirement(issue) })),
		...(stack ? neededSecrets(stack) : [])
			.filter((key) => values[key] === undefined)
			.map((key) => ({ key, requirement: "" })),
	].map(({ key, requirement }) => ({
		key,
		message:
			values[key] === undefined ? `is missing; set it with \`pulumi config set --secret ${key}\`.` : `${requirement}.`,
	}));
	return data && problems.length === 0 ? { value: data, problems: [] } : { value: undefined, problems };
}

function describe(issue: z.core.$ZodIssue, values: Record<string, unknown>): Problem[] {
	const key = issue.path.join(".");
	if (issue.code === "unrecognized_keys") {
		return issue.keys.map((name) => ({
			key: [...issue.path, name].join("."),
			message: "is not a key of the stack file; docs/configuration.md lists them.",
		}));
	}
	if (issue.code === "invalid_key") {
		return issue.issues.map((inner) => ({ key, message: `the name ${inner.message}.` }));
	}
	const found = valueAt(values, issue.path);
	if (found === undefined) {
		return [{ key, message: "is missing." }];
	}
	return [{ key, message: `${requirement(issue)}, found ${shown(found)}.` }];
}

/** A value as a mistake repeats it: without a password that stands in a URL, a malformed one too. */
function shown(value: unknown): string {
	return JSON.stringify(value).replace(/"[^"]*"/g, (text) => {
		const [start] = /https?:\/*|\/\//i.exec(text) ?? [];
		const at = text.lastIndexOf("@");
		const from = start === undefined ? at : text.indexOf(start) + start.length;
		return from < at ? `${text.slice(0, from)}...${text.slice(at)}` : text;
	});
}

/** The schema's types in the words of docs/configuration.md. Every number in a stack file is whole. */
const kinds: Readonly<Record<string, string>> = {
	array: "a list",
	boolean: "true or false",
	int: "an integer",
	number: "an integer",
	object: "a map",
	record: "a map",
	string: "a string",
};

function requirement(issue: z.core.$ZodIssue): string {
	switch (issue.code) {
		case "invalid_type":
			return `must be ${kinds[issue.expected] ?? issue.expected}`;
		case "invalid_value":
			return `must be one of ${issue.values.map(String).join(", ")}`;
		case "too_small":
			return tooSmall(issue);
		case "too_big":
			return `must be at most ${issue.maximum}`;
		default:
			return issue.message;
	}
}

function tooSmall({ origin, inclusive, minimum }: z.core.$ZodIssueTooSmall): string {
	switch (origin) {
		case "array":
			return `must have at least ${minimum} entry`;
		case "string":
			return "must not be empty";
		default:
			return `must be ${inclusive === false ? "more than" : "at least"} ${minimum}`;
	}
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
	return path.reduce<unknown>(
		(value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
		input,
	);
}
