import type { Pulumi } from "./pulumi/index.ts";

/** Results of the set-up, for the machines and for Pulumi. */
export interface Toolbox {
	/** Directory with the built programs, such as etcd and kube-apiserver, and node. Machines have it at /opt/rehearsal/bin. */
	binaries: string;
	/** Read-only root file system, the first content of every machine's disk. */
	image: string;
	pulumi: Pulumi;
}
