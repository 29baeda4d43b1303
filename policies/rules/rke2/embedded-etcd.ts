import { addToConfig, serverNodes } from "../../lib/examples/nodes.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

/** The controls of etcd are about the etcd that RKE2 runs. No rule sees another datastore. */
export const rke2EmbeddedEtcd = serverRule({
	name: "rke2-embedded-etcd",
	description: "The cluster keeps its data in the etcd that RKE2 runs on the servers.",
	severity: "high",
	controls: ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"],
	frameworks: { cisControls: ["3.11", "4.1"], iso27001: ["A.8.9", "A.8.24"], nist80053: ["CM-6", "SC-28"] },
	remediation: "Remove `datastore-endpoint` and `disable-etcd` from config.yaml of every server.",
	url: "https://docs.rke2.io/datastore/embedded",
	examples: [
		{
			change: "a datastore elsewhere",
			apply: addToConfig(serverNodes, "datastore-endpoint: postgres://10.25.20.14/k8s"),
			sentence: "The RKE2 configuration in proj-k8sm01-converge names a datastore-endpoint; remove it.",
		},
	],

	check(config, report) {
		const { effective } = config;
		if (effective["datastore-endpoint"] !== undefined) {
			// The endpoint itself may hold a password.
			report(`${config.title} names a datastore-endpoint; remove it.`);
		}
		if (effective["disable-etcd"] !== undefined && String(effective["disable-etcd"]) !== "false") {
			report(`${config.title} has disable-etcd; remove it.`);
		}
	},
});
