import { snapshotStoreSecret, snapshotStoreSecretType } from "../../../src/rke2/snapshot-store.ts";
import { addToConfig, editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { type KubernetesObject, objectsOf } from "../../lib/kubernetes/objects.ts";
import { isTrue } from "../../lib/rke2/component-arguments.ts";
import { serverConfigOf } from "../../lib/rke2/files.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";
import { serverConfigurations } from "../../lib/rules/subjects.ts";

/** Keys that name the store; without one of them RKE2 uploads nothing. */
const naming = ["etcd-s3-config-secret", "etcd-s3-bucket"];

const store = "cluster.etcdSnapshots.s3";

/** Keys that disable TLS or its verification; RKE2 reads them from config.yaml or from the Secret that it names. */
const opening = ["etcd-s3-insecure", "etcd-s3-skip-ssl-verify"];

/** Snapshots on the servers' own disks are lost with the servers. Without TLS, anyone on the network to S3 can read them. */
export const rke2OffsiteSnapshots: ResourceRule = {
	name: "rke2-offsite-snapshots",
	description: "Snapshots of etcd are also stored outside the cluster, and uploaded over verified TLS.",
	severity: "medium",
	controls: [],
	frameworks: {
		cisControls: ["3.10", "11.3", "11.4"],
		iso27001: ["A.8.13", "A.8.14"],
		nist80053: ["CP-6", "CP-9", "SC-8"],
	},
	remediation: `Set \`${store}\`, which is \`etcd-s3: true\` and \`etcd-s3-config-secret\` on every server; leave \`${store}.insecure\` off.`,
	settings: [store, `${store}.insecure`],
	url: "https://docs.rke2.io/datastore/backup_restore",
	subject: serverConfigurations,
	examples: [
		{
			change: "cluster.etcdSnapshots.s3.insecure: true",
			apply: (resources) =>
				addResource("kubernetes:core/v1:Secret", snapshotStoreSecret, {
					metadata: { name: snapshotStoreSecret, namespace: "kube-system" },
					type: snapshotStoreSecretType,
					stringData: { "etcd-s3-insecure": "true" },
				})(addToConfig(serverNodes, "etcd-s3: true", `etcd-s3-config-secret: ${snapshotStoreSecret}`)(resources)),
			sentence:
				"Secret kube-system/rke2-etcd-snapshot-store has etcd-s3-insecure, which disables verified TLS to S3; set it to false (cluster.etcdSnapshots.s3.insecure is off by default).",
		},
		{
			change: "snapshots on the servers only",
			repaired: addToConfig(serverNodes, "etcd-s3: true", `etcd-s3-config-secret: ${snapshotStoreSecret}`),
			apply: editFiles(serverNodes, "etcd-s3: true", "etcd-s3: false"),
			withoutExceptions: true,
			sentence:
				"The RKE2 configuration in proj-k8sm01-converge keeps snapshots on the server only; set cluster.etcdSnapshots.s3 (etcd-s3).",
		},
	],

	checkResource(resource, report) {
		const config = serverConfigOf(resource);
		if (config) {
			if (String(config.effective["etcd-s3"]) !== "true") {
				report(`${config.title} keeps snapshots on the server only; set ${store} (etcd-s3).`, undefined, store);
			} else if (!naming.some((key) => config.effective[key])) {
				report(`${config.title} has etcd-s3 without a store; set etcd-s3-config-secret.`);
			}
			const open = opening.filter((key) => isTrue(config.effective[key]));
			if (open.length > 0) {
				report(`${config.title} has ${open.join(", ")}, which disables verified TLS to S3; remove it.`);
			}
		}
		for (const object of objectsOf(resource)) {
			const open = opening.filter((key) => isTrue(settingOf(object, key)));
			if (open.length > 0) {
				report(
					`${object.subject} has ${open.join(", ")}, which disables verified TLS to S3; set it to false (${store}.insecure is off by default).`,
					undefined,
					`${store}.insecure`,
				);
			}
		}
	},
};

/** The value of a key in a Secret of kube-system, the only namespace in which RKE2 looks for the store. */
function settingOf({ apiVersion, kind, metadata, manifest }: KubernetesObject, key: string): string | undefined {
	if (apiVersion !== "v1" || kind !== "Secret" || metadata.namespace !== "kube-system") {
		return undefined;
	}
	const { data, stringData } = manifest as Partial<Record<"data" | "stringData", Record<string, string>>>;
	const encoded = data?.[key];
	return stringData?.[key] ?? (encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString());
}
