/** kubernetes:helm.sh/v3:Release by Helm itself. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { text } from "node:stream/consumers";
import { stringify } from "yaml";
import { z } from "zod";
import type { Operation, ResourceType } from "../../resource-type.ts";
import type { Properties } from "../../wire.ts";
import { kubeconfigOf } from "./cluster.ts";

const inputs = z
	.strictObject({
		name: z.string({ error: "is missing: the embedded host invents no names" }),
		/** Name in the repository, or an absolute path. */
		chart: z.string(),
		version: z.string({ error: "is missing: only an exact version is reproducible" }),
		namespace: z.string(),
		repositoryOpts: z.strictObject({ repo: z.url() }).optional(),
		values: z.record(z.string(), z.unknown()).default({}),
		createNamespace: z.boolean().default(false),
		atomic: z.boolean().default(false),
		cleanupOnFail: z.boolean().default(false),
		/** Seconds. */
		timeout: z.number().default(300),
		/** The SDK's own mark. */
		compat: z.literal("true"),
	})
	.refine(({ chart, repositoryOpts }) => repositoryOpts || isAbsolute(chart), {
		path: ["chart"],
		error: "needs repositoryOpts.repo, or an absolute path",
	});

type Inputs = z.output<typeof inputs>;

export const helmRelease: ResourceType<Inputs> = {
	inputs,
	replaceOn: ["name", "namespace"],
	keepsOutputs: false,

	async create(operation) {
		const { namespace, name } = operation.inputs;
		return { id: `${namespace}/${name}`, outputs: await install(operation) };
	},

	update: install,

	async delete(operation) {
		const { name, namespace, timeout } = operation.inputs;
		await helm(operation, [
			"uninstall",
			name,
			`--namespace=${namespace}`,
			"--wait",
			`--timeout=${timeout}s`,
			"--ignore-not-found",
		]);
	},
};

/** One verb for both, because it also continues where a failed installation stopped. */
async function install(operation: Operation<Inputs>): Promise<Properties> {
	const { inputs } = operation;
	const flags = {
		"--atomic": inputs.atomic,
		"--cleanup-on-fail": inputs.cleanupOnFail,
		"--create-namespace": inputs.createNamespace,
	};
	const output = await helm(
		operation,
		[
			"upgrade",
			inputs.name,
			inputs.chart,
			"--install",
			"--output=json",
			"--wait",
			`--namespace=${inputs.namespace}`,
			`--version=${inputs.version}`,
			`--timeout=${operation.timeoutSeconds ?? inputs.timeout}s`,
			"--values=-",
			...(inputs.repositoryOpts ? [`--repo=${inputs.repositoryOpts.repo}`] : []),
			...Object.entries(flags).flatMap(([flag, on]) => (on ? [flag] : [])),
		],
		stringify(inputs.values),
	);
	const release = JSON.parse(output) as HelmRelease;
	return {
		status: {
			name: release.name,
			namespace: release.namespace,
			revision: release.version,
			status: release.info.status,
			chart: release.chart.metadata.name,
			version: release.chart.metadata.version,
			appVersion: release.chart.metadata.appVersion ?? "",
		},
	};
}

interface HelmRelease {
	name: string;
	namespace: string;
	/** Revision. */
	version: number;
	info: { status: string };
	chart: { metadata: { name: string; version: string; appVersion?: string } };
}

/** Runs `helm` from the program's PATH. Values go in by stdin and the kubeconfig by a private file: both hold secrets. */
async function helm(operation: Operation<Inputs>, args: string[], input = ""): Promise<string> {
	const home = join(operation.workDirectory, `helm-${operation.inputs.namespace}-${operation.inputs.name}`);
	mkdirSync(home, { recursive: true, mode: 0o700 });
	const kubeconfig = join(home, "kubeconfig");
	writeFileSync(kubeconfig, kubeconfigOf(operation), { mode: 0o600 });
	const child = spawn("helm", args, {
		env: {
			...operation.environment,
			KUBECONFIG: kubeconfig,
			HELM_CACHE_HOME: join(home, "cache"),
			HELM_CONFIG_HOME: join(home, "config"),
			HELM_DATA_HOME: join(home, "data"),
		},
	});
	child.stdin.on("error", () => {});
	child.stdin.end(input);
	const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
	const [code] = (await once(child, "close")) as [number | null];
	const [stdout, stderr] = await outputs;
	if (code !== 0) {
		throw new Error(`helm ${args[0]} of release ${operation.inputs.name} failed: ${stderr.trim()}`);
	}
	return stdout;
}
