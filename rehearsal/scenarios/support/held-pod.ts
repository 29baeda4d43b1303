/** A pod on the first server that a disruption budget keeps there. */
import { fileURLToPath } from "node:url";
import { firstServer, type ScenarioCluster } from "./cluster.ts";

export interface HeldPod {
	node: string;
	/** What `up` prints when it waits for the pod. */
	waiting: RegExp;
	/** Deletes the budget and the pod. */
	letGo(): Promise<void>;
}

const manifest = fileURLToPath(new URL("held-by-a-budget.yaml", import.meta.url));

export async function holdPod({ rehearsal }: ScenarioCluster): Promise<HeldPod> {
	await rehearsal.kubectl("apply", "--filename", manifest);
	await rehearsal.kubectl("rollout", "status", "deployment/held", "--namespace", "held", "--timeout=60s");
	return {
		node: firstServer,
		waiting: new RegExp(`^${firstServer}: converge: pods to leave: .*held/held-`, "m"),
		async letGo() {
			await rehearsal.kubectl("delete", "--filename", manifest);
		},
	};
}
