import { join } from "node:path";

/** Every path on the machine that the double reads or writes. No other module has an absolute path. */
export interface Paths {
	/** Kubernetes, etcd and kwok binaries. */
	binaries: string;
	configFile: string;
	nodePasswordFile: string;
	/** The administrator's kubeconfig, the default of `write-kubeconfig`. */
	kubeconfig: string;
	auditPolicy: string;
	podSecurity: string;
	procSys: string;
	passwdFile: string;
	groupFile: string;
	osRelease: string;
	/** PCI devices of the machine, one `vendor:device` a line. The hypervisor double writes it; a real machine reads the bus. */
	pciDevices: string;
	cni: { configuration: string; networks: string };
	/** The node's resolv.conf. */
	resolvConf: string;
	/** containerd's file behind /etc/resolv.conf of a pod with `dnsPolicy: Default`. */
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
 * @param root prefix of every path except that of the binaries: `/` on a machine, a temporary directory in a test
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
