import { nodeFiles, rke2ConfigOf } from "../lib/rke2-files.ts";
import type { ResourceRule } from "../lib/rule.ts";

/** Snapshots on the servers' own disks are lost with the servers. */
export const rke2OffsiteSnapshots: ResourceRule = {
	name: "rke2-offsite-snapshots",
	description: "Snapshots of etcd are kept outside the cluster as well.",
	severity: "medium",
	evidence: { cisControls: ["11.3", "11.4"], iso27001: ["A.8.13", "A.8.14"], nist80053: ["CP-6", "CP-9"] },
	remediation: "Set `etcd-s3: true` and `etcd-s3-config-secret` on every server.",
	url: "https://docs.rke2.io/datastore/backup_restore",

	checkResource(resource, report) {
		const config = rke2ConfigOf(nodeFiles(resource));
		if (config?.role !== "server") {
			return;
		}
		if (String(config.effective["etcd-s3"]) !== "true") {
			report(`The RKE2 configuration in ${resource.name} keeps snapshots on the server only; set etcd-s3.`);
		} else if (
			["etcd-s3-insecure", "etcd-s3-skip-ssl-verify"].some((key) => String(config.effective[key]) === "true")
		) {
			report(`The RKE2 configuration in ${resource.name} sends snapshots to S3 without verified TLS; remove the key.`);
		}
	},
};
