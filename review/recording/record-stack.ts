/** Records what one stack file asks for: without credentials, a network or Pulumi's CLI. */
import { toResource } from "../../compliance/evaluation/evaluate-stack.ts";
import { placeholderAuthority } from "../../compliance/evaluation/placeholder-authority.ts";
import { previewStack, type Registered } from "../../compliance/evaluation/preview.ts";
import type { Assessment } from "../../compliance/evidence/assess.ts";
import { assessStack } from "../../compliance/evidence/assess-stack.ts";
import { subjectOf } from "../../policies/lib/rules/exceptions.ts";
import type { Verdict } from "../../policies/lib/rules/violation.ts";
import { readProfile } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import { readText } from "../../src/commands/files.ts";
import { projectName, stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { policyPackWarnings } from "../../src/config/checks/policy-pack.ts";
import { warnings } from "../../src/config/checks/warnings.ts";
import { unavailableWorkers } from "../../src/config/derived/worker-batches.ts";
import { ConfigurationError } from "../../src/config/read/problems.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { proxmoxAccess } from "../../src/proxmox/privileges.ts";
import { hostsOf } from "./hosts.ts";
import { plainInputs } from "./plain.ts";
import {
	emptyRecording,
	type Json,
	type Posture,
	type RecordedCluster,
	type RecordedNode,
	type RecordedResource,
	type StackRecording,
} from "./recording.ts";
import { ciphertexts, digestsOf, placeholders } from "./stack-secrets.ts";

/**
 * @param path of the stack file
 * @param today as `YYYY-MM-DD`: the day by which exceptions expire
 * @throws FileError when the file cannot be read
 */
export async function recordStack(name: string, path: string, today: string): Promise<StackRecording> {
	try {
		const { values, stack } = stackToEvaluate(path);
		const encrypted = ciphertexts(readText(path), projectName());
		const declared = await previewStack(values, placeholders(encrypted));
		const texts = await originals(values, encrypted);
		return {
			name,
			problems: [],
			warnings: [...warnings(stack), ...policyPackWarnings(stack)],
			values: flatten(values),
			secrets: digestsOf(encrypted),
			resources: declared.map((one) => recordResource(one, texts)).sort(byKey),
			cluster: recordCluster(stack),
			nodes: recordNodes(stack),
			hosts: hostsOf(stack),
			posture: postureOf(assessStack(declared.map(toResource), readProfile("lab"), today)),
			privileges: privilegesOf(stack),
		};
	} catch (error) {
		const { cause } = error as Error;
		if (cause instanceof ConfigurationError) {
			return { ...emptyRecording(name), problems: [...cause.problems] };
		}
		throw error;
	}
}

/** The texts of the stack file by the placeholders that the preview has instead. */
async function originals(
	values: Record<string, unknown>,
	encrypted: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, string>> {
	const { platform } = values as { platform?: { certManager?: { ownAuthority?: string } } };
	const own = platform?.certManager?.ownAuthority;
	if (own === undefined) {
		return new Map();
	}
	const { certificate, key } = await placeholderAuthority();
	return new Map([
		[certificate, own],
		[key, encrypted.ownAuthorityKey ?? "placeholder"],
	]);
}

function recordResource(declared: Registered, texts: ReadonlyMap<string, string>): RecordedResource {
	const { urn: _, inputs, ...options } = declared;
	return { ...options, inputs: plainInputs(inputs.toJavaScript(), texts) };
}

function byKey(one: RecordedResource, other: RecordedResource): number {
	const [a, b] = [one, other].map(({ type, parentType, name }) => `${type} ${parentType} ${name}`) as [string, string];
	return a < b ? -1 : 1;
}

function recordCluster(stack: StackConfig): RecordedCluster {
	const { bridge, vlan, cidr, gateway } = stack.network;
	const { api, maintenanceWindow: window } = stack.cluster;
	return {
		apiMode: api.mode,
		api: [api.address, api.hostname].filter((name) => name !== undefined),
		network: { bridge, ...(vlan === undefined ? {} : { vlan }), cidr, gateway },
		unavailableWorkers: unavailableWorkers(stack),
		...(window
			? {
					maintenanceWindow: `${window.weekday}${window.weeks ? ` ${window.weeks.join(", ")}` : ""}, ${window.start} to ${window.end} ${window.timeZone}`,
				}
			: {}),
	};
}

function recordNodes({ nodes, gpus, cluster: { drain } }: StackConfig): RecordedNode[] {
	return Object.entries(nodes).map(([name, node]) => {
		const { role, host, address, gpu, vmId, cpus, memoryGiB, diskGiB, dataDiskGiB } = node;
		const { timeoutSeconds: drainSeconds } = gpu ? drain.gpuNodes : drain;
		const model = gpu && gpus[gpu.mapping]?.model;
		return {
			name,
			role,
			host,
			address,
			drainSeconds,
			...(gpu ? { gpu: gpu.mapping } : {}),
			machine: {
				vmId,
				cpus,
				memoryGiB,
				disksGiB: [diskGiB, ...(dataDiskGiB === undefined ? [] : [dataDiskGiB])],
				...(model === undefined ? {} : { gpu: model }),
			},
		};
	});
}

/** @returns scalars and empty containers by their dotted key; lists of scalars as one value */
function flatten(value: unknown, key = ""): Record<string, Json> {
	const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
	if (!isMap || (Object.keys(value).length === 0 && key !== "")) {
		return { [key]: value as Json };
	}
	return Object.assign(
		{},
		...Object.entries(value).map(([name, inner]) => flatten(inner, key === "" ? name : `${key}.${name}`)),
	);
}

function postureOf({
	assessment,
	verdicts,
}: {
	assessment: Assessment;
	verdicts: ReadonlyMap<string, Verdict>;
}): Posture {
	const mandatory = new Map(assessment.beyond.map(({ policy, mandatory }) => [policy, mandatory]));
	return {
		violations: rules.flatMap(({ name }) =>
			(verdicts.get(name)?.violations ?? []).map(({ message }) => ({
				policy: name,
				mandatory: mandatory.get(name) ?? true,
				message,
			})),
		),
		exceptions: assessment.exceptions.map((exception) => ({
			policy: exception.policy,
			subject: subjectOf(exception),
			reason: exception.reason,
			expires: exception.expires,
		})),
		controls: assessment.controls.map(({ id, title, level, result, evidence }) => ({
			id,
			title,
			level,
			result,
			evidence,
		})),
	};
}

function privilegesOf(stack: StackConfig): string[] {
	const access = proxmoxAccess(stack);
	const grants = access.grants.flatMap(({ path, privileges }) =>
		privileges.map((privilege) => `${path}: ${privilege}`),
	);
	return [`token ${access.user}!${access.token}`, ...new Set(grants.sort())];
}
