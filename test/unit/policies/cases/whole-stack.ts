/** Rules that look for what is there twice, what is gone, and what stands in another place. */
import { requiredResources } from "../../../../policies/lib/record/required-resources.ts";
import { agentConfig, serverConfig } from "../bundle.ts";
import { type Given, unknown } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";
import { connection, machine, registries, tokens } from "./commands.ts";

const servers = (line: string, files: Record<string, string> = {}) =>
	serverConfig(`${line}\n`, files, "server-converge");
const resolver = { "/etc/rancher/rke2/resolv.conf": "nameserver 10.1.2.2\n" };
const keepalived = (address: string) => ({
	"/etc/keepalived/keepalived.conf": `vrrp_instance api {\n\tvirtual_ipaddress {\n\t\t${address}/32 dev eth0\n\t}\n}\n`,
});
/** A server whose kube-vip announces an address. */
const ofCluster = (announced: string) => [
	servers("tls-san: [10.1.2.29, k8s.lab.internal]\nnode-ip: 10.1.2.4", {
		...resolver,
		"/var/lib/rancher/rke2/server/manifests/kube-vip.yaml": JSON.stringify({
			...{ apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "kube-vip" } },
			spec: {
				template: { spec: { containers: [{ name: "kube-vip", env: [{ name: "address", value: announced }] }] } },
			},
		}),
	}),
];
const node = (name: string, address: string): Given => ({
	type: "proxmoxve:index/vmLegacy:VmLegacy",
	name,
	props: { initialization: { ipConfigs: [{ ipv4: { address: `${address}/24`, gateway: "10.1.2.1" } }] } },
});
const pool = (...addresses: string[]): Given => ({
	type: "kubernetes:metallb.io/v1beta1:IPAddressPool",
	name: "pool",
	props: { metadata: { name: "default-pool" }, spec: { addresses } },
});
const announcement: Given = { type: "kubernetes:metallb.io/v1beta1:L2Advertisement", name: "l2", props: {} };
const kubeconfig = (...urls: string[]): Given => ({
	type: "pulumi:providers:kubernetes",
	name: "kubernetes",
	props: {
		kubeconfig: urls.includes(unknown)
			? unknown
			: `clusters:\n${urls.map((url) => `  - cluster: { server: "${url}" }\n`).join("")}`,
	},
});
const reading = (lines: string, ignoreChanges: string[] = []): Given => ({
	type: "command:local:Command",
	name: "cluster-kubeconfig",
	props: {
		stdin:
			lines === unknown ? unknown : `#!/bin/bash\nread -r a b c d e f\njump b.lab 22 ssh-ed25519 AAAA\n\n${lines}\n`,
	},
	ignoreChanges,
});
const always = requiredResources().always.map((needed): Given => {
	const [type = "", name = ""] = needed.split(" ");
	return { type, name, props: {} };
});
/** Without the owner itself. */
const missing = (what: string, owner: string, templates: readonly string[]) =>
	templates
		.filter((template) => !template.endsWith(" <name>"))
		.map((template) => `${owner}: The ${what} ${owner} has no ${template.replace("<name>", owner)}; declare it.`);

const refusal = (given: Given[], [sentence = "", ...others]: readonly string[]) =>
	[given, sentence, ...others] as const;

const password = "0123456789abcdef0123";
const owned: Given = tokens("m1", `${password}\nserver-token-of-24-chars`);
const labelled = (value: string): Given => ({
	type: "kubernetes:core/v1:NodePatch",
	name: "m1-labels",
	props: { metadata: { labels: { "example.org/team": value } } },
});

export const wholeStackCases: CaseTable = {
	"program-kubeconfig-server": {
		accepts: {
			"a name of the certificate": [
				servers("tls-san: [k8s.lab.internal, 10.1.2.29]"),
				kubeconfig("https://10.1.2.29:6443"),
			],
			"a kubeconfig that is still unknown": [servers("tls-san: [k8s.lab.internal]"), kubeconfig(unknown)],
			"a stack without servers": [kubeconfig("https://10.1.2.29:6443")],
			"a kubeconfig from the servers, and servers that are still unknown": [
				...[owned, { ...tokens("m2", unknown), props: { connection: unknown } }],
				reading("m1 ops 10.1.2.3 22 ssh-ed25519 AAAA\nm2 ops 10.1.2.4 22 ssh-ed25519 AAAA"),
				{ ...reading(unknown), name: "other-kubeconfig" },
			],
			"a kubeconfig of another day": [owned, reading("m9 ops 203.0.113.9 22 ssh-ed25519 AAAA", ["create", "stdin"])],
		},
		refuses: {
			"a name that somebody added to the certificate": [
				[
					servers("tls-san: [k8s.lab.internal, mallory.example]"),
					agentConfig("server: https://k8s.lab.internal:9345"),
					kubeconfig("https://k8s.lab.internal:6443", "https://mallory.example:6443"),
				],
				"kubernetes: kubernetes sends objects to mallory.example, and nodes join at k8s.lab.internal; make them equal.",
			],
			"a kubeconfig from a machine elsewhere, and from one of nobody": [
				[owned, reading("m1 ops 203.0.113.9 22 ssh-ed25519 AAAA\nm9 ops 10.1.2.3 22 ssh-ed25519 AAAA")],
				"cluster-kubeconfig: cluster-kubeconfig reads the kubeconfig of m1 at 203.0.113.9 22, and its commands reach 10.1.2.3 22; make them equal, or run `npm run reach` after a change of the stack file.",
				"cluster-kubeconfig: cluster-kubeconfig reads the kubeconfig from m9, which is no node of the stack.",
			],
			"another host, and one of two": [
				[
					servers("tls-san: [k8s.lab.internal]"),
					kubeconfig("https://k8s.lab.internal:6443", "https://mallory.example:6443"),
				],
				"kubernetes: kubernetes sends objects to mallory.example, which is none of the names in the certificate of the servers (tls-san).",
			],
		},
	},
	"program-own-addresses": {
		accepts: {
			"a stack without servers": [node("w1", "10.1.2.1")],
			"free addresses": [...ofCluster("10.1.2.29"), node("w1", "10.1.2.7"), pool("10.1.2.30-10.1.2.35"), announcement],
			"a pool elsewhere that nobody announces": [...ofCluster("10.1.2.29"), pool("10.1.0.0/28", "10.1.2.1/32")],
			"the same address by keepalived": [
				servers("tls-san: [10.1.2.29]\nnode-ip: 10.1.2.4", keepalived("10.1.2.29")),
				node("w1", "10.1.2.7"),
			],
		},
		refuses: {
			"the gateway as the address of the API": [
				[...ofCluster("10.1.2.1"), node("w1", "10.1.2.7")],
				"server-converge: server-converge announces 10.1.2.1 for the API, whose address is 10.1.2.29 or k8s.lab.internal; announce cluster.api.address.",
				"server-converge: server-converge announces 10.1.2.1, which is the gateway; take a free one.",
			],
			"another address than that at which nodes join": [
				[
					...ofCluster("10.1.2.30"),
					agentConfig("server: https://10.1.2.29:9345\nnode-ip: 10.1.2.7", "w1-converge"),
					serverConfig("tls-san: [10.1.2.29, 10.1.2.30]\nnode-ip: 10.1.2.5", {}, "second-converge"),
				],
				"server-converge: server-converge announces 10.1.2.30 for the API, whose address is 10.1.2.29; announce cluster.api.address.",
			],
			"a name server as the address of the API, by keepalived": [
				[servers("tls-san: [10.1.2.2]\nnode-ip: 10.1.2.4", { ...resolver, ...keepalived("10.1.2.2") })],
				"server-converge: server-converge announces 10.1.2.2, which is a name server; take a free one.",
			],
			"a machine at the address of Proxmox": [
				[
					...ofCluster("10.1.2.29"),
					node("w1", "10.1.2.9"),
					{ type: "pulumi:providers:proxmoxve", name: "proxmox", props: { endpoint: "https://10.1.2.9:8006" } },
				],
				"w1: w1 has the address 10.1.2.9, which is Proxmox; take a free one.",
			],
			"a pool with other machines": [
				[...ofCluster("10.1.2.29"), node("w1", "10.1.2.7"), pool("10.1.2.0/29", "10.1.2.20-10.1.2.30"), announcement],
				"pool: IPAddressPool default-pool has 10.1.2.2 (a name server), 10.1.2.1 (the gateway), 10.1.2.4 (a node), 10.1.2.7 (a node) in 10.1.2.0/29; take a range that is free.",
				"pool: IPAddressPool default-pool has 10.1.2.29 (the API) in 10.1.2.20-10.1.2.30; take a range that is free.",
			],
		},
	},
	"program-complete-stack": {
		accepts: {
			"a stack without servers": [machine("m1"), labelled("team")],
			"one name for resources of two types": [
				machine("m1"),
				{ type: "tls:index/privateKey:PrivateKey", name: "m1", props: {} },
			],
		},
		refuses: {
			"a second resource of one name, and a second provider of another name": [
				[
					...[machine("m1"), { ...machine("m1"), props: {} }],
					{ type: "pulumi:providers:kubernetes", name: "kubernetes", props: {} },
					{ type: "pulumi:providers:kubernetes", name: "other", props: {} },
				],
				"m1: m1 is a second proxmoxve:index/vmLegacy:VmLegacy of this name; allowed is one.",
				"other: other is a second pulumi:providers:kubernetes; allowed is one.",
			],
			"a server alone": refusal(
				[servers("profile: cis")],
				requiredResources().always.map(
					(needed) => `server-converge: The stack has no ${needed}, which every cluster has; declare it.`,
				),
			),
			"a machine, a namespace of the platform and one of a workload, with nothing else": refusal(
				[
					...[servers("etcd-s3-config-secret: store"), ...always],
					machine("m1"),
					...["metallb-system", "app"].map((name) => ({ type: "kubernetes:core/v1:Namespace", name, props: {} })),
				],
				[
					...missing("machine", "m1", requiredResources().machine),
					...missing("namespace", "metallb-system", requiredResources().platform),
					...missing("namespace", "app", requiredResources().workload),
					"server-converge: The RKE2 configuration in server-converge names the Secret store, which the stack does not have; declare it.",
				],
			),
		},
	},
	"program-credentials-in-place": {
		accepts: {
			"credentials in their places, and a short one that others contain": [
				owned,
				tokens("w1", password, "agent"),
				{
					type: "kubernetes:core/v1:Secret",
					name: "s",
					props: { stringData: { "api-token": "password-of-a-name-server" } },
				},
				{ type: "pulumi:providers:proxmoxve", name: "proxmox", props: { apiToken: "pulumi@pve!lab=0000-0000" } },
				{ ...registries("m1", "10.1.2.3", "a"), props: { stdin: "configs:\n  a:\n    auth:\n      password: team\n" } },
				labelled("team"),
			],
			"values that are still unknown": [tokens("m1", unknown), labelled(unknown)],
		},
		refuses: {
			"a token in a label, and a token of Proxmox in a description": [
				[
					...[owned, labelled(`x-${password}`)],
					{ type: "pulumi:providers:proxmoxve", name: "proxmox", props: { apiToken: "pulumi@pve!lab=0000-0000" } },
					{ ...machine("m1"), props: { description: "pulumi@pve!lab=0000-0000" } },
				],
				"m1-labels: m1-labels has in metadata > labels > example.org/team a credential of m1-token; remove it, and rotate the credential if this was ever applied.",
				"m1: m1 has in description a credential of proxmox; remove it, and rotate the credential if this was ever applied.",
			],
			"the token of a server and the token of Proxmox in Secrets, one of them in base64": [
				[
					...["api-token", "access-key"].map((key) => ({
						type: "kubernetes:core/v1:Secret",
						name: `s-${key}`,
						props:
							key === "api-token"
								? { data: { [key]: btoa(password) } }
								: { stringData: { [key]: "pulumi@pve!lab=0000-0000" } },
					})),
					owned,
					{ type: "pulumi:providers:proxmoxve", name: "proxmox", props: { apiToken: "pulumi@pve!lab=0000-0000" } },
				],
				"s-api-token: s-api-token has in data > api-token a credential of m1-token; remove it, and rotate the credential if this was ever applied.",
				"s-access-key: s-access-key has in stringData > access-key a credential of proxmox; remove it, and rotate the credential if this was ever applied.",
			],
			"the key of the administrator in a description": [
				[
					{
						type: "pulumi:providers:kubernetes",
						name: "kubernetes",
						props: { kubeconfig: `users:\n  - user:\n      client-key-data: ${btoa(password)}\n` },
					},
					{ ...machine("m1"), props: { description: `a ${btoa(password)}` } },
				],
				"m1: m1 has in description a credential of kubernetes; remove it, and rotate the credential if this was ever applied.",
			],
			"a password of a registry, and a private key": [
				[
					{ ...registries("m1", "10.1.2.3", "a"), props: { connection, stdin: `auth:\n  password: "${password}"\n` } },
					{ ...machine("m1"), props: { tags: [password], description: connection.privateKey } },
				],
				"m1: m1 has in tags > 0 a credential of m1-registries; remove it, and rotate the credential if this was ever applied.",
				"m1: m1 has in description a credential of m1-registries; remove it, and rotate the credential if this was ever applied.",
			],
		},
	},
};
