/** Rules about the destinations of pods. */
import { commandWith, serverConfig } from "../bundle.ts";
import type { Given } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

function policy(egress: object[], name = "app", namespace = "app"): Given {
	return {
		type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
		name: "policy",
		props: { metadata: { name, namespace }, spec: { podSelector: {}, policyTypes: ["Egress"], egress } },
	};
}

const to = (cidr: string, ports: object[], except?: string[]) => ({
	to: [{ ipBlock: { cidr, ...(except && { except }) } }],
	ports,
});

function machine(name: string, role: string, address: string): Given {
	const initialization = { ipConfigs: [{ ipv4: { address: `${address}/24` } }] };
	return { type: "proxmoxve:index/vmLegacy:VmLegacy", name, props: { tags: [role], initialization } };
}

const server = machine("server", "control-plane", "10.25.20.4");
const worker = machine("worker", "worker", "10.25.20.7");
const proxmox: Given = {
	type: "pulumi:providers:proxmoxve",
	name: "proxmox",
	props: { endpoint: "https://10.16.207.61:8006/" },
};

const cluster = serverConfig("cluster-cidr: 10.42.0.0/16\nservice-cidr: 10.43.0.0/16\n");

const ofControlPlanes =
	"allowed is TCP 6443, and ports of metrics in the policies that the program makes for scrapers.";
const ofWorkers = "allowed are ports of metrics, in the policies that the program makes for scrapers.";
const ofLinkLocal = "except the network, where a cloud gives out credentials.";

const kubelet = [{ port: 10_250 }];
const resolver = "nameserver 10.25.10.2\n";
const cluster2 = [
	files("server-converge", "server", "node-ip: 10.25.20.4\ncluster-cidr: 10.42.0.0/16\n"),
	files("worker-converge", "agent", "node-ip: 10.25.20.7\n"),
];
const privateOnes = ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

function files(name: string, role: "server" | "agent", config: string): Given {
	return commandWith(
		{
			"/etc/rancher/rke2/config.yaml": config,
			"/etc/rancher/rke2/resolv.conf": resolver,
			[`/etc/default/rke2-${role}`]: "HTTPS_PROXY=http://proxy.lab.internal:3128\n",
			...(role === "server" && { "/var/lib/rancher/rke2/server/manifests/canal.yaml": "" }),
		},
		name,
	);
}

function ingress(name: string, namespace: string, resource: string, ...cidrs: string[]): Given {
	const from = cidrs.map((cidr) => ({ ipBlock: { cidr } }));
	return {
		type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
		name: resource,
		props: {
			metadata: { name, namespace },
			spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from, ports: [{ port: 9443 }] }] },
		},
	};
}

const webhook = (...cidrs: string[]) => ingress("allow-webhook", "app", "webhook", ...cidrs);
const metrics = (name: string, namespace: string, ...cidrs: string[]) =>
	ingress(name, namespace, namespace, "10.25.10.9/32", ...cidrs);

export const networkCases: CaseTable = {
	"kubernetes-protected-destinations": {
		accepts: {
			"an NFS server in the network of the nodes": [
				server,
				worker,
				proxmox,
				policy([to("10.25.20.30/32", [{ port: 2049 }])]),
			],
			"the network of the nodes without the nodes": [
				server,
				policy([to("10.25.20.0/24", [{ port: 443 }], ["10.25.20.4/32"])]),
			],
			"a wide network without those of the cluster, and one address in one of them": [
				cluster,
				policy([
					to("10.0.0.0/8", [{ port: 443 }], ["10.42.0.0/16", "10.43.0.0/16"]),
					to("10.43.0.10/32", [{ port: 53 }]),
				]),
			],
			"the API": [server, policy([to("10.25.20.4/32", [{ port: 6443 }])])],
			"metrics, in the policy for scrapers": [
				server,
				worker,
				policy(
					[to("10.25.20.7/32", [{ port: 10_250 }]), to("10.25.20.4/32", [{ port: 2381 }])],
					"allow-scraping",
					"monitoring",
				),
			],
			"pods of another namespace": [
				server,
				policy([{ to: [{ namespaceSelector: { matchLabels: { a: "b" } } }], ports: [{ port: 22 }] }]),
			],
			"traffic that arrives": [
				server,
				{
					...policy([]),
					props: {
						metadata: { name: "app", namespace: "app" },
						spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [to("10.25.20.4/32", [{ port: 22 }])] },
					},
				},
			],
			"the API of Proxmox by a name, which no policy has": [
				{ ...proxmox, props: { endpoint: "https://proxmox.lab.internal:8006/" } },
				policy([to("10.16.207.61/32", [{ port: 8006 }])]),
			],
		},
		refuses: {
			"SSH to a node": [
				[worker, policy([to("10.25.20.7/32", [{ port: 22 }])])],
				`policy: NetworkPolicy app/app opens workers (10.25.20.7) at TCP 22; ${ofWorkers}`,
			],
			"kubelets, in a policy of another name": [
				[server, worker, policy([to("10.25.20.0/24", [{ port: 10_250 }])])],
				`policy: NetworkPolicy app/app opens control planes (10.25.20.4) at TCP 10250; ${ofControlPlanes}`,
				`policy: NetworkPolicy app/app opens workers (10.25.20.7) at TCP 10250; ${ofWorkers}`,
			],
			"etcd, in the policy for scrapers": [
				[server, policy([to("10.25.20.4/32", [{ port: 2379, endPort: 2381 }])], "allow-scraping", "monitoring")],
				`policy: NetworkPolicy monitoring/allow-scraping opens control planes (10.25.20.4) at TCP 2379-2381; ${ofControlPlanes}`,
			],
			"the port of the API on a worker": [
				[worker, policy([to("10.25.20.7/32", [{ port: 6443 }])])],
				`policy: NetworkPolicy app/app opens workers (10.25.20.7) at TCP 6443; ${ofWorkers}`,
			],
			"the virtual address of the API": [
				[serverConfig("tls-san: [10.25.20.29, api.lab.internal]\n"), policy([to("10.25.20.29/32", [{ port: 9345 }])])],
				`policy: NetworkPolicy app/app opens control planes (10.25.20.29) at TCP 9345; ${ofControlPlanes}`,
			],
			"the networks of pods and Services": [
				[cluster, policy([to("10.0.0.0/8", [{ port: 443 }], ["10.42.0.0/17"])])],
				"policy: NetworkPolicy app/app opens pods (10.42.0.0/16) at TCP 443; except the network, and name pods by selectors.",
				"policy: NetworkPolicy app/app opens Services (10.43.0.0/16) at TCP 443; except the network, and name the pods behind a Service by selectors.",
			],
			"the API of Proxmox": [
				[proxmox, policy([to("10.16.0.0/16", [{ port: 8006 }])])],
				"policy: NetworkPolicy app/app opens Proxmox (10.16.207.61) at TCP 8006; except the address.",
			],
			"the metadata of a cloud": [
				policy([to("169.254.169.254/32", [{ port: 80 }])]),
				`policy: NetworkPolicy app/app opens link-local addresses (169.254.0.0/16) at TCP 80; ${ofLinkLocal}`,
			],
			"the metadata of a cloud over IPv6": [
				policy([to("fd00:ec2::/32", [{ port: 80 }])]),
				`policy: NetworkPolicy app/app opens link-local addresses (fd00:ec2::254/128) at TCP 80; ${ofLinkLocal}`,
			],
			"one port of every destination": [
				[worker, policy([{ ports: [{ port: 443 }] }])],
				`policy: NetworkPolicy app/app opens workers (10.25.20.7) at TCP 443; ${ofWorkers}`,
				`policy: NetworkPolicy app/app opens link-local addresses (169.254.0.0/16 and 2 others) at TCP 443; ${ofLinkLocal}`,
			],
			"a patch that opens a node": [
				[
					worker,
					{
						...policy([to("10.25.20.7/32", [{ port: 22 }])]),
						type: "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch",
					},
				],
				`policy: NetworkPolicy app/app opens workers (10.25.20.7) at TCP 22; ${ofWorkers}`,
			],
		},
	},
	"kubernetes-policy-peers": {
		accepts: {
			"a stack without servers": policy([to("203.0.113.9/32", [{ port: 6443 }])], "allow-api-server"),
			"the nodes": [
				...cluster2,
				policy([to("10.25.20.4/32", [{ port: 6443 }])], "allow-api-server"),
				{
					...policy([to("10.25.20.4/32", kubelet), to("10.25.20.7/32", kubelet)], "allow-kubelets", "kube-system"),
					name: "kubelets",
				},
				{
					...policy([to("10.25.10.2/32", [{ port: 53 }])], "allow-upstream-dns", "kube-system"),
					name: "upstream",
				},
				webhook("10.25.20.4/32", "10.42.0.0/32", "10.42.3.0/32"),
			],
			"the internet, and a proxy with a name": [
				...cluster2,
				policy([
					to("0.0.0.0/0", [{ port: 443 }], privateOnes),
					to("0.0.0.0/0", [{ port: 3128 }], ["10.42.0.0/16"]),
					to("10.0.0.0/8", [{ port: 443 }]),
				]),
			],
			"the same scrapers": [metrics("allow-metrics", "a"), metrics("allow-gpu-metrics", "b")],
		},
		refuses: {
			"an API elsewhere": [
				[...cluster2, policy([to("10.25.20.7/32", []), to("203.0.113.0/24", [])], "allow-api-server")],
				"policy: NetworkPolicy app/allow-api-server names 10.25.20.7/32, 203.0.113.0/24, which is no control plane; remove it.",
			],
			"a kubelet elsewhere": [
				[...cluster2, policy([to("203.0.113.9/32", kubelet)], "allow-kubelets", "kube-system")],
				"policy: NetworkPolicy kube-system/allow-kubelets names 203.0.113.9/32, which is no node; remove it.",
			],
			"another name server": [
				[...cluster2, policy([to("203.0.113.9/32", [{ port: 53 }])], "allow-upstream-dns", "kube-system")],
				"policy: NetworkPolicy kube-system/allow-upstream-dns names 203.0.113.9/32, which is no name server of the nodes; remove it.",
			],
			"a pod that calls a webhook": [
				[...cluster2, webhook("10.25.20.4/32", "10.42.3.7/32", "10.44.0.0/32")],
				"webhook: NetworkPolicy app/allow-webhook names 10.42.3.7/32, 10.44.0.0/32, which is no control plane; remove it.",
			],
			"private networks beside the internet": [
				[...cluster2, policy([to("0.0.0.0/0", [{ port: 443 }], privateOnes.slice(1))])],
				"policy: NetworkPolicy app/app opens 10.0.0.0/8 with all addresses; except it.",
			],
			"another scraper in one policy": [
				[metrics("allow-metrics", "a"), metrics("allow-metrics", "b"), metrics("allow-metrics", "c", "203.0.113.9/32")],
				"c: NetworkPolicy c/allow-metrics admits other scrapers than most policies for metrics; platform.scrapers and scrapes hold for all.",
			],
		},
	},
};
