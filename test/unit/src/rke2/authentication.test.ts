import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { labStack } from "../../../fixtures/lab.ts";
import { configOf, filesOf } from "./rendered-files.ts";

describe("the identity provider", () => {
	const path = "/etc/rancher/rke2/authentication.yaml";
	const oidc = {
		issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
		clientId: "rke2",
	};
	const withProvider = labStack({ access: { oidc } });

	test("is in a file that the API server reads, with prefixes for its users and groups", () => {
		expect(configOf("proj-k8sm03", withProvider)["kube-apiserver-arg"]).toContain(`authentication-config=${path}`);
		expect(parse(filesOf("proj-k8sm03", withProvider).get(path)!.content)).toEqual({
			apiVersion: "apiserver.config.k8s.io/v1",
			kind: "AuthenticationConfiguration",
			jwt: [
				{
					issuer: { url: oidc.issuer, audiences: ["rke2"] },
					claimMappings: {
						username: { claim: "oid", prefix: "oidc:" },
						groups: { claim: "groups", prefix: "oidc:" },
					},
				},
			],
		});
	});

	test("is in the format of the cluster's Kubernetes version", () => {
		const older = labStack({ access: { oidc }, cluster: { version: "v1.33.13+rke2r2" } });
		expect(filesOf("proj-k8sm01", older).get(path)!.content).toContain("apiserver.config.k8s.io/v1beta1");
	});

	test("is not on workers, and on no node without the key", () => {
		expect(filesOf("proj-k8sw01", withProvider).has(path)).toBe(false);
		expect(filesOf("proj-k8sm01").has(path)).toBe(false);
	});
});
