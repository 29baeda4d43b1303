import { expect, test } from "vitest";
import { kubernetesDefaultNamespace } from "../../../../../policies/rules/kubernetes/default-namespace.ts";

function messages(kind: string, metadata: { name: string; namespace?: string }): string[] {
	const found: string[] = [];
	const apiVersion = { ClusterIssuer: "cert-manager.io/v1", NetworkPolicy: "networking.k8s.io/v1" }[kind] ?? "v1";
	kubernetesDefaultNamespace.checkObject({ apiVersion, kind, metadata, patch: false } as never, (message) =>
		found.push(message),
	);
	return found;
}

test("refuses what is in the namespace default, said or left out", () => {
	const sentence = "ConfigMap settings is in the namespace default; set metadata.namespace to another.";
	expect(messages("ConfigMap", { name: "settings", namespace: "default" })).toEqual([sentence]);
	expect(messages("ConfigMap", { name: "settings" })).toEqual([sentence]);
});

test("passes a NetworkPolicy that says default, and none that nobody gave a namespace", () => {
	expect(messages("NetworkPolicy", { name: "default-deny-all", namespace: "default" })).toEqual([]);
	expect(messages("NetworkPolicy", { name: "default-deny-all" })).toHaveLength(1);
});

test("passes a kind without a namespace, to which the provider gave one before it knew", () => {
	expect(messages("ClusterIssuer", { name: "letsencrypt", namespace: "default" })).toEqual([]);
});
