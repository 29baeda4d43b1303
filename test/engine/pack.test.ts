/** The project's own pack as the CLI runs it: which violations of which resources, at which level. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { evaluateStack, toResource } from "../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../compliance/evaluation/preview.ts";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import { readProfile } from "../../policies/profiles/index.ts";
import { rules } from "../../policies/rules/index.ts";
import type { EngineResult } from "../../rehearsal/engine/engine.ts";
import type { DeclaredResource } from "../fixtures/engine-programs/declared/src/index.ts";
import { labValues } from "../fixtures/lab.ts";
import { optionsFor, pack, verdicts } from "./declared.ts";
import { home, pulumi } from "./harness.ts";

const timeout = 240_000;

const metadata = { name: "app", namespace: "app" };
const container = { name: "main", image: "registry.example/app", securityContext: { privileged: true } };

/** Each breaks some rules, and nothing else about it matters. */
const broken: DeclaredResource[] = [
	{
		type: "proxmoxve:index/vmLegacy:VmLegacy",
		name: "proj-k8sm01",
		inputs: {
			name: "proj-k8sm01",
			nodeName: "node01",
			vmId: 101,
			agent: { enabled: true, waitForIp: { disabled: true } },
			tags: ["control-plane"],
			cpu: { type: "host", cores: 2 },
			disks: [],
			onBoot: false,
			memory: { dedicated: 4096, floating: 2048 },
			networkDevices: [{ bridge: "vmbr0", vlanId: 20, model: "virtio", firewall: false }],
			initialization: {
				datastoreId: "local-lvm",
				ipConfigs: [{ ipv4: { address: "10.25.20.4/24", gateway: "10.25.20.1" } }],
				userAccount: { username: "ops", keys: ["ssh-ed25519 AAAA"] },
			},
		},
	},
	{
		type: "command:remote:Command",
		name: "proj-k8sm01-converge",
		inputs: {
			connection: { host: "10.25.20.4", user: "ops", privateKey: "none", hostKey: "ssh-ed25519 AAAA" },
			addPreviousOutputInEnv: false,
			create: "sh converge.sh proj-k8sm01 server stable",
			stdin: [
				"file /etc/rancher/rke2/config.yaml 0600 root:root",
				"| profle: cis",
				"| cni: none",
				"| node-ip: 10.25.20.4",
				"",
				"file /var/lib/rancher/rke2/server/manifests/app.yaml 0600 root:root",
				"| {apiVersion: v1, kind: ConfigMap, metadata: {name: app, namespace: default}}",
				"",
			].join("\n"),
		},
	},
	{
		type: "kubernetes:core/v1:Namespace",
		name: "app",
		inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "app" } },
	},
	{
		type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
		name: "app",
		inputs: {
			apiVersion: "rbac.authorization.k8s.io/v1",
			kind: "ClusterRole",
			metadata: { name: "app" },
			rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["*"] }],
		},
	},
	{
		type: "kubernetes:core/v1:PodTemplate",
		name: "app",
		inputs: {
			apiVersion: "v1",
			kind: "PodTemplate",
			metadata,
			template: { spec: { serviceAccountName: "app", automountServiceAccountToken: false, containers: [container] } },
		},
	},
];

/** No exception may last longer than two years. */
const nextYear = `${new Date().getUTCFullYear() + 1}-01-31`;
const config = {
	// Nothing in this program is a resource of ours.
	"program-known-resources": "disabled",
	"program-complete-stack": "disabled",
	"vm-autostart": "advisory",
	"vm-firewall": { exceptions: [] },
	"vm-protected-control-planes": { exceptions: [] },
	"rke2-always-pull-images": "advisory",
	"kubernetes-pod-security": "remediate",
	"kubernetes-seccomp": "remediate",
	"kubernetes-image-tags": "disabled",
	"kubernetes-resource-limits": {
		exceptions: [{ resource: "PodTemplate app/*", reason: "Measured: it needs what there is.", expires: nextYear }],
	},
};

const command = "command:remote:Command proj-k8sm01-converge";
const machine = "proxmoxve:index/vmLegacy:VmLegacy proj-k8sm01";
const namespace = "kubernetes:core/v1:Namespace app";
const role = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole app";
const template = "kubernetes:core/v1:PodTemplate app";

const expected = [
	`advisory vm-autostart ${machine}`,
	`advisory vm-quorum-on-one-host ${machine}`,
	`mandatory kubernetes-capabilities ${template}`,
	`mandatory kubernetes-default-deny ${namespace}`,
	`mandatory kubernetes-default-namespace ${command}`,
	`mandatory kubernetes-default-service-account ${namespace}`,
	`mandatory kubernetes-privilege-escalation ${template}`,
	`mandatory kubernetes-privileged-containers ${template}`,
	`mandatory kubernetes-rbac-permissions ${role}`,
	`mandatory kubernetes-rbac-wildcards ${role}`,
	`mandatory kubernetes-root-containers ${template}`,
	`mandatory kubernetes-security-context ${template}`,
	`mandatory rke2-admission-plugins ${command}`,
	`mandatory rke2-audit-policy ${command}`,
	`mandatory rke2-cni ${command}`,
	`mandatory rke2-ingress-controller ${command}`,
	`mandatory rke2-known-keys ${command}`,
	`mandatory rke2-kubelet-hardening ${command}`,
	`mandatory rke2-node-commands ${command}`,
	`mandatory rke2-pinned-release ${command}`,
	`mandatory rke2-profile-cis ${command}`,
	`mandatory rke2-secrets-encryption ${command}`,
	`mandatory vm-firewall ${machine}`,
	`mandatory vm-fixed-memory ${machine}`,
	`mandatory vm-network ${machine}`,
	`mandatory vm-protected-control-planes ${machine}`,
	`remediate kubernetes-pod-security ${namespace}`,
	`remediate kubernetes-seccomp ${template}`,
];

function printedBy({ policies }: EngineResult, policy: string): string {
	const printed = policies.violations.filter((violation) => violation.policy === policy);
	return printed.map(({ message }) => message).join("\n");
}

describe("the pack", () => {
	test("reports violations, applies remediations and prints accepted exceptions", { timeout }, async () => {
		const preview = await pulumi.preview(optionsFor(broken, config));
		expect(verdicts(preview)).toEqual(expected);
		expect(preview.succeeded).toBe(false);
		expect(preview.policies.skipped).toEqual([]);
		expect(printedBy(preview, "applied-remediations")).toContain("kubernetes-pod-security sets metadata.labels.");
		expect(printedBy(preview, "accepted-exceptions")).toContain(
			`kubernetes-resource-limits accepts PodTemplate app/* until ${nextYear}: Measured: it needs what there is.`,
		);
	});

	test("refuses the configuration when a policy is unknown", { timeout }, async () => {
		const preview = await pulumi.preview(optionsFor([], { "rke2-cnii": "mandatory" }));
		expect(preview.succeeded).toBe(false);
		expect(printedBy(preview, "policy-configuration")).toContain(
			"rke2-cnii is not a policy of the pack (did you mean rke2-cni?).",
		);
	});

	test("is not started with a misspelt key of an exception, also without its own check of the configuration", {
		timeout,
	}, async () => {
		const exceptions = [{ resorce: "app", reason: "Measured: it needs what there is.", expires: nextYear }];
		const preview = await pulumi.preview(
			optionsFor(broken, { "policy-configuration": "disabled", "kubernetes-image-tags": { exceptions } }),
		);
		expect(preview.succeeded).toBe(false);
		expect(verdicts(preview)).toEqual([]);
		expect(preview.diagnostics.map(({ message }) => message).join("\n")).toContain("resorce");
	});
});

/** Changes of the lab that touch different things, of every family of rules. */
const changed = [
	"vm-gpu-by-mapping",
	"vm-unique-identity",
	"vm-autostart",
	"rke2-profile-cis",
	"rke2-known-keys",
	"rke2-equal-nodes",
	"rke2-offsite-snapshots",
	"rke2-etcd-arguments",
	"kubernetes-rbac-wildcards",
	"kubernetes-service-account-tokens",
	"kubernetes-pod-security",
	"kubernetes-seccomp",
	"kubernetes-default-deny",
	"helm-exact-version",
];

test("`policy analyze` says of a broken lab what the pack's own commands say", { timeout }, async () => {
	const lab = (await previewStack(labValues())).map(toResource);
	const resources = changed.reduce<readonly Resource[]>(
		(stack, name) => rules.find((rule) => rule.name === name)!.examples[0].apply(stack),
		structuredClone(lab),
	);
	// An advisory rule warns. Those about the record, and about the machine of a firewall, read values that a preview does not know; they
	// have tests of their own, on a preview: a state has no unknown outputs.
	const isAsked = (name: string) => !name.startsWith("program-") && name !== "vm-firewall-owner";
	const asked = rules.filter(({ level, name }) => level === undefined && isAsked(name));
	const expected = [...evaluateStack(asked, resources, readProfile("lab"))].flatMap(([policy, { violations }]) =>
		violations.map(({ urn }) => `mandatory ${policy} ${urn?.split("::").slice(2).join(" ")}`),
	);
	expect(new Set(expected.map((line) => line.split(" ")[1])).size).toBe(changed.length);

	const directory = mkdtempSync(join(tmpdir(), "engine-test-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const file = join(directory, "state.json");
	writeFileSync(file, JSON.stringify(stateOf(resources)));
	const args = ["policy", "analyze", "--json", "--file", file, "--policy-pack", pack];
	const { stdout } = await promisify(execFile)(join(home, "bin/pulumi"), args, {
		cwd: directory,
		env: {
			...process.env,
			PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
			PULUMI_HOME: home,
			PULUMI_BACKEND_URL: `file://${directory}`,
			PULUMI_CONFIG_PASSPHRASE: "",
		},
		maxBuffer: 64 << 20,
	}).catch((error: { code: number; stdout: string; stderr: string }) => error);
	const found = stdout
		.split("\n")
		.filter(Boolean)
		.flatMap((line) => JSON.parse(line).policyEvent ?? [])
		.filter(({ enforcementLevel, policyName }) => enforcementLevel !== "advisory" && isAsked(policyName))
		.map(
			({ enforcementLevel, policyName, resourceUrn }) =>
				`${enforcementLevel} ${policyName} ${resourceUrn.split("::").slice(2).join(" ")}`,
		);
	expect([...new Set(found)].sort()).toEqual([...new Set(expected)].sort());
});

/** A state as `pulumi stack export` writes it. */
function stateOf(resources: readonly Resource[]): object {
	const stack = "pulumi:pulumi:Stack";
	const root = { urn: `urn:pulumi:preview::rke2-lab::${stack}::rke2-lab-preview`, type: stack, custom: false };
	return {
		version: 3,
		deployment: {
			manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
			resources: [
				root,
				...resources.map(({ urn, type, props, opts }) => ({
					urn,
					type,
					custom: true,
					id: "id",
					inputs: props,
					outputs: {},
					protect: opts.protect,
					ignoreChanges: opts.ignoreChanges,
				})),
			],
		},
	};
}
