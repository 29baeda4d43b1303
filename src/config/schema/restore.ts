/** The section `cluster.restore` of a stack file. */
import { z } from "zod";
import { dnsLabel } from "./formats.ts";

export const restore = z
	.strictObject({
		snapshot: z
			.string()
			.regex(/^(?!\.)[A-Za-z0-9._-]{1,200}$/, {
				error: "must be the name of a snapshot such as before-change-proj-k8sm01-1764345600, without its directory",
			})
			.describe(
				"Name of the snapshot. `up` prints that of the snapshot before each change; `rke2 etcd-snapshot ls` lists all.",
			),
		from: z
			.enum(["server", "s3"])
			.default("server")
			.describe(
				"Where the snapshot is: in the directory of snapshots of `server`, or in `etcdSnapshots.s3`, from where `server` downloads it.",
			),
		server: dnsLabel.describe(
			"Control plane that has the snapshot or downloads it. It is the first member of the restored cluster.",
		),
	})
	.optional()
	.describe(
		"Restores etcd from a snapshot, once: when the key is new or has another value. Control planes that are lost may get another host or vmId in the same `up`. Remove the key afterwards, which does nothing. See docs/operations/restore.md.",
	);
