import type { NodeFile } from "./bundle.ts";
import { paths } from "./paths.ts";

/**
 * Has a server make its passwords anew at every start, from the tokens that its config.yaml names.
 *
 * RKE2 keeps them in a file and in the datastore as well, and overwrites those in the datastore never. An agent token that
 * is set or changed later is therefore in the file alone, and the second start afterwards ends in "passwd newer than
 * datastore and could cause a cluster outage. Remove the file(s) from disk and restart to be recreated from datastore."
 * (rancher/rke2#5785; k3s-io/k3s, pkg/cluster/bootstrap.go, ReconcileBootstrapData). A file that is not there is recreated.
 */
export function passwordsDropIn(): NodeFile {
	return {
		path: paths.passwordsDropIn,
		mode: "0644",
		owner: "root:root",
		content: `[Service]\nExecStartPre=-/bin/rm -f ${paths.passwords}\n`,
	};
}
