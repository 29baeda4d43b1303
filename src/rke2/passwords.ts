import type { NodeFile } from "./bundle.ts";
import { paths } from "./paths.ts";

/**
 * Makes a server recreate its passwords at every start, from the tokens that its config.yaml names.
 *
 * RKE2 keeps the passwords in a file and in the datastore, and never overwrites those in the datastore. An agent token that
 * is set or changed later is therefore in the file alone, and the second start afterwards fails with "passwd newer than
 * datastore and could cause a cluster outage. Remove the file(s) from disk and restart to be recreated from datastore."
 * (rancher/rke2#5785; k3s-io/k3s, pkg/cluster/bootstrap.go, ReconcileBootstrapData). RKE2 recreates a missing file.
 */
export function passwordsDropIn(): NodeFile {
	return {
		path: paths.passwordsDropIn,
		mode: "0644",
		owner: "root:root",
		content: `[Service]\nExecStartPre=-/bin/rm -f ${paths.passwords}\n`,
	};
}
