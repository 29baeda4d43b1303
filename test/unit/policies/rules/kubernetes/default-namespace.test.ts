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

test("refuses objects in the namespace default, named or by default", () => {
	const sentence = "ConfigMap settings is in the namespace default; set metadata.namespace to another.";
	expect(messages("ConfigMap", { name: "settings", namespace: "default" })).toEqual([sentence]);
	expect(messages("ConfigMap", { name: "settings" })).toEqual([sentence]);
});

test("passes a NetworkPolicy that names default, and refuses one without a namespace", () => {
	expect(messages("NetworkPolicy", { name: "default-deny-all", namespace: "default" })).toEqual([]);
	expect(messages("NetworkPolicy", { name: "default-deny-all" })).toHaveLength(1);
});

test("passes a kind outside namespaces that the provider put into default", () => {
	expect(messages("ClusterIssuer", { name: "letsencrypt", namespace: "default" })).toEqual([]);
});
