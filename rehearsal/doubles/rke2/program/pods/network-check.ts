import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeClient } from "../kube/client.ts";
import { log, messageOf } from "../process/log.ts";
import { type PlacedPod, placedPods } from "./overlay.ts";
import { isLabelled, type Pod } from "./pod.ts";

/** Labels of the pods of the network check. kwok does not end these pods (kwok-stages.yaml). */
const checkLabels = { "app.kubernetes.io/name": "network-check" };

const checksDirectory = "/run/rke2-double";
const largestMessage = 4_096;

interface CheckPod extends Pod {
	metadata: Pod["metadata"] & { uid: string };
	spec: Pod["spec"] & { containers: { name: string; image: string; command: string[] }[] };
	status?: Pod["status"] & { startTime?: string };
}

/** Directory of each pod that was started here, by UID. */
const started = new Map<string, string>();

/** Runs the network check's pods of this node, as the kubelet does. They have no token of their own. */
export async function runNetworkChecks(kubelet: KubeClient, pods: Pod[]): Promise<void> {
	for (const pod of pods.filter((one) => isLabelled(one, checkLabels))) {
		await runOnce(pod as CheckPod, kubelet);
	}
}

/**
 * Runs the pod's command once, with the machine's busybox and on the machine's network. The address of another pod is the
 * address of its machine's VXLAN device. A hosts file replaces CoreDNS and kube-proxy: the name of the Service leads to one
 * of its pods. The pod's status is written as the kubelet writes it.
 */
async function runOnce(pod: CheckPod, kubelet: KubeClient): Promise<void> {
	const { metadata, spec } = pod;
	const pods = (await placedPods(metadata.namespace)).filter((one) => one.phase === "Running");
	const directory = started.get(metadata.uid);
	if (directory !== undefined) {
		writeFileSync(join(directory, "hosts"), hostsOf(pods, metadata.namespace));
		return;
	}
	const made = join(checksDirectory, metadata.uid);
	mkdirSync(join(made, "work"), { recursive: true });
	writeFileSync(join(made, "hosts"), hostsOf(pods, metadata.namespace));
	writeFileSync(join(made, "message"), "");
	started.set(metadata.uid, made);
	// Not awaited: the other pods of the node start in the meantime.
	void run(spec.containers[0]!.command, made, metadata.annotations ?? {})
		.then((exitCode) => end(pod, exitCode, readFileSync(join(made, "message"), "utf8"), kubelet))
		.catch((error: unknown) => log.warning(`network check: ${messageOf(error)}`));
}

/** `<pod>.<subdomain>...` of every pod, and `all...` for the Service, as the program names them. */
function hostsOf(pods: PlacedPod[], namespace: string): string {
	const domain = `${namespace}.svc.cluster.local`;
	const lines = pods.map(({ address, hostname, subdomain }) => `${address} ${hostname}.${subdomain}.${domain}`);
	return [...lines, ...pods.slice(0, 1).map(({ address }) => `${address} all.${domain}`), ""].join("\n");
}

function run(command: string[], directory: string, annotations: Record<string, string>): Promise<number> {
	const mounts = [
		`mkdir -p ${directory}/bin /work`,
		`busybox --install -s ${directory}/bin`,
		`mount --bind ${directory}/work /work`,
		`mount --bind ${directory}/hosts /etc/hosts`,
		"touch /dev/termination-log",
		`mount --bind ${directory}/message /dev/termination-log`,
		`export PATH=${directory}/bin`,
		'shift; exec sh "$@"',
	];
	// The pod's processes end with its first process, and with the double.
	const isolated = ["--pdeathsig=KILL", "--", "unshare", "--mount", "--pid", "--fork", "--kill-child=KILL"];
	const child = spawn("setpriv", [...isolated, "sh", "-ec", mounts.join("\n"), "pod", ...command], {
		stdio: "ignore",
		env: { PATH: process.env.PATH, JOB_COMPLETION_INDEX: annotations["batch.kubernetes.io/job-completion-index"] },
	});
	return new Promise((resolve) => {
		child.once("error", (error) => {
			log.warning(`network check: ${messageOf(error)}`);
			resolve(128);
		});
		child.once("exit", (code) => resolve(code ?? 137));
	});
}

async function end(
	{ metadata, spec, status }: CheckPod,
	exitCode: number,
	message: string,
	kubelet: KubeClient,
): Promise<void> {
	const succeeded = exitCode === 0;
	const reason = succeeded ? "Completed" : "Error";
	const now = new Date().toISOString();
	const over = (type: string) => ({ type, status: "False", reason: "PodCompleted", lastTransitionTime: now });
	const { name, image } = spec.containers[0]!;
	const terminated = {
		exitCode,
		reason,
		message: message.slice(0, largestMessage),
		startedAt: status?.startTime ?? now,
		finishedAt: now,
	};
	await kubelet.patch(`/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`, {
		status: {
			phase: succeeded ? "Succeeded" : "Failed",
			conditions: [over("Ready"), over("ContainersReady")],
			containerStatuses: [
				{ name, image, imageID: "", ready: false, started: false, restartCount: 0, state: { terminated } },
			],
		},
	});
	log.info(`network check: pod ${metadata.name} ended with ${exitCode} ${message.trim()}`);
}
