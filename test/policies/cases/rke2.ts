/** Rules about what RKE2 is told on a node. */
import { snapshotStoreSecret } from "../../../src/rke2/snapshot-store.ts";
import { agentConfig, commandWith, configPath, serverConfig } from "../bundle.ts";
import type { Given } from "../run-rule.ts";
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
const admissionFile = "pod-security-admission-config-file: /etc/rancher/rke2/admission.yaml\n";

export const rke2Cases: CaseTable = {
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
			"a static pod": [
				agentConfig("profile: cis\n", "proj-k8sw01-converge", {
					"/var/lib/rancher/rke2/agent/pod-manifests/shell.yaml": "kind: Pod\n",
				}),
				"proj-k8sw01-converge sends /var/lib/rancher/rke2/agent/pod-manifests/shell.yaml, which RKE2 acts on and no rule reads; send a manifest in YAML instead.",
			],
			"a manifest that is no YAML by its name": [
				serverConfig("profile: cis\n", { "/var/lib/rancher/rke2/server/manifests/shell.json": "{}\n" }),
				"proj-k8sm01-converge sends /var/lib/rancher/rke2/server/manifests/shell.json, which RKE2 acts on and no rule reads; send a manifest in YAML instead.",
			],
			"a key in a drop-in by the other name of YAML": [
				serverConfig("profile: cis\n", { [drop.replace(/yaml$/, "yml")]: "profle: cis\n" }),
				`${drop.replace(/yaml$/, "yml")} in proj-k8sm01-converge has profle, which an RKE2 server does not know and ignores; correct or remove it.`,
			],
			"a server's key on an agent": [
				agentConfig("tls-san: [api.example]\n"),
				`${configPath} in proj-k8sw01-converge has tls-san, which an RKE2 agent does not know and ignores; correct or remove it.`,
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
			"a drop-in that takes it back": [
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
				`${server} leaves 10.25.20.29, the host of server, out of tls-san; add it.`,
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
			"a file that lets anybody in": [
				serverConfig("profile: cis\n", authentication(true)),
				"/etc/rancher/rke2/authentication.yaml in proj-k8sm01-converge enables anonymous access to the API; remove it.",
			],
			"a yes of YAML 1.1": [
				serverConfig("profile: cis\n", authentication("yes")),
				"/etc/rancher/rke2/authentication.yaml in proj-k8sm01-converge enables anonymous access to the API; remove it.",
			],
			"a file that is not YAML, without a word of it": [
				serverConfig("profile: cis\n", authentication("'hunter2")),
				"/etc/rancher/rke2/authentication.yaml in proj-k8sm01-converge is not YAML, so this rule cannot be decided.",
			],
		},
	},
	"rke2-pod-security-admission": {
		accepts: {
			restricted: serverConfig(admissionFile, admission("restricted", "kube-system")),
			"RKE2's own file": serverConfig("profile: cis\n"),
		},
		refuses: {
			baseline: [
				serverConfig(admissionFile, admission("baseline")),
				"/etc/rancher/rke2/admission.yaml in proj-k8sm01-converge enforces baseline by default; the only allowed level is restricted.",
			],
			"a namespace that is let off": [
				serverConfig(admissionFile, admission("restricted", "kube-system, app")),
				"/etc/rancher/rke2/admission.yaml in proj-k8sm01-converge exempts app; only kube-system may be exempt.",
			],
		},
	},
	"rke2-audit-policy": {
		accepts: {
			"Metadata for everything": serverConfig("profile: cis\n", audit("level: Metadata")),
			"an agent": agent,
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
			"nothing of everybody, under the name of their group": [
				serverConfig("profile: cis\n", audit('{level: None, userGroups: ["system:authenticated"]}', "level: Metadata")),
				unrecorded,
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
		},
		refuses: {
			"one of them": [
				serverConfig("etcd-snapshot-retention: 1\n"),
				`${server} has etcd-snapshot-retention: 1; allowed is 2 or more.`,
			],
			"a schedule of four fields": [
				serverConfig('etcd-snapshot-schedule-cron: "0 * * *"\n'),
				`${server} has etcd-snapshot-schedule-cron: 0 * * *; allowed are five fields that come round twice a day or more.`,
			],
			...Object.fromEntries(
				["0 0 * * 0", "0 0 1 1 *", "0 0 * * *", "0 */6 * * mon", "0 25 * * *"].map((schedule) => [
					`the schedule ${schedule}`,
					[
						serverConfig(`etcd-snapshot-schedule-cron: "${schedule}"\n`),
						`${server} has etcd-snapshot-schedule-cron: ${schedule}; allowed are five fields that come round twice a day or more.`,
					] as const,
				]),
			),
		},
	},
	"rke2-offsite-snapshots": {
		accepts: {
			"a store over TLS": serverConfig(store),
			"a store that says so": snapshotStore({ stringData: { "etcd-s3-insecure": "false" } }),
			"a Secret of somebody else": snapshotStore({ stringData: { "etcd-s3-insecure": "true" } }, "app"),
		},
		refuses: {
			"no store": [serverConfig("profile: cis\n"), `${server} keeps snapshots on the server only; set etcd-s3.`],
			"plain HTTP in the configuration": [
				serverConfig(`${store}etcd-s3-insecure: true\n`),
				`${server} has etcd-s3-insecure, which gives up TLS to S3; remove it.`,
			],
			"plain HTTP in the Secret": [
				snapshotStore({ stringData: { "etcd-s3-insecure": "true", "etcd-s3-secret-key": "hunter2" } }),
				`Secret kube-system/${snapshotStoreSecret} has etcd-s3-insecure, which gives up TLS to S3; set it to false.`,
			],
			"an unverified certificate, encoded": [
				snapshotStore({ data: { "etcd-s3-skip-ssl-verify": Buffer.from("1\n").toString("base64") } }),
				`Secret kube-system/${snapshotStoreSecret} has etcd-s3-skip-ssl-verify, which gives up TLS to S3; set it to false.`,
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
		accepts: { "a file": agentConfig("token-file: /etc/rancher/rke2/token\n") },
		refuses: {
			"a token": [
				agentConfig("token: hunter2\n"),
				`${configPath} in proj-k8sw01-converge holds a secret under token; use token-file.`,
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
