/** What the set-up leaves behind and the machines run on. */
export interface Toolbox {
	/** Directory that holds etcd, etcdctl, kube-*, kubectl, kwok, helm and node. Shown at /opt/rehearsal/bin in machines. */
	binaries: string;
	/** Root file system that every machine's disk starts from. Never written to. */
	image: string;
}
