/** From the raw values of a stack file to a checked configuration, or every mistake at once. */
import { checkAccess } from "../checks/access.ts";
import { checkApi } from "../checks/api.ts";
import { checkAuthorities } from "../checks/authorities.ts";
import { checkDrain } from "../checks/drain.ts";
import { exposedSecrets } from "../checks/exposed-secrets.ts";
import { checkFirewall } from "../checks/firewall.ts";
import { checkGpus } from "../checks/gpus.ts";
import { checkHighAvailability } from "../checks/high-availability.ts";
import { checkIngress } from "../checks/ingress.ts";
import { checkIssuing, unfitKey } from "../checks/issuing.ts";
import { checkKernel } from "../checks/kernel.ts";
import { checkLabels } from "../checks/labels.ts";
import { checkLoadBalancerPool } from "../checks/load-balancer-pool.ts";
import { checkMaintenanceWindow } from "../checks/maintenance-window.ts";
import { checkMinimums } from "../checks/minimums.ts";
import { checkNamespaces } from "../checks/namespaces.ts";
import { checkNetworks } from "../checks/networks.ts";
import { checkNodes } from "../checks/nodes.ts";
import { checkOutside } from "../checks/outside.ts";
import { checkPlaceholders } from "../checks/placeholders.ts";
import { checkPrivateServers } from "../checks/private-servers.ts";
import { checkProcessor } from "../checks/processor.ts";
import { checkPropertyNames } from "../checks/property-names.ts";
import { checkProxmoxNames } from "../checks/proxmox-names.ts";
import { checkReservedDomains } from "../checks/reserved-domains.ts";
import { checkTokens, neededSecrets } from "../checks/secrets.ts";
import { checkSnapshots } from "../checks/snapshots.ts";
import { checkSpecialNetworks } from "../checks/special-networks.ts";
import { checkSsh } from "../checks/ssh.ts";
import { checkStorage } from "../checks/storage.ts";
import { checkTaints } from "../checks/taints.ts";
import { checkVersion } from "../checks/version.ts";
import { type Secrets, type StackConfig, secretsSchema, stackSchema } from "../schema/stack.ts";
import type { Problem } from "./problems.ts";
import { applyRules, readablePart } from "./readable.ts";
import { requirement, schemaMistakes } from "./schema-mistakes.ts";
import { discreet } from "./shown-values.ts";
import { textsOf } from "./walk.ts";

/** A value, or problems. */
export type Parsed<T> = { value: T; problems: [] } | { value: undefined; problems: Problem[] };

/** Rules across keys. Each runs also where the schema has refused something, on what it has accepted. */
const rules = [
	checkPlaceholders,
	checkVersion,
	checkNodes,
	checkMinimums,
	checkTaints,
	checkNetworks,
	checkOutside,
	checkSpecialNetworks,
	checkLoadBalancerPool,
	checkApi,
	checkDrain,
	checkMaintenanceWindow,
	checkGpus,
	checkIssuing,
	checkHighAvailability,
	checkFirewall,
	checkNamespaces,
	checkPrivateServers,
	checkStorage,
	checkIngress,
	checkReservedDomains,
	checkLabels,
	checkSnapshots,
	checkAccess,
	checkAuthorities,
	checkKernel,
	checkProcessor,
	checkProxmoxNames,
	checkSsh,
] as const;

export interface Discretion {
	/** Secrets of the stack in clear text: no other key may hold one, and no problem repeats one. */
	secrets?: readonly string[];
	/** Keys whose value has encrypted parts, which nobody knows from the others: no problem repeats any of them. */
	encrypted?: readonly string[];
}

/**
 * @param values the plain keys of a stack file, without the project's name in front
 * @returns neither a value nor a problem where all is well but for what is encrypted and cannot be read
 */
export function parseStack(
	values: Record<string, unknown>,
	{ secrets = [], encrypted = [] }: Discretion = {},
): Parsed<StackConfig> {
	const { data, error } = stackSchema.safeParse(values);
	const malformed = [
		...checkPropertyNames(values),
		...(error?.issues ?? []).flatMap((issue) => schemaMistakes(issue, values, encrypted)),
	];
	const violated = applyRules(data ?? readablePart(stackSchema, values), ...rules);
	const found = [...malformed, ...others(malformed, violated)];
	const hidden = encrypted.flatMap((key) => textsOf(values[key]).map(({ text }) => text));
	const problems = discreet([...found, ...others(found, exposedSecrets(values, secrets))], values, [
		...secrets,
		...hidden,
	]);
	return data && problems.length === 0 ? { value: data, problems: [] } : { value: undefined, problems };
}

/** Those about keys that nothing has been said of yet: a value that is refused needs one reason. */
function others(said: readonly Problem[], more: readonly Problem[]): Problem[] {
	const keys = new Set(said.map(({ key }) => key));
	return more.filter(({ key }) => !keys.has(key));
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
		...(stack && data?.ownAuthorityKey ? unfitKey(stack, data.ownAuthorityKey) : []),
	].map(({ key, requirement }) => ({
		key,
		message:
			values[key] === undefined ? `is missing; set it with \`pulumi config set --secret ${key}\`.` : `${requirement}.`,
	}));
	const all = [...problems, ...checkTokens(values)];
	return data && all.length === 0 ? { value: data, problems: [] } : { value: undefined, problems: all };
}
