/** Every rule: an unknown value is a violation, and no message repeats a secret. */
import { unknownCheckingProxy } from "@pulumi/policy";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluateStack, toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { type Declared, previewStack } from "../../../compliance/evaluation/preview.ts";
import { mutantOf, mutations } from "../../../compliance/mutation/examples.ts";
import { editMachine } from "../../../policies/lib/examples/machines.ts";
import { editFiles } from "../../../policies/lib/examples/nodes.ts";
import { addResource } from "../../../policies/lib/examples/resources.ts";
import { shapeOf } from "../../../policies/lib/record/known-resources.ts";
import { deviationsFrom, type Shape } from "../../../policies/lib/record/shapes.ts";
import type { ArgumentKey, ArgumentLimit } from "../../../policies/lib/rke2/component-arguments.ts";
import { nodeFiles } from "../../../policies/lib/rke2/files.ts";
import { findViolations } from "../../../policies/lib/rules/evaluate.ts";
import type { Resource } from "../../../policies/lib/rules/resource.ts";
import type { Rule } from "../../../policies/lib/rules/rule.ts";
import { rules } from "../../../policies/rules/index.ts";
import { programKnownResources } from "../../../policies/rules/program/known-resources.ts";
import { labValues } from "../../fixtures/lab.ts";
import { commandWith } from "./bundle.ts";
import { unknown } from "./run-rule.ts";

let declared: Declared[];
let lab: Resource[];
beforeAll(async () => {
	declared = await previewStack(labValues());
	lab = declared.map(toResource);
}, 60_000);

describe.each(rules.map((rule) => ({ rule, name: rule.name })))("$name", ({ rule, name }) => {
	test("is violated when an input that it reads is unknown", () => {
		const stack = mutantOf(rule.examples[0], lab);
		const judging = comparing.has(name) ? programKnownResources : rule;
		const reads = readsOf(rule, stack).filter(
			(read) => !isMadeByTheProgram(name, read) && !(judging === programKnownResources && isOutput(read)),
		);
		expect(reads).not.toEqual([]);
		const undecided = reads.filter(({ resource, path }) => {
			const inputs = structuredClone(resource.props);
			conceal(inputs, path);
			const guarded = { ...resource, props: unknownCheckingProxy(inputs) };
			return findViolations(
				judging,
				"checkStack" in judging ? stack.map((other) => (other === resource ? guarded : other)) : [guarded],
			).some(({ message }) => message.startsWith(`${path.join(".")} is not known at preview`));
		});
		expect(undecided.map(describeRead)).toEqual(reads.map(describeRead));
	});

	// A subject that the rule does not read would let its controls pass on a stack that it never evaluated.
	test("reads an input of the subject that it declares", () => {
		const read = new Set<Resource>();
		const stack = mutantOf(rule.examples[0], lab);
		findViolations(
			rule,
			stack.map((resource) => ({ ...resource, props: recording(resource.props, () => read.add(resource)) })),
		);
		expect([...read].filter((resource) => rule.subject.isDeclaredBy(resource))).not.toEqual([]);
	});
});

/**
 * Rules that compare values with each other, as far as they are known. The record says which of them may be unknown, and
 * program-known-resources refuses any other unknown value.
 */
const comparing: ReadonlySet<string> = new Set([
	"program-credentials-in-place",
	"program-host-key-endpoint",
	"program-kubeconfig-server",
	"rke2-equal-commands",
	"rke2-restore-store",
	"vm-machine-groups",
]);

/**
 * The SSH keys of an account: the program makes one, so that it may be unknown; only the list has to be known. And the host key of a
 * node, which the node makes; with it the connection is unknown. And host and id of the machine to which a firewall belongs, which are
 * outputs of the machine.
 */
function isMadeByTheProgram(rule: string, { resource: { type }, path }: Read): boolean {
	return (
		(["vm-ssh-keys", "vm-equal-machines"].includes(rule) && path.at(-2) === "keys") ||
		(rule === "vm-firewall-owner" &&
			type.startsWith("proxmoxve:firewall/") &&
			["nodeName", "vmId"].includes(path.join("."))) ||
		(rule === "program-pinned-host-keys" && ["connection", "connection.hostKey"].includes(path.join(".")))
	);
}

/** The record says which inputs are outputs of other resources: those may be unknown at preview. */
function isOutput({ resource: { type, name, props }, path }: Read): boolean {
	const values = structuredClone(
		lab.find((resource) => resource.type === type && resource.name === name)?.props ?? props,
	);
	conceal(values, path);
	const shape = shapeOf(type, name);
	const concealed = unknownCheckingProxy(values);
	return (
		shape !== undefined && !(type === "command:remote:Command" && path[0] === "stdin") && isDecided(shape, concealed)
	);
}

function isDecided(shape: Shape, value: unknown): boolean {
	try {
		deviationsFrom(shape, value);
		return true;
	} catch {
		return false;
	}
}

interface Read {
	resource: Resource;
	path: string[];
}

const describeRead = ({ resource, path }: Read) => `${resource.type} ${path.join(".")}`;

/** The properties that a rule reads, also absent ones, each with the first resource of its type. */
function readsOf(rule: Rule, stack: readonly Resource[]): Read[] {
	const reads = new Map<string, Read>();
	findViolations(
		rule,
		stack.map((resource) => ({
			...resource,
			props: recording(resource.props, (path) => {
				const read = { resource, path };
				reads.set(describeRead(read), reads.get(describeRead(read)) ?? read);
			}),
		})),
	);
	return [...reads.values()];
}

function recording<T extends object>(target: T, record: (path: string[]) => void, parents: string[] = []): T {
	return new Proxy(target, {
		get(object, key, receiver) {
			const value = Reflect.get(object, key, receiver);
			// Members of the list itself, and not of the input.
			if (typeof key === "symbol" || typeof value === "function" || (Array.isArray(object) && key === "length")) {
				return value;
			}
			const path = [...parents, key];
			record(path);
			return typeof value === "object" && value !== null ? recording(value, record, path) : value;
		},
	});
}

function conceal(inputs: Record<string, unknown>, path: readonly string[]): void {
	const parent = path.slice(0, -1).reduce((value, key) => value[key] as Record<string, unknown>, inputs);
	parent[path.at(-1)!] = unknown;
}

const marker = "5ecret-marker";

describe("no message repeats a secret", () => {
	test.each(mutations.map(({ rule, example }) => ({ example, policy: rule.name, change: example.change })))(
		"$policy: $change",
		({ example }) => {
			const stack = withSecrets(mutantOf(example, declared.map(withMarkedSecrets)));
			expect(messages(stack).filter((message) => message.includes(marker))).toEqual([]);
		},
	);

	test("when a file cannot be read", () => {
		const [server] = lab.filter(({ name }) => name === "proj-k8sm01-converge");
		const files = nodeFiles(server!);
		expect(files.length).toBeGreaterThan(3);
		for (const { path, mode, owner } of files) {
			const head = `file ${path} ${mode} ${owner}\n`;
			const broken = editFiles(/^proj-k8sm01/, head, `${head}| "${marker}: [${marker}\n`);
			expect(messages(broken(lab)).join("\n"), path).not.toContain(marker);
		}
		for (const [path, start] of unreadable) {
			const file = `file ${path} 0600 root:root\n| ${start}\n| "${marker}: [${marker}\n\nfile `;
			const found = messages(editFiles(/^proj-k8sm01/, /^file /m, file)(lab)).join("\n");
			expect(found, path).toContain(path);
			expect(found, path).not.toContain(marker);
		}
		const cut = messages(editFiles(/^proj-k8sm01/, "\n|", `\n${marker}\n|`)(lab));
		expect(cut.join("\n")).toContain("does not go on as such, so this rule cannot be decided");
		expect(cut.join("\n")).not.toContain(marker);
	});
});

/** One file for each place where a rule parses a file that the lab's servers do not get, with the text that makes it parse. */
const unreadable = [
	["/etc/rancher/rke2/authentication.yaml", "kind: AuthenticationConfiguration"],
	["/etc/rancher/rke2/config.yaml.d/90.yaml", "profile: cis"],
	["/var/lib/rancher/rke2/server/manifests/app.yaml", "kind: Secret"],
] as const;

function messages(stack: readonly Resource[]): string[] {
	return [...evaluateStack(rules, stack, {}).values()].flatMap(({ violations }) =>
		violations.map(({ message }) => message),
	);
}

/** Values that the program itself marks as secret: tokens on standard input, the API token, the contents of Secrets. */
function withMarkedSecrets(resource: Declared): Resource {
	const inputs = mark(resource.inputs.toJavaScript()) as Record<string, protobuf.JavaScriptValue>;
	return toResource({ ...resource, inputs: protobuf.Struct.fromJavaScript(inputs) });
}

function mark(value: unknown, secret = false): unknown {
	if (Array.isArray(value)) {
		return value.map((member) => mark(member, secret));
	}
	if (typeof value !== "object" || value === null) {
		return secret ? marker : value;
	}
	const { [specialSigKey]: signature, ...members } = value as Record<string, unknown>;
	return signature === specialSecretSig
		? { ...value, value: mark(members.value, true) }
		: Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mark(member, secret)]));
}

const argumentKeys: readonly ArgumentKey[] = [
	"kube-apiserver-arg",
	"kube-controller-manager-arg",
	"kube-scheduler-arg",
	"etcd-arg",
	"kubelet-arg",
	"kube-proxy-arg",
];

/** Adds secrets in further places, where a program could put them against the rules. */
function withSecrets(stack: readonly Resource[]): readonly Resource[] {
	const limits = rules.flatMap((rule) => ("limits" in rule ? (rule.limits as ArgumentLimit[]) : []));
	const limited = new Set(limits.map(({ argument }) => argument));
	const dropIn = ["token", "agent-token", "etcd-s3-secret-key", "mistyped-token"].map((key) => `| ${key}: ${marker}`);
	for (const key of argumentKeys) {
		dropIn.push(`| ${key}+:`, ...[...limited].map((argument) => `|   - ${argument}=${marker}`));
	}
	const metadata = { name: "secretive", namespace: "default" };
	const container = {
		name: "main",
		image: "registry.example/app",
		command: ["app", `--password=${marker}`],
		env: [{ name: "PASSWORD", value: marker }],
	};
	return [
		editMachine("proj-k8sw01", { initialization: { userAccount: { username: "ops", password: marker } } }),
		editFiles(
			/^proj-k8s[mw]01/,
			/^/,
			`file /etc/rancher/rke2/config.yaml.d/90.yaml 0600 root:root\n${dropIn.join("\n")}\n\n`,
		),
		addResource("command:remote:Command", "secretive", {
			...commandWith({ "/etc/rancher/rke2/registries.yaml": `configs: { r: { auth: { password: ${marker} } } }\n` })
				.props,
			environment: { TOKEN: marker },
			connection: { host: "10.25.20.4", password: marker, privateKey: marker },
		}),
		addResource("kubernetes:core/v1:Secret", "secretive", { metadata, data: { a: marker }, stringData: { b: marker } }),
		addResource("kubernetes:helm.sh/v3:Release", "secretive", {
			chart: "app",
			version: "^1",
			createNamespace: true,
			repositoryOpts: { repo: "https://charts.example", username: "lab", password: marker },
			values: { adminPassword: marker, auth: { token: marker } },
		}),
		addResource("kubernetes:apps/v1:Deployment", "secretive", {
			metadata,
			spec: { template: { spec: { containers: [container] } } },
		}),
	].reduce((stackSoFar, place) => place(stackSoFar), stack);
}
