import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { Access } from "../../../../components/cluster/access.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { type Registration, record } from "../recorder.ts";

const [infrastructure, teams, projects, auditors] = ["1", "2", "3", "4"].map(
	(digit) => `${digit.repeat(8)}-0000-0000-0000-${digit.repeat(12)}`,
) as [string, string, string, string];

const everybody = {
	oidc: {
		issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
		clientId: "99999999-8888-7777-6666-555555555555",
	},
	clusterAdministrators: [infrastructure],
	clusterReaders: [auditors],
	namespaces: { ollama: { administrators: [teams], editors: [projects] } },
};

async function access(change: Record<string, unknown>): Promise<Registration[]> {
	const stack = labStack({ access: change });
	const resources = await record(() => {
		const provider = new Provider("kubernetes", { kubeconfig: "{}", clusterIdentifier: "lab" });
		const cluster = new pulumi.ComponentResource("test:index:Cluster", "cluster");
		new Access("access", { access: stack.access, provider, cluster });
	});
	return resources.filter(({ type }) => type.startsWith("kubernetes:"));
}

interface Binding {
	metadata: { name: string; namespace?: string };
	roleRef: { kind: string; name: string };
	subjects: { kind: string; name: string }[];
}

describe("the four roles of access", () => {
	test("bind groups of the identity provider, and no user or group of Kubernetes itself", async () => {
		const bindings = (await access(everybody))
			.filter(({ type }) => type.endsWith("Binding"))
			.map(({ inputs }) => inputs as unknown as Binding)
			.map(({ metadata, roleRef, subjects }) => [
				metadata.namespace ?? "everywhere",
				roleRef.name,
				...subjects.map(({ kind, name }) => `${kind} ${name}`),
			]);
		expect(bindings.sort()).toEqual([
			["everywhere", "cluster-admin", `Group oidc:${infrastructure}`],
			["everywhere", "cluster-reader", `Group oidc:${auditors}`],
			["everywhere", "view", `Group oidc:${auditors}`],
			["ollama", "admin", `Group oidc:${teams}`],
			["ollama", "edit", `Group oidc:${projects}`],
		]);
	});

	test("let auditors read everything except Secrets, and change nothing", async () => {
		const [role] = (await access(everybody)).filter(({ type }) => type.endsWith(":ClusterRole"));
		const { rules } = role!.inputs as { rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] };
		expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["get", "list", "watch"]));
		const resources = rules.flatMap((rule) => rule.resources);
		expect(resources).toEqual(expect.arrayContaining(["nodes", "clusterrolebindings", "customresourcedefinitions"]));
		expect(resources).not.toContain("secrets");
		expect([...resources, ...rules.flatMap(({ apiGroups }) => apiGroups)]).not.toContain("*");
	});

	test("end with the cluster, and use its provider", async () => {
		const created = await access(everybody);
		expect(created).toHaveLength(6);
		for (const { deletedWith, provider } of created) {
			expect({ deletedWith, provider }).toEqual({ deletedWith: "cluster", provider: "kubernetes" });
		}
	});

	test("create nothing when the stack file has no groups", async () => {
		expect(await access({})).toEqual([]);
	});
});
