/** Turns the raw values of a stack file into a checked configuration, or reports every mistake at once. */
import { checkAccess } from "../checks/access.ts";
import { checkApi } from "../checks/api.ts";
import { checkAuthorities } from "../checks/authorities.ts";
import { checkDestinations } from "../checks/destinations.ts";
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
import { checkPlainHttp } from "../checks/plain-http.ts";
import { checkPrivateServers } from "../checks/private-servers.ts";
import { checkProcessor } from "../checks/processor.ts";
import { checkPropertyNames } from "../checks/property-names.ts";
import { checkProxmoxNames } from "../checks/proxmox-names.ts";
import { checkReservedDomains } from "../checks/reserved-domains.ts";
import { checkRestore } from "../checks/restore.ts";
import { checkTokens, neededSecrets } from "../checks/secrets.ts";
import { checkSnapshots } from "../checks/snapshots.ts";
import { checkSpecialNetworks } from "../checks/special-networks.ts";
import { checkSsh } from "../checks/ssh.ts";
import { checkSshAddresses } from "../checks/ssh-addresses.ts";
import { checkStorage } from "../checks/storage.ts";
import { checkTaints } from "../checks/taints.ts";
import { checkUnavailableWorkers } from "../checks/unavailable-workers.ts";
import { checkVersion } from "../checks/version.ts";
import { type Secrets, type StackConfig, secretsSchema, stackSchema } from "../schema/stack.ts";
import type { Problem } from "./problems.ts";
import { applyRules, readablePart } from "./readable.ts";
import { redactProblems } from "./redaction.ts";
import { requirement, schemaMistakes } from "./schema-mistakes.ts";
import { textsOf } from "./walk.ts";

/** A value, or problems. */
export type Parsed<T> = { value: T; problems: [] } | { value: undefined; problems: Problem[] };

/** Rules across keys. When the schema refuses some values, the rules still run on the others. */
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
	checkUnavailableWorkers,
	checkMaintenanceWindow,
	checkGpus,
	checkIssuing,
	checkHighAvailability,
	checkFirewall,
	checkNamespaces,
	checkDestinations,
	checkPlainHttp,
	checkPrivateServers,
	checkStorage,
	checkIngress,
	checkReservedDomains,
	checkLabels,
	checkSnapshots,
	checkRestore,
	checkAccess,
	checkAuthorities,
	checkKernel,
	checkProcessor,
	checkProxmoxNames,
	checkSsh,
	checkSshAddresses,
] as const;

export interface Redaction {
	/** Secrets of the stack in clear text: no other key may have one, and no problem repeats one. */
	secrets?: readonly string[];
	/** Keys whose value has encrypted parts. No problem repeats any part, because the others look the same. */
	encrypted?: readonly string[];
}

/**
 * @param values the plain keys of a stack file, without the project's name
 * @returns neither a value nor a problem when the only unreadable values are encrypted
 */
export function parseStack(
	values: Record<string, unknown>,
	{ secrets = [], encrypted = [] }: Redaction = {},
): Parsed<StackConfig> {
	const { data, error } = stackSchema.safeParse(values);
	const malformed = [
		...checkPropertyNames(values),
		...(error?.issues ?? []).flatMap((issue) => schemaMistakes(issue, values, encrypted)),
	];
	const violated = applyRules(data ?? readablePart(stackSchema, values), ...rules);
	const found = [...malformed, ...aboutOtherKeys(malformed, violated)];
	const hidden = encrypted.flatMap((key) => textsOf(values[key]).map(({ text }) => text));
	const problems = redactProblems([...found, ...aboutOtherKeys(found, exposedSecrets(values, secrets))], values, [
		...secrets,
		...hidden,
	]);
	return data && problems.length === 0 ? { value: data, problems: [] } : { value: undefined, problems };
}

/** The problems about keys without a reported problem: one reason for each refused value is enough. */
function aboutOtherKeys(reported: readonly Problem[], more: readonly Problem[]): Problem[] {
	const keys = new Set(reported.map(({ key }) => key));
	return more.filter(({ key }) => !keys.has(key));
}

/**
 * @param values the secret keys in clear text, without the project's name; no problem repeats a value
 * @param stack decides which secrets are required, when it is valid
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
