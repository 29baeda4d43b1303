import type { Pulumi } from "./pulumi/index.ts";

/** What the set-up leaves behind: the machines run on it, and the program is run with it. */
export interface Toolbox {
	/** Directory that holds etcd, etcdctl, kube-*, kubectl, kwok, helm and node. Shown at /opt/rehearsal/bin in machines. */
	binaries: string;
	/** Root file system that every machine's disk starts from. Never written to. */
	image: string;
	pulumi: Pulumi;
}
