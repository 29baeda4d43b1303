/** Changes of the lab's stack file that look like a mistake, and are accepted. */
import { describe, expect, test } from "vitest";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { authority } from "../../../fixtures/certificates.ts";
import { labValues } from "../../../fixtures/lab.ts";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtxq0P0m4jYq0cQ3sGm3m6m2sV1o9p8n7k6j5h4g3f2";
const [gateway, nameserver] = ["10.25.20.1", "10.25.20.3"];
const card = { id: "10de:24b0", subsystemId: "10de:14ad", iommuGroup: 1 };
const spare = { host: "node04", model: "spare card" };
const schedules = [
	"30 6,18 * * *",
	"*/20 8-18/2 ? JAN-jun mon-Fri",
	"5/15 * 29 2 *",
	"0 0 31 2 sun",
	"@hourly",
	"@weekly",
];

const accepted: Record<string, Record<string, unknown>> = {
	"a host key of a node": { ssh: { hostKeys: { "proj-k8sw01": hostKey } } },
	...Object.fromEntries(
		schedules.map((schedule) => [`snapshots at ${schedule}`, { cluster: { etcdSnapshots: { schedule } } }]),
	),
	"an at sign in the path of a URL": { cluster: { artifacts: { url: "https://mirror.lab.internal/a@b:c" } } },
	"one key with two effects": { nodes: { "proj-k8sw01": { taints: ["a=b:NoSchedule", "a=b:NoExecute"] } } },
	"another effect of the role's key": {
		nodes: { "proj-k8sm01": { taints: ["node-role.kubernetes.io/control-plane:NoExecute"] } },
	},
	"a taint with an empty value": { nodes: { "proj-k8sw01": { taints: ["lab.internal/rack=:NoSchedule"] } } },
	"labels in a domain, and without a value": {
		nodes: { "proj-k8sw01": { labels: { "lab.internal/rack_1": "row-1", drained: "" } } },
	},
	"one worker without a taint": {
		nodes: { "proj-k8sw01": { taints: ["slow:PreferNoSchedule"] }, "proj-k8sw02": null, "proj-k8sw03": null },
	},
	"a gateway that answers names and the time": { network: { nameservers: [gateway], timeServers: [gateway] } },
	"a load balancer on the gateway": { cluster: { api: { mode: "external", address: gateway } } },
	"a load balancer on a nameserver": { cluster: { api: { mode: "external", address: nameserver } } },
	"a pool beside everything that is taken": {
		platform: { metallb: { announce: true, pool: ["10.25.20.30-10.25.20.35", "10.25.20.36/30", "10.25.20.254/32"] } },
	},
	"two GPUs of one host": {
		gpus: {
			"rtx-a4000": { device: { ...card, path: "0000:0b:00" } },
			spare: { ...spare, device: { ...card, path: "0000:0c:00" } },
		},
	},
	"two functions of one GPU": {
		gpus: {
			"rtx-a4000": { device: { ...card, path: "0000:0b:00.0" } },
			spare: { ...spare, device: { ...card, path: "0000:0b:00.1" } },
		},
	},
	"one path on two hosts": {
		gpus: {
			"rtx-a4000": { device: { ...card, path: "0000:0b:00" } },
			"gtx-1660-ti": { device: { ...card, path: "0000:0b:00" } },
		},
	},
	"a reserved domain with an authority of one's own": {
		platform: {
			certManager: {
				acmeServer: "https://ca.lab.internal/acme",
				allowTo: [{ cidr: "10.25.10.20/32", ports: [443] }],
				email: "admin@lab.internal",
				domain: "lab.internal",
			},
		},
	},
	"a network without a VLAN": { network: { vlan: null } },
	"no MetalLB": { platform: { metallb: null } },
	"no certificates": { platform: { certManager: null } },
	"no GPU Operator where there is no GPU": {
		nodes: { "proj-k8sw04": { gpu: null }, "proj-k8sw05": { gpu: null } },
		platform: { gpuOperator: null },
	},
	"an authority of one's own, which needs no contact": {
		platform: { certManager: { ownAuthority: authority, email: null, domain: "home.arpa" } },
	},
	"a server of one's own that takes updates": {
		platform: {
			certManager: { dns01: { cloudflare: null, rfc2136: { nameserver: "10.25.10.53", tsigKeyName: "lab" } } },
		},
	},
	"the oldest minor": { cluster: { version: "v1.33.0+rke2r1" } },
	"the smallest service network": { cluster: { serviceCidr: "10.43.0.0/24" } },
	"the widest service network": { cluster: { serviceCidr: "172.16.0.0/12" } },
};

test("parseStack reads an address as a /32 under every key for a network", () => {
	const [one, network] = ["10.25.10.7", "10.25.11.0/24"];
	const { value } = parseStack(
		labValues({
			cluster: { api: { mode: "external", balancerCidrs: [one, network] } },
			proxmox: { firewall: { adminCidrs: [one], clientCidrs: [one], nodePortCidrs: [one] } },
			platform: {
				traefik: { trustedProxies: [one] },
				namespaces: { ollama: { allowTo: [{ cidr: one, ports: [443] }] } },
			},
		}),
	);
	const { firewall } = value!.proxmox;
	expect([
		value!.cluster.api.balancerCidrs,
		firewall.adminCidrs,
		firewall.clientCidrs,
		firewall.nodePortCidrs,
		value!.platform.traefik.trustedProxies,
		[value!.platform.namespaces.ollama!.allowTo[0]!.cidr],
	]).toEqual([["10.25.10.7/32", network], ...Array(5).fill(["10.25.10.7/32"])]);
});

describe("parseStack accepts a stack file", () => {
	test.each(Object.entries(accepted))("%s", (_, change) => {
		expect(parseStack(labValues(change)).problems).toEqual([]);
	});
});
