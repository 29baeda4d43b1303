/** Checks quotas, defaults and tokens of each workload namespace with dry runs, which create nothing. */
import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import type { StackConfig } from "../../src/config/schema/stack.ts";

type WorkloadNamespace = StackConfig["platform"]["namespaces"][string];

/** Sentences; empty when every workload namespace has its quota, its defaults and a ServiceAccount without token. */
export async function workloadProblems(core: CoreV1Api, { platform }: StackConfig): Promise<string[]> {
	const problems = await Promise.all(
		Object.entries(platform.namespaces).map(async ([namespace, workload]) => [
			...(await quotaProblems(core, namespace, workload)),
			...podProblems(await admittedPod(core, namespace), namespace, workload),
		]),
	);
	return problems.flat();
}

async function quotaProblems(core: CoreV1Api, namespace: string, { quota }: WorkloadNamespace): Promise<string[]> {
	const storage = `${quota.storageGiB + 1}Gi`;
	const body = {
		metadata: { name: "quota-probe" },
		spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
	};
	try {
		await core.createNamespacedPersistentVolumeClaim({ namespace, body, dryRun: "All" });
		return [`namespace ${namespace} admitted a claim of ${storage} beyond its quota of ${quota.storageGiB}Gi`];
	} catch (error) {
		if (error instanceof Error && error.message.includes("exceeded quota")) {
			return [];
		}
		throw error;
	}
}

function admittedPod(core: CoreV1Api, namespace: string): Promise<V1Pod> {
	const securityContext = {
		runAsNonRoot: true,
		runAsUser: 1000,
		allowPrivilegeEscalation: false,
		capabilities: { drop: ["ALL"] },
		seccompProfile: { type: "RuntimeDefault" },
	};
	return core.createNamespacedPod({
		namespace,
		body: {
			metadata: { name: "defaults-probe" },
			spec: { containers: [{ name: "probe", image: "probe", securityContext }] },
		},
		dryRun: "All",
	});
}

function podProblems(pod: V1Pod, namespace: string, { containerDefaults }: WorkloadNamespace): string[] {
	const { requests, limits } = pod.spec?.containers[0]?.resources ?? {};
	const defaulted =
		requests?.cpu === containerDefaults.requests.cpu &&
		requests?.memory === containerDefaults.requests.memory &&
		limits?.memory === containerDefaults.limits.memory;
	const token = pod.spec?.volumes?.some(({ projected }) =>
		projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken),
	);
	return [
		...(defaulted ? [] : [`namespace ${namespace} gave a container other requests and limits than its defaults`]),
		...(token ? [`namespace ${namespace} mounts a token of its default ServiceAccount`] : []),
	];
}
