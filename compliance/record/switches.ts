/**
 * Changes of the lab's stack file, a merge patch (RFC 7396) each, that together use every feature of the program. A new key of
 * the stack file belongs here when it makes a resource or an input that no other stack file has.
 */
import { authority } from "./authority.ts";
import { allowFrom, allowTo } from "./connections.ts";
import { dns01Switches } from "./dns01-switches.ts";

const group = "44444444-0000-0000-0000-444444444444";
const digest = "c".repeat(64);
const mirrors = { endpoints: ["https://harbor.lab.internal", "https://harbor2.lab.internal/v2"] };
const card = { id: "10de:24b0", subsystemId: "10de:14ad", iommuGroup: 1 };
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtxq0P0m4jYq0cQ3sGm3m6m2sV1o9p8n7k6j5h4g3f2";

/** All that can be on at the same time. */
const everything = {
	cluster: {
		artifacts: { url: "https://mirror.lab.internal/rke2" },
		etcdSnapshots: {
			schedule: "@hourly",
			retention: 12,
			s3: {
				endpoint: "s3.lab.internal:9000",
				bucket: "backups",
				region: "eu-1",
				folder: "lab",
				endpointCa: authority,
				retention: 20,
			},
		},
		etcdMetrics: true,
		registries: {
			systemDefault: "registry.lab.internal",
			mirrors: { "docker.io": mirrors, "ghcr.io": mirrors },
			authorities: { "harbor.lab.internal": authority },
		},
		proxy: { url: "http://proxy.lab.internal:3128", exceptions: ["lab.internal", "10.25.0.0/16"] },
		kernel: {
			settings: { "net.ipv4.ip_local_port_range": "20000 60999", "vm.max_map_count": "262144" },
			modules: ["nfs"],
		},
		drain: {
			timeoutSeconds: 200,
			gracePeriodSeconds: 100,
			gpuNodes: { timeoutSeconds: 500, gracePeriodSeconds: 200 },
		},
		maintenanceWindow: { weekday: "sunday", weeks: [3], start: "01:00", end: "05:00", timeZone: "Europe/Berlin" },
		canal: { mtu: 1400 },
		api: { kubeVip: { version: "v1.2.4", sha256: digest, leaseDuration: 30, renewDeadline: 20, retryPeriod: 4 } },
	},
	access: {
		oidc: {
			issuer: "https://login.lab.internal/11111111-2222-3333-4444-555555555555/v2.0",
			clientId: "99999999-8888-7777-6666-555555555555",
			issuerCa: authority,
			usernameClaim: "email",
			groupsClaim: "roles",
		},
		clusterAdministrators: [group, "a-second-group"],
		clusterReaders: [group],
		namespaces: { ollama: { administrators: [group], editors: [group, "editors"] }, openwebui: { editors: [group] } },
	},
	proxmox: {
		version: 9,
		pool: "rke2",
		backup: {
			storage: "pbs",
			schedule: "02:30",
			retention: { keepLast: 3, keepDaily: 7, keepWeekly: 4, keepMonthly: 6 },
		},
		highAvailability: true,
		sharedVmDatastore: true,
		firewall: {
			enabled: true,
			adminCidrs: ["10.25.10.0/24", "10.25.11.7"],
			clientCidrs: ["10.25.0.0/16"],
			nodePortCidrs: ["10.25.10.0/24"],
			allow: [
				{ cidrs: ["10.25.10.0/24"], ports: [9100, 9101] },
				{ cidrs: ["10.25.12.0/24"], ports: [161], protocol: "UDP" },
			],
		},
		protectControlPlanes: true,
		startOrder: true,
	},
	network: { timeServers: ["10.25.10.2", "10.25.10.3"] },
	ssh: {
		hostKeySource: "guest-agent",
		bootTimeoutSeconds: 900,
		authorizedKeys: [`${hostKey} ops@lab`],
		hostKeys: { "proj-k8sw01": hostKey },
	},
	nodes: {
		"proj-k8sw01": { labels: { "lab.internal/rack_1": "row-1" }, taints: ["slow=1:PreferNoSchedule"] },
		"proj-k8sw04": { gpu: { timeSlices: 4 } },
	},
	gpus: {
		"rtx-a4000": { device: { ...card, path: "0000:0b:00" } },
		"gtx-1660-ti": { device: { ...card, path: "0000:0c:00.0" } },
	},
	platform: {
		chartMirror: "https://charts.lab.internal",
		traefik: { exposure: "loadBalancer", trustedProxies: ["10.25.10.0/24", "10.25.11.7"], sha256: digest },
		certManager: {
			sha256: digest,
			allowTo,
			recursiveNameservers: ["9.9.9.9"],
			stagingAcmeServer: "https://acme-staging.radioastronomy.io/directory",
		},
		metallb: { announce: true, pool: ["10.25.20.30-10.25.20.35", "10.25.20.40/30"], sha256: digest },
		gpuOperator: {
			sha256: digest,
			allowTo,
			driverVersion: "570.86.15",
			holdKernel: false,
			smokeTest: { image: `registry.lab.internal/vectoradd:1.0@sha256:${digest}`, timeoutSeconds: 900 },
		},
		storage: { volumeGiB: 200 },
		checks: { image: "registry.lab.internal/busybox:1.37.0", timeoutSeconds: 600 },
		scrapers: ["10.25.10.13", "10.25.10.14"],
		namespaces: {
			ollama: {
				podSecurity: "baseline",
				quota: { storageGiB: 100, persistentVolumeClaims: 4, pods: 20, cpus: 16, memoryGiB: 64 },
				containerDefaults: { requests: { cpu: "250m", memory: "64Mi" }, limits: { memory: "2Gi" } },
				services: ["NodePort"],
				allowTo,
				allowFrom,
			},
			monitoring: { scrapes: true, metricsPorts: [9100, 9400] },
			"observatory-core": { apiServer: true },
			openwebui: { ingress: { ports: [8080, 8081] }, services: ["LoadBalancer", "ExternalName"] },
			"data-pipeline": { ingress: true, services: ["NodePort", "LoadBalancer"] },
		},
	},
};

/** By a name with a port, by a name alone, and by an address with a port. */
const addresses = {
	"proj-k8sm01": "nat.lab.internal:2204",
	"proj-k8sm02": "nat.lab.internal:2205",
	"proj-k8sm03": "m03.vpn.internal",
	"proj-k8sw01": "nat.lab.internal:2207",
	"proj-k8sw02": "192.168.7.4:2208",
};

const agentOf = (endpoint: string) => ({
	ssh: { addresses, hostKeySource: "guest-agent" },
	proxmox: { version: 9, endpoint },
});

/** A secret that makes resources of its own; the others have a placeholder in every preview. */
export const credentials = {
	registryCredentials: JSON.stringify({
		"docker.io": { username: "first-user", password: "first-password" },
		"harbor.lab.internal": { username: "third-user", password: "third-password" },
		"quay.lab.internal": { username: "second-user", password: "second-password" },
	}),
};

/** By what is switched on, for a person. */
export const switches: Readonly<Record<string, object>> = {
	everything,
	"keepalived, WireGuard, NodePort": {
		...everything,
		cluster: {
			...everything.cluster,
			canal: { backend: "wireguard", mtu: 1420 },
			registries: {
				mirrors: { "docker.io": { endpoints: ["http://cache.lab.internal:5000"] } },
				authorities: { "cache.lab.internal:5001": authority },
			},
			api: { mode: "keepalived", virtualRouterId: 7 },
			maxUnavailableWorkers: 2,
		},
		ssh: {
			...everything.ssh,
			user: "lab-admin",
			addresses: { "proj-k8sm01": "nat.lab.internal:2204" },
			bastion: { host: "10.25.10.8:2222", user: "jump", hostKey },
		},
		nodes: { "proj-k8sm03": null, "proj-k8sm02": null, "proj-k8sw02": null, "proj-k8sw03": null },
		proxmox: {
			...everything.proxmox,
			hosts: { node03: null },
			backup: { storage: "other-pbs", schedule: "daily", retention: { keepDaily: 14 } },
		},
		network: { plainHttp: ["charts.lab.internal", "cache.lab.internal:5000", "acme.lab.internal"] },
		platform: {
			...everything.platform,
			certManager: {
				...everything.platform.certManager,
				acmeServer: "http://acme.lab.internal/directory",
				stagingAcmeServer: "http://acme.lab.internal/staging",
			},
			chartMirror: "http://charts.lab.internal/all",
			traefik: { exposure: "nodePort", nodePorts: { web: 30_088, websecure: 30_444 } },
		},
	},
	"names and ports for SSH, a restore": {
		ssh: { addresses, hostKeys: { "proj-k8sm02": hostKey, "proj-k8sw01": hostKey } },
		cluster: {
			...everything.cluster,
			api: { ...everything.cluster.api, address: "10.25.20.28" },
			restore: { snapshot: "on_demand-1764345600", server: "proj-k8sm02", from: "s3" },
			secretsEncryptionKey: "2026-11",
			certificateRotation: "2026-11",
		},
	},
	"a load balancer, checksums in the network interface": {
		network: { mtu: 4000 },
		cluster: {
			version: "v1.33.9+rke2r1",
			api: { mode: "external", address: "10.25.20.1", balancerCidrs: ["10.25.20.0/28", "10.25.10.7"] },
			canal: { checksumOffload: true },
			etcdSnapshots: { s3: { endpoint: "s3.lab.internal", bucket: "backups", insecure: true, bucketLookup: "path" } },
		},
		proxmox: { firewall: { enabled: true, adminCidrs: ["10.25.10.0/24"] } },
	},
	"a name for the API, a driver of the host": {
		cluster: {
			api: { mode: "dns", address: null },
			etcdSnapshots: { s3: { endpoint: "s3.lab.internal", bucket: "backups", bucketLookup: "dns", required: true } },
			preflight: { accept: ["operating-system", "kernel"] },
			restore: { snapshot: "on_demand-1764345600", server: "proj-k8sm01", from: "s3" },
			secretsEncryptionKey: "3",
			certificateRotation: "3",
		},
		ssh: { user: "lab-admin", bastion: { host: "bastion.lab.internal:2200", user: "jump", hostKey } },
		platform: {
			gpuOperator: { driver: "host", smokeTest: { image: `r.lab/v:1@sha256:${digest}` } },
			certManager: { issuer: "staging" },
		},
		network: { vlan: null, mtu: 9000 },
	},
	"no MetalLB, no certificates, no pods of a check": {
		platform: { metallb: null, certManager: null, checks: { enabled: false }, scrapers: [] },
		network: { searchDomain: null },
		inventory: null,
	},
	"other labels, many groups and servers": {
		access: {
			...everything.access,
			clusterAdministrators: ["first", "second", "third", "fourth"],
			clusterReaders: ["fifth", "sixth", "seventh", "eighth"],
			namespaces: { ollama: { administrators: ["ninth"], editors: ["tenth"] } },
		},
		network: {
			nameservers: ["10.25.10.2", "10.25.10.3", "10.25.10.4"],
			timeServers: ["10.25.10.5", "10.25.10.6", "10.25.10.7", "time.lab.internal"],
		},
		nodes: {
			"proj-k8sw04": {
				gpu: { timeSlices: 12 },
				labels: null,
				taints: ["dedicated=compute:NoExecute", "gpu:NoSchedule", "slow=1:PreferNoSchedule"],
			},
			"proj-k8sw05": { gpu: { timeSlices: 34 }, labels: null, taints: ["dedicated=compute:NoExecute"] },
		},
		proxmox: { imageDatastore: "images" },
	},
	"a restore": {
		ssh: { bastion: { host: "bastion.lab.internal", user: "jump", hostKey } },
		cluster: {
			restore: { snapshot: "before-change-proj-k8sm02-1764345600", server: "proj-k8sm02" },
			secretsEncryptionKey: "second",
			certificateRotation: "second",
		},
	},
	"names and ports for SSH, a bastion": {
		ssh: {
			addresses: { ...addresses, "proj-k8sm01": "192.168.7.4:2204" },
			hostKeySource: "guest-agent",
			bastion: { host: "bastion.lab.internal", user: "jump", hostKey },
		},
		cluster: {
			registries: { systemDefault: "registry.vpn.internal:5000" },
			restore: { snapshot: "before-change-proj-k8sm01-1764345600", server: "proj-k8sm01" },
		},
		proxmox: { version: 9 },
	},
	"names and ports for SSH, a name for Proxmox": agentOf("https://proxmox.lab.internal:8006/"),
	"names and ports for SSH, Proxmox at port 443": agentOf("https://proxmox.lab.internal/"),
	"no GPU": {
		nodes: { "proj-k8sw04": { gpu: null }, "proj-k8sw05": { gpu: null } },
		gpus: null,
		platform: { gpuOperator: null, namespaces: { privileged: { podSecurity: "privileged" } } },
	},
	"an authority of its own": {
		platform: { certManager: { ownAuthority: authority, email: null, domain: "home.arpa" } },
		// Other ports than 443, which is also a port of the ingress.
		cluster: { artifacts: { url: "https://rke2.lab.internal:8443/releases" } },
		proxmox: { image: { url: "https://images.lab.internal:8443/debian-13.qcow2" } },
	},
	"a mirror of all registries": { cluster: { registries: { mirrors: { "*": mirrors } } } },
	"a mirror of all registries with an authority": {
		cluster: { registries: { mirrors: { "*": mirrors }, authorities: { "harbor.lab.internal:5001": authority } } },
	},
	...dns01Switches,
};
