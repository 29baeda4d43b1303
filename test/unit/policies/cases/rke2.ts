/** Rules about what RKE2 is told on a node. */
import { snapshotStoreSecret } from "../../../../src/rke2/snapshot-store.ts";
import { agentConfig, commandWith, configPath, serverConfig } from "../bundle.ts";
import { type Given, unknown } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const server = "The RKE2 configuration in proj-k8sm01-converge";
const agent = agentConfig("profile: cis\n");
const drop = "/etc/rancher/rke2/config.yaml.d/90-local.yaml";
const store = "etcd-s3: true\netcd-s3-config-secret: rke2-etcd-snapshot-store\n";

function step(name: string, create: string): Given {
	return { type: "command:remote:Command", name, props: { create, stdin: "" } };
}
const release = "v1.35.7+rke2r1";
const prepared = (version: string, digest: string) =>
	step(
		"proj-k8sw01-prepare",
		`sh /opt/rke2-lab/prepare.sh proj-k8sw01 agent ${version} https://mirror.example/r ${digest}`,
	);

function snapshotStore(content: object, namespace = "kube-system"): Given {
	return {
		type: "kubernetes:core/v1:Secret",
		props: { metadata: { name: snapshotStoreSecret, namespace }, ...content },
	};
}

const audit = (...rules: string[]) => ({
	"/etc/rancher/rke2/audit-policy.yaml": `kind: Policy\nrules:\n${rules.map((rule) => `- ${rule}\n`).join("")}`,
});
const unrecorded =
	"The audit policy in proj-k8sm01-converge does not record secrets, configmaps, tokenreviews, pods, pods/exec, pods/attach, pods/portforward, pods/proxy, services/proxy, nodes/proxy, deployments, clusterrolebindings; record at least Metadata.";
const authentication = (enabled: boolean | string) => ({
	"/etc/rancher/rke2/authentication.yaml": `kind: AuthenticationConfiguration\nanonymous: {enabled: ${enabled}}\n`,
});
const admission = (enforce: string, exempt = "") => ({
	"/etc/rancher/rke2/admission.yaml": `plugins:\n- name: PodSecurity\n  configuration: {defaults: {enforce: ${enforce}}, exemptions: {namespaces: [${exempt}]}}\n`,
});
const ofVersion = (version: string) => admission(`restricted, enforce-version: ${version}`);
const admissionFile = "pod-security-admission-config-file: /etc/rancher/rke2/admission.yaml\n";

/** Files that a converge carries for either role. */
const carried = { [configPath]: "profile: cis\n" };
const sent = (path: string) =>
	`proj-k8sm01-converge sends ${path}, which the policy pack cannot check; allowed are the files of policies/lib/rke2/node-commands.ts.`;

/** One of the program's own commands, with changes. */
function own(name: string, changes: Record<string, unknown> = {}, files: Record<string, string> = carried): Given {
	const [, node, script] = /^(.*)-([a-z]+)$/.exec(name) ?? [];
	const create = `sudo -n timeout --kill-after=10 3600 /usr/local/lib/rke2-lab/${script}.sh ${node} server ${release} 8 'a b'`;
	return { ...commandWith(files, name), props: { ...commandWith(files, name).props, create, ...changes } };
}
const bucket = "https://s3.lab.internal:9000/backups";
const addresses = (...places: string[]) =>
	places.map((place) => `${place}?X-Amz-Expires=43200&X-Amz-Signature=${"a".repeat(64)}\n`).join("");
const converge = (files: Record<string, string>) => own("proj-k8sm01-converge", {}, { ...carried, ...files });
const environment = "/etc/default/rke2-server";
const needrestart = "/etc/needrestart/conf.d/rke2-lab.conf";
const cloudInit = "/etc/cloud/cloud.cfg.d/99-rke2-lab.cfg";
const apt = "/etc/apt/apt.conf.d/52rke2-lab-kernel";
const held = (...names: string[]) =>
	`Unattended-Upgrade::Package-Blacklist {\n${names.map((name) => `\t"${name}";\n`).join("")}};\n`;

export const rke2Cases: CaseTable = {
	"rke2-node-commands": {
		accepts: {
			"files that rules read": converge({
				[drop]: "debug: true\n",
				"/var/lib/rancher/rke2/server/manifests/rke2-canal-config.yaml": "kind: HelmChartConfig\n",
				"/etc/rancher/rke2/registry-authorities/registry.example_5000.pem": "-----BEGIN CERTIFICATE-----\n",
				"/etc/keepalived/keepalived.conf": "vrrp_instance api {\n",
			}),
			"kernels that stay": own("proj-k8sw04-prepare", {}, { [apt]: held("linux-image", "linux-headers") }),
			"kernels that do not": own("proj-k8sw01-prepare", {}, { [apt]: "" }),
			"host keys that stay": own("proj-k8sm01-prepare", {}, { [cloudInit]: "ssh_deletekeys: false\n" }),
			"a proxy": converge({ [environment]: "HTTP_PROXY=http://10.25.20.14:3128\nNO_PROXY=10.25.20.0/24\n" }),
			"no proxy": converge({ [environment]: "" }),
			"the token of an authority that is not known yet": own("proj-k8sm01-token", { create: unknown, stdin: "t" }),
			"two signed addresses of the store with the snapshot": own("proj-k8sm01-kept-s3-check-restore", {
				create: unknown,
				stdin: addresses(bucket, bucket),
			}),
			"a restore's question": own("proj-k8sm01-kept-ask-restore", { stdin: undefined }),
			"a restore's files": own("proj-k8sm01-kept-reset-restore", { create: unknown }, { [drop]: "debug: true\n" }),
			"a host key": {
				type: "command:local:Command",
				name: "proj-k8sm01-host-key",
				props: { create: "bash -s -- proj-k8sm01 10.25.20.4 300", stdin: "#!/bin/bash\n", logging: "none" },
				ignoreChanges: ["create", "stdin", "logging"],
			},
			"the administrator's kubeconfig": {
				type: "command:local:Command",
				name: "cluster-kubeconfig",
				props: { create: "bash -s -- cluster /usr/local/lib/rke2-lab/kubeconfig.sh", stdin: unknown, logging: "none" },
			},
			"something that is no command": { type: "proxmoxve:index/vmLegacy:VmLegacy", props: {} },
		},
		refuses: {
			"a command of another name": [
				own("proj-k8sm01-extra"),
				"proj-k8sm01-extra is not one of the program's own commands; allowed are names of a node or the cluster that end in toolkit, preflight, prepare, registries, address, token, seed, join, restore, encryption, converge, ingress.",
			],
			"a name that only JavaScript objects have": [
				own("proj-k8sm01-constructor"),
				"proj-k8sm01-constructor is not one of the program's own commands; allowed are names of a node or the cluster that end in toolkit, preflight, prepare, registries, address, token, seed, join, restore, encryption, converge, ingress.",
			],
			"a check of a restore that reads from two stores": [
				own("proj-k8sm01-kept-s3-check-restore", {
					create: unknown,
					stdin: addresses(bucket, "https://s3.elsewhere.example/backups"),
				}),
				"proj-k8sm01-kept-s3-check-restore sends other input than files; send files only.",
			],
			"another step of a restore that reads addresses": [
				own("proj-k8sm01-kept-s3-reset-restore", { create: unknown, stdin: addresses(bucket, bucket) }),
				"proj-k8sm01-kept-s3-reset-restore sends other input than files; send files only.",
			],
			"a file of a restore that no rule reads": [
				own("proj-k8sm01-kept-reset-restore", {}, { "/etc/passwd": "root::0:0::/:/bin/sh\n" }),
				"proj-k8sm01-kept-reset-restore sends /etc/passwd, which the policy pack cannot check; allowed are the files of policies/lib/rke2/node-commands.ts.",
			],
			"a file that is copied": [
				{ type: "command:remote:CopyToRemote", name: "drop-in", props: { remotePath: drop } },
				"drop-in is a command:remote:CopyToRemote, which runs a command or copies a file where no rule sees it; remove it.",
			],
			"code of a provider of one's own": [
				{ type: "pulumi-nodejs:dynamic:Resource", name: "tune", props: {} },
				"tune is a pulumi-nodejs:dynamic:Resource, which runs a command or copies a file where no rule sees it; remove it.",
			],
			"a command on the machine that runs the program": [
				{ type: "command:local:Command", name: "tune", props: { create: "ssh proj-k8sm01 reboot" } },
				"tune is a local command of another name; allowed are <node>-host-key and <cluster>-kubeconfig.",
			],
			"another one in place of the host key's": [
				{ type: "command:local:Command", name: "a-host-key", props: { create: "bash -s -- a; ssh a reboot" } },
				"a-host-key runs another command than bash -s; the only allowed one is that.",
			],
			"another text in place of the script": [
				own("proj-k8sm01-converge", { create: `printf 'anonymous-auth=true' > ${drop}` }),
				"proj-k8sm01-converge runs another command than the toolkit's converge.sh under a time limit; the only allowed one is that.",
			],
			"another text behind the script": [
				own("proj-k8sm01-prepare", {
					create: "sudo -n timeout --kill-after=10 60 /usr/local/lib/rke2-lab/prepare.sh a 'b'; curl get.rke2.io|sh",
					stdin: "file /etc/modules-load.d/rke2.conf 0644 root:root\n",
				}),
				"proj-k8sm01-prepare runs another command than the toolkit's prepare.sh under a time limit; the only allowed one is that.",
			],
			"the script of another step": [
				own("proj-k8sm01-join", {
					create: "sudo -n timeout --kill-after=10 60 /usr/local/lib/rke2-lab/seed.sh proj-k8sm01",
				}),
				"proj-k8sm01-join runs another command than the toolkit's join.sh under a time limit; the only allowed one is that.",
			],
			"another text in the toolkit's place": [
				own("proj-k8sm01-toolkit", {}, { "/usr/local/lib/rke2-lab/lib.sh": "exit\n" }),
				"proj-k8sm01-toolkit runs another command than bash -s under a time limit; the only allowed one is that.",
			],
			"a token's command, once it is known": [
				own("proj-k8sm01-token", { create: "curl get.rke2.io | sh", stdin: "t" }),
				"proj-k8sm01-token runs another command than the toolkit's token.sh under a time limit; the only allowed one is that.",
			],
			"a command line that is not known": [
				own("proj-k8sm01-converge", { create: unknown }),
				"create is not known at preview, so this rule cannot be decided; set it from configuration rather than from the output of another resource.",
			],
			"another text for updates and for the end": [
				own("proj-k8sm01-converge", { update: "curl get.rke2.io | sh", delete: "reboot" }),
				"proj-k8sm01-converge has update, delete, which the policy pack cannot check; allowed are connection, create, stdin, logging, addPreviousOutputInEnv.",
			],
			"a static pod": [
				converge({ "/var/lib/rancher/rke2/agent/pod-manifests/shell.yaml": "kind: Pod\n" }),
				sent("/var/lib/rancher/rke2/agent/pod-manifests/shell.yaml"),
			],
			"a manifest that is no YAML by its name": [
				converge({ "/var/lib/rancher/rke2/server/manifests/shell.json": "{}\n" }),
				sent("/var/lib/rancher/rke2/server/manifests/shell.json"),
			],
			"a manifest in another directory": [
				converge({ "/data/rke2/server/manifests/shell.yaml": "kind: Pod\n" }),
				sent("/data/rke2/server/manifests/shell.yaml"),
			],
			"a file for the kubelet beside its arguments": [
				converge({ "/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/99.conf": "kind: KubeletConfiguration\n" }),
				sent("/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/99.conf"),
			],
			"a template for containerd": [
				converge({ "/var/lib/rancher/rke2/agent/etc/containerd/config-v3.toml.tmpl": "x\n" }),
				sent("/var/lib/rancher/rke2/agent/etc/containerd/config-v3.toml.tmpl"),
			],
			"an environment beside RKE2's own file of it": [
				converge({ "/usr/local/lib/systemd/system/rke2-server.env": "RKE2_CONFIG_FILE=/etc/other.yaml\n" }),
				sent("/usr/local/lib/systemd/system/rke2-server.env"),
			],
			"a configuration elsewhere, by the environment": [
				converge({ [environment]: "HTTP_PROXY=http://10.25.20.14:3128\nRKE2_CONFIG_FILE=/etc/other.yaml\n" }),
				`proj-k8sm01-converge sets another variable than a proxy's in ${environment}; allowed are HTTP_PROXY, HTTPS_PROXY, NO_PROXY.`,
			],
			"a value that continues in the next line": [
				converge({ [environment]: "HTTP_PROXY=\\\nNO_PROXY= RKE2_CONFIG_FILE=/etc/other.yaml\n" }),
				`proj-k8sm01-converge sets another variable than a proxy's in ${environment}; allowed are HTTP_PROXY, HTTPS_PROXY, NO_PROXY.`,
			],
			"a command that cloud-init runs at the next boot": [
				own("proj-k8sm01-prepare", {}, { [cloudInit]: "ssh_deletekeys: false\nbootcmd: [reboot]\n" }),
				`proj-k8sm01-prepare has other settings for cloud-init in ${cloudInit} than "ssh_deletekeys: false"; remove them.`,
			],
			"Perl that needrestart runs after the next upgrade of a package": [
				own("proj-k8sm01-prepare", {}, { [needrestart]: "system('reboot');\n" }),
				`proj-k8sm01-prepare has other settings for needrestart in ${needrestart} than "$nrconf{override_rc}->{qr(^rke2-(server|agent)\\.service$)} = 0;"; remove them.`,
			],
			"a command that apt runs": [
				own("proj-k8sm01-prepare", {}, { [apt]: `${held("linux-image")}DPkg::Post-Invoke { "reboot"; };\n` }),
				`proj-k8sm01-prepare has other settings for apt in ${apt} than the kernels that unattended-upgrades does not update; remove them.`,
			],
			"a server of SSH that gets no security updates": [
				own("proj-k8sm01-prepare", {}, { [apt]: held("openssh-server") }),
				`proj-k8sm01-prepare has other settings for apt in ${apt} than the kernels that unattended-upgrades does not update; remove them.`,
			],
			"RKE2's configuration before its turn": [
				own("proj-k8sm01-prepare"),
				`proj-k8sm01-prepare sends ${configPath}, which the policy pack cannot check; allowed are the files of policies/lib/rke2/node-commands.ts.`,
			],
			"a file of an old join": [
				{
					...own("proj-k8sm01-join", {}, { ...carried, "/etc/cron.d/join": "@reboot root reboot\n" }),
					ignoreChanges: ["create", "stdin"],
				},
				"proj-k8sm01-join sends /etc/cron.d/join, which the policy pack cannot check; allowed are the files of policies/lib/rke2/node-commands.ts.",
			],
			"files that only the node would recognise": [
				own("proj-k8sm01-converge", { stdin: `file  ${drop} 0600 root:root\n| profile: none\n` }),
				"proj-k8sm01-converge sends other input than files; send files only.",
			],
			"files behind something else": [
				own("proj-k8sm01-converge", { stdin: `\nfile ${configPath} 0600 root:root\n| profile: cis\n` }),
				"proj-k8sm01-converge sends other input than files; send files only.",
			],
			"a path with another spelling": [
				converge({ "/var/lib/rancher/rke2/./agent/pod-manifests/shell.yaml": "kind: Pod\n" }),
				"stdin of proj-k8sm01-converge begins as files for a node but does not go on as such, so this rule cannot be decided.",
			],
		},
	},
	"rke2-pinned-release": {
		accepts: { "a full release and its digest": prepared(release, "a".repeat(64)) },
		refuses: {
			"a channel": [
				prepared("stable", "a".repeat(64)),
				"proj-k8sw01-prepare installs no exact RKE2 release; pass prepare.sh one such as v1.35.7+rke2r1.",
			],
			"half a digest": [
				prepared(release, "a".repeat(32)),
				"proj-k8sw01-prepare checks no digest of the release; pass prepare.sh its SHA-256, 64 hexadecimal digits.",
			],
			"a version of Kubernetes": [
				step("proj-k8sw01-converge", "sh /opt/rke2-lab/converge.sh proj-k8sw01 agent v1.35.7"),
				"proj-k8sw01-converge installs no exact RKE2 release; pass converge.sh one such as v1.35.7+rke2r1.",
			],
		},
	},
	"rke2-known-keys": {
		accepts: { "a key that is appended to": serverConfig("profile: cis\n", { [drop]: "tls-san+: [api.example]\n" }) },
		refuses: {
			"a directory of one's own": [
				serverConfig("profile: cis\ndata-dir: /data/rke2\n"),
				`${configPath} in proj-k8sm01-converge has data-dir, which makes RKE2 read files that no rule reads; remove it.`,
			],
			"one that a drop-in adds": [
				serverConfig("profile: cis\n", { [drop]: "config+: [/etc/other.yaml]\n" }),
				`${drop} in proj-k8sm01-converge has config+, which makes RKE2 read files that no rule reads; remove it.`,
			],
			"a key in a drop-in by the other name of YAML": [
				serverConfig("profile: cis\n", { [drop.replace(/yaml$/, "yml")]: "profle: cis\n" }),
				`${drop.replace(/yaml$/, "yml")} in proj-k8sm01-converge has profle, which an RKE2 server ignores as unknown; correct or remove it.`,
			],
			"a server's key on an agent": [
				agentConfig("tls-san: [api.example]\n"),
				`${configPath} in proj-k8sw01-converge has tls-san, which an RKE2 agent ignores as unknown; correct or remove it.`,
			],
			"a list": [
				serverConfig("- profile\n"),
				`${configPath} in proj-k8sm01-converge is not a YAML mapping; RKE2 exits on it.`,
			],
		},
	},
	"rke2-profile-cis": {
		accepts: { "an agent with it": agent, "another command": commandWith({ "/etc/motd": "hello\n" }) },
		refuses: {
			"a drop-in that removes the profile": [
				serverConfig("profile: cis\n", { [drop]: "profile: etcd\n" }),
				`${server} has the profile etcd; the only allowed one is cis.`,
			],
			"a drop-in that adds to it": [
				serverConfig("profile: cis\n", { [drop]: "profile+: etcd\n" }),
				`${server} has the profile cis,etcd; the only allowed one is cis.`,
			],
		},
	},
	"rke2-kernel-defaults": {
		accepts: { "a key that is left out": agent, "a yes of YAML 1.1": agentConfig("protect-kernel-defaults: yes\n") },
		refuses: {
			"an off of YAML 1.1": [
				serverConfig("protect-kernel-defaults: off\n"),
				`${server} turns protect-kernel-defaults off; remove the key.`,
			],
			"an argument that turns it off": [
				serverConfig("kubelet-arg: [protect-kernel-defaults=false]\n"),
				`${server} turns protect-kernel-defaults off in kubelet-arg; remove it.`,
			],
		},
	},
	"rke2-kubeconfig-mode": {
		accepts: { "the owner's mode": serverConfig('write-kubeconfig-mode: "0600"\n'), "an agent, which has none": agent },
		refuses: {
			"a mode without quotes, which is a number": [
				serverConfig("write-kubeconfig-mode: 0600\n"),
				`${server} has write-kubeconfig-mode: 384; allowed is "0600" or less.`,
			],
			"a group": [
				serverConfig("write-kubeconfig-group: admins\n"),
				`${server} gives the kubeconfig to a group; remove write-kubeconfig-group.`,
			],
		},
	},
	"rke2-api-certificate": {
		accepts: {
			"the address among others": serverConfig("server: https://10.25.20.29:9345\ntls-san: [a.example, 10.25.20.29]\n"),
		},
		refuses: {
			"the address left out": [
				serverConfig("server: https://10.25.20.29:9345\ntls-san: [a.example]\n"),
				`${server} lacks 10.25.20.29, the host of server, in tls-san; add it.`,
			],
			"names that clients ask for": [
				serverConfig("tls-san-security: false\n"),
				`${server} turns tls-san-security off; remove it.`,
			],
		},
	},
	"rke2-anonymous-access": {
		accepts: { "a file that says no": serverConfig("profile: cis\n", authentication(false)) },
		refuses: {
			"a file that allows anonymous requests": [
				serverConfig("profile: cis\n", authentication(true)),
				"/etc/rancher/rke2/authentication.yaml in proj-k8sm01-converge enables anonymous access to the API; remove it.",
			],
			"a yes of YAML 1.1": [
				serverConfig("profile: cis\n", authentication("yes")),
				"/etc/rancher/rke2/authentication.yaml in proj-k8sm01-converge enables anonymous access to the API; remove it.",
			],
			"a file that is not YAML, without repeating it": [
				serverConfig("profile: cis\n", authentication("'hunter2")),
				"/etc/rancher/rke2/authentication.yaml in proj-k8sm01-converge is not YAML, so this rule cannot be decided.",
			],
		},
	},
	"rke2-pod-security-admission": {
		accepts: {
			restricted: serverConfig(admissionFile, admission("restricted", "kube-system")),
			"RKE2's own file": serverConfig("profile: cis\n"),
			"the latest standard": serverConfig(admissionFile, ofVersion("latest")),
		},
		refuses: {
			baseline: [
				serverConfig(admissionFile, admission("baseline")),
				"/etc/rancher/rke2/admission.yaml in proj-k8sm01-converge enforces baseline by default; the only allowed level is restricted.",
			],
			"an old standard": [
				serverConfig(admissionFile, ofVersion("v1.0")),
				"/etc/rancher/rke2/admission.yaml in proj-k8sm01-converge enforces the standard of v1.0; leave enforce-version out or set it to latest.",
			],
			"a further exempt namespace": [
				serverConfig(admissionFile, admission("restricted", "kube-system, app")),
				"/etc/rancher/rke2/admission.yaml in proj-k8sm01-converge exempts app; only kube-system may be exempt.",
			],
		},
	},
	"rke2-audit-policy": {
		accepts: {
			"Metadata for everything": serverConfig("profile: cis\n", audit("level: Metadata")),
			"an agent": agent,
			"silence about reading pods": serverConfig(
				"profile: cis\n",
				audit("{level: None, verbs: [get, list, watch], resources: [{resources: [pods]}]}", "level: Metadata"),
			),
			"silence about the first stage": serverConfig("profile: cis\n", {
				"/etc/rancher/rke2/audit-policy.yaml":
					"kind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n",
			}),
			"the content of what is written to secrets, behind a rule for all of it": serverConfig(
				"profile: cis\n",
				audit("level: Metadata", "{level: Request, resources: [{resources: [secrets]}]}"),
			),
			"silence about one component": serverConfig(
				"profile: cis\n",
				audit("{level: None, users: ['system:kube-scheduler']}", "level: Metadata"),
			),
			"silence about what nodes read": serverConfig(
				"profile: cis\n",
				audit('{level: None, userGroups: ["system:nodes"], verbs: [get, list, watch]}', "level: Metadata"),
			),
		},
		refuses: {
			"no policy": [
				serverConfig("profile: cis\n"),
				"proj-k8sm01-converge configures a server without an audit policy in /etc/rancher/rke2/audit-policy.yaml; add one.",
			],
			"no request of authenticated users, by their group": [
				serverConfig("profile: cis\n", audit('{level: None, userGroups: ["system:authenticated"]}', "level: Metadata")),
				unrecorded,
			],
			"nothing of all verbs, in two rules": [
				serverConfig(
					"profile: cis\n",
					audit(
						"{level: None, verbs: [get, list, watch]}",
						"{level: None, verbs: [create, update, patch, delete, deletecollection]}",
						"level: Metadata",
					),
				),
				unrecorded,
			],
			"nothing of all verbs but one": [
				serverConfig(
					"profile: cis\n",
					audit("{level: None, verbs: [get, list, watch, create, update, patch, delete]}", "level: Metadata"),
				),
				unrecorded,
			],
			"nothing of the namespaces that there are": [
				serverConfig("profile: cis\n", audit("{level: None, namespaces: [kube-system, app, '']}", "level: Metadata")),
				unrecorded,
			],
			"nothing of secrets that administrators and programs read": [
				serverConfig(
					"profile: cis\n",
					audit(
						"{level: None, userGroups: ['system:masters', 'system:serviceaccounts'], resources: [{resources: [secrets]}]}",
						"level: Metadata",
					),
				),
				"The audit policy in proj-k8sm01-converge does not record secrets; record at least Metadata.",
			],
			"nothing of one secret": [
				serverConfig(
					"profile: cis\n",
					audit("{level: None, resources: [{resources: [secrets], resourceNames: [root]}]}", "level: Metadata"),
				),
				"The audit policy in proj-k8sm01-converge does not record secrets; record at least Metadata.",
			],
			"no stage of a request, said for all rules": [
				serverConfig("profile: cis\n", {
					"/etc/rancher/rke2/audit-policy.yaml": `kind: Policy\nomitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]\nrules:\n- level: Metadata\n`,
				}),
				unrecorded,
			],
			"no stage of a request, in two places": [
				serverConfig("profile: cis\n", {
					"/etc/rancher/rke2/audit-policy.yaml": `kind: Policy\nomitStages: [RequestReceived]\nrules:\n- {level: Metadata, omitStages: [ResponseComplete]}\n`,
				}),
				unrecorded,
			],
			"a number in place of rules": [
				serverConfig("profile: cis\n", { "/etc/rancher/rke2/audit-policy.yaml": "kind: Policy\nrules: 5\n" }),
				"rules of /etc/rancher/rke2/audit-policy.yaml is not a list, so this rule cannot be decided.",
			],
			"nothing of all verbs, one by one": [
				serverConfig(
					"profile: cis\n",
					audit(
						"{level: None, verbs: [get, list, watch, create, update, patch, delete, deletecollection]}",
						"level: Metadata",
					),
				),
				unrecorded,
			],
			"the content of secrets for one user": [
				serverConfig(
					"profile: cis\n",
					audit("{level: Request, users: [admin], resources: [{resources: [secrets]}]}", "level: Metadata"),
				),
				"The audit policy in proj-k8sm01-converge records the content of secrets; record Metadata only.",
			],
		},
	},
	"rke2-secrets-encryption": {
		accepts: { "a provider": serverConfig("secrets-encryption-provider: secretbox\n"), "an agent": agent },
		refuses: {
			"RKE2's default": [
				serverConfig("profile: cis\n"),
				`${server} has secrets-encryption-provider: nothing; allowed are secretbox, aescbc.`,
			],
		},
	},
	"rke2-embedded-etcd": {
		accepts: { "etcd on the server": serverConfig("disable-etcd: false\n") },
		refuses: {
			"a datastore elsewhere, whose password is not repeated": [
				serverConfig("datastore-endpoint: postgres://k8s:hunter2@10.25.20.14/k8s\n"),
				`${server} names a datastore-endpoint; remove it.`,
			],
			"a server without etcd": [serverConfig("disable-etcd: true\n"), `${server} has disable-etcd; remove it.`],
		},
	},
	"rke2-etcd-snapshots": {
		accepts: {
			"RKE2's defaults": serverConfig("profile: cis\n"),
			"two of them": serverConfig("etcd-snapshot-retention: 2\n"),
			"an hour in the morning and one at night": serverConfig('etcd-snapshot-schedule-cron: "30 6,18 * * 0-6"\n'),
			"every hour from six on": serverConfig('etcd-snapshot-schedule-cron: "0 6/1 ? * *"\n'),
			"once a day": serverConfig('etcd-snapshot-schedule-cron: "0 0 * * *"\n'),
			"once a day by its name": serverConfig('etcd-snapshot-schedule-cron: "@daily"\n'),
			"every hour by its name": serverConfig('etcd-snapshot-schedule-cron: "@hourly"\n'),
			"every day of the week by its name": serverConfig('etcd-snapshot-schedule-cron: "0 */6 * JAN-DEC sun-sat"\n'),
		},
		refuses: {
			"one of them": [
				serverConfig("etcd-snapshot-retention: 1\n"),
				`${server} has etcd-snapshot-retention: 1 (cluster.etcdSnapshots.retention); allowed is 2 or more.`,
			],
			"a schedule of four fields": [
				serverConfig('etcd-snapshot-schedule-cron: "0 * * *"\n'),
				`${server} has etcd-snapshot-schedule-cron: 0 * * * (cluster.etcdSnapshots.schedule); allowed is a schedule that runs every day.`,
			],
			...Object.fromEntries(
				["0 0 * * 0", "0 0 1 1 *", "@weekly", "@every 6h", "0 */6 * * mon", "0 25 * * *"].map((schedule) => [
					`the schedule ${schedule}`,
					[
						serverConfig(`etcd-snapshot-schedule-cron: "${schedule}"\n`),
						`${server} has etcd-snapshot-schedule-cron: ${schedule} (cluster.etcdSnapshots.schedule); allowed is a schedule that runs every day.`,
					] as const,
				]),
			),
		},
	},
	"rke2-offsite-snapshots": {
		accepts: {
			"a store over TLS": serverConfig(store),
			"a store by its bucket": serverConfig("etcd-s3: true\netcd-s3-bucket: snapshots\n"),
			"a store that says so": snapshotStore({ stringData: { "etcd-s3-insecure": "false" } }),
			"a Secret in another namespace": snapshotStore({ stringData: { "etcd-s3-insecure": "true" } }, "app"),
		},
		refuses: {
			"a store that nothing names": [
				serverConfig("etcd-s3: true\n"),
				`${server} has etcd-s3 without a store; set etcd-s3-config-secret.`,
			],
			"no store": [
				serverConfig("profile: cis\n"),
				`${server} keeps snapshots on the server only; set cluster.etcdSnapshots.s3 (etcd-s3).`,
			],
			"plain HTTP in the configuration": [
				serverConfig(`${store}etcd-s3-insecure: true\n`),
				`${server} has etcd-s3-insecure, which disables verified TLS to S3; remove it.`,
			],
			"plain HTTP in the Secret": [
				snapshotStore({ stringData: { "etcd-s3-insecure": "true", "etcd-s3-secret-key": "hunter2" } }),
				`Secret kube-system/${snapshotStoreSecret} has etcd-s3-insecure, which disables verified TLS to S3; set it to false (cluster.etcdSnapshots.s3.insecure is off by default).`,
			],
			"an unverified certificate, encoded": [
				snapshotStore({ data: { "etcd-s3-skip-ssl-verify": Buffer.from("1\n").toString("base64") } }),
				`Secret kube-system/${snapshotStoreSecret} has etcd-s3-skip-ssl-verify, which disables verified TLS to S3; set it to false (cluster.etcdSnapshots.s3.insecure is off by default).`,
			],
		},
	},
	"rke2-cni": {
		accepts: {
			"RKE2's default": serverConfig("profile: cis\n"),
			"one behind Multus": serverConfig("cni: [multus, cilium]\n"),
		},
		refuses: {
			"one that a drop-in adds": [
				serverConfig("cni: canal\n", { [drop]: "cni+: [none]\n" }),
				`${server} has cni: canal, none; allowed are canal, calico, cilium.`,
			],
			"Multus alone": [serverConfig("cni: multus\n"), `${server} has cni: multus; allowed are canal, calico, cilium.`],
			"one of one's own": [serverConfig("cni: none\n"), `${server} has cni: none; allowed are canal, calico, cilium.`],
		},
	},
	"rke2-no-inline-secret": {
		accepts: {
			"a file": agentConfig("token-file: /etc/rancher/rke2/token\n"),
			"URLs without a password": serverConfig(
				"etcd-s3-proxy: http://proxy@10.25.20.1:3128\nserver: https://10.25.20.29:9345\n",
			),
		},
		refuses: {
			"a token": [
				agentConfig("token: hunter2\n"),
				`${configPath} in proj-k8sw01-converge holds a secret under token; use token-file.`,
			],
			"a password of a proxy, which is not repeated": [
				serverConfig("etcd-s3-proxy: http://user:hunter2@10.25.20.1:3128\n"),
				`${configPath} in proj-k8sm01-converge holds a password in a URL under etcd-s3-proxy; remove it.`,
			],
			"a password in a list, in a drop-in": [
				serverConfig("profile: cis\n", { [drop]: "etcd-arg: ['proxy=https://:hunter2@10.25.20.1']\n" }),
				`${drop} in proj-k8sm01-converge holds a password in a URL under etcd-arg; remove it.`,
			],
			"a key of the store, in a drop-in": [
				serverConfig("profile: cis\n", { [drop]: "etcd-s3-secret-key: hunter2\n" }),
				`${drop} in proj-k8sm01-converge holds a secret under etcd-s3-secret-key; use etcd-s3-config-secret.`,
			],
		},
	},
	"rke2-ingress-controller": {
		accepts: { none: serverConfig("ingress-controller: none\n"), "an agent": agent },
		refuses: {
			"RKE2's default": [
				serverConfig("profile: cis\n"),
				`${server} has ingress-controller: nothing; the only allowed value is none.`,
			],
			"none beside another": [
				serverConfig("ingress-controller: [none, traefik]\n"),
				`${server} has ingress-controller: none, traefik; the only allowed value is none.`,
			],
		},
	},
};
