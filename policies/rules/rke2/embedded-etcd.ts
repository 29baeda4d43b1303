import { serverRule } from "../../lib/rules/subjects.ts";

/** What is said about etcd holds for the one that RKE2 runs; a datastore elsewhere is outside everything judged here. */
export const rke2EmbeddedEtcd = serverRule({
	name: "rke2-embedded-etcd",
	description: "The cluster keeps its data in the etcd that RKE2 runs on the servers.",
	severity: "high",
	evidence: { cisControls: ["3.11", "4.1"], iso27001: ["A.8.9", "A.8.24"], nist80053: ["CM-6", "SC-28"] },
	remediation: "Remove `datastore-endpoint` and `disable-etcd` from config.yaml of every server.",
	url: "https://docs.rke2.io/datastore/embedded",

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
