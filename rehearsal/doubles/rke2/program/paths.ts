import { join } from "node:path";

/** Every place on the machine that the double reads or writes: nothing else in it knows an absolute path. */
export interface Paths {
	/** Kubernetes, etcd and kwok binaries. */
	binaries: string;
	configFile: string;
	nodePasswordFile: string;
	/** Kubeconfig for people, `write-kubeconfig`'s default. */
	kubeconfig: string;
	auditPolicy: string;
	podSecurity: string;
	procSys: string;
	passwdFile: string;
	groupFile: string;
	osRelease: string;
	/** What is on the machine's PCI bus, `vendor:device` a line; the rehearsal's, where a machine would ask the bus. */
	pciDevices: string;
	cni: { configuration: string; networks: string };
	/** The node's own. */
	resolvConf: string;
	/** Where containerd keeps what it shows in pods as /etc/resolv.conf; here that of a pod that asks as its node does. */
	podResolvConf: string;

	userBinaries: string;
	server: string;
	tls: string;
	etcdTls: string;
	credentials: string;
	etcdData: string;
	snapshots: string;
	manifests: string;
	auditLog: string;
	agent: string;
	podManifests: string;
	agentLogs: string;
	agentState: string;
}

/**
 * @param root prefix of every path but the binaries': `/` on a machine, a temporary directory in a test
 * @param dataDirectory the `data-dir` key
 */
export function pathsUnder(root: string, binaries: string, dataDirectory = "/var/lib/rancher/rke2"): Paths {
	const at = (...parts: string[]) => join(root, ...parts);
	const data = at(dataDirectory);
	const server = join(data, "server");
	const agent = join(data, "agent");
	return {
		binaries,
		configFile: at("/etc/rancher/rke2/config.yaml"),
		nodePasswordFile: at("/etc/rancher/node/password"),
		kubeconfig: at("/etc/rancher/rke2/rke2.yaml"),
		auditPolicy: at("/etc/rancher/rke2/audit-policy.yaml"),
		podSecurity: at("/etc/rancher/rke2/rke2-pss.yaml"),
		procSys: at("/proc/sys"),
		passwdFile: at("/etc/passwd"),
		groupFile: at("/etc/group"),
		osRelease: at("/etc/os-release"),
		pciDevices: at("/opt/rehearsal/pci-devices"),
		cni: { configuration: at("/etc/cni/net.d"), networks: at("/var/lib/cni/networks") },
		resolvConf: at("/etc/resolv.conf"),
		podResolvConf: at("/run/k3s/containerd/io.containerd.grpc.v1.cri/sandboxes/double/resolv.conf"),
		userBinaries: join(data, "bin"),
		server,
		tls: join(server, "tls"),
		etcdTls: join(server, "tls/etcd"),
		credentials: join(server, "cred"),
		etcdData: join(server, "db/etcd"),
		snapshots: join(server, "db/snapshots"),
		manifests: join(server, "manifests"),
		auditLog: join(server, "logs/audit.log"),
		agent,
		podManifests: join(agent, "pod-manifests"),
		agentLogs: join(agent, "logs"),
		agentState: join(agent, "etc"),
	};
}
