import { expect, test } from "vitest";
import { kubernetesDefaultNamespace } from "../../policies/rules/kubernetes-default-namespace.ts";

function messages(kind: string, metadata: { name: string; namespace?: string }): string[] {
	const found: string[] = [];
	const apiVersion = kind === "ClusterIssuer" ? "cert-manager.io/v1" : "v1";
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

test("passes a kind without a namespace, to which the provider gave one before it knew", () => {
	expect(messages("ClusterIssuer", { name: "letsencrypt", namespace: "default" })).toEqual([]);
});
