import { describe, expect, test } from "vitest";
import { imageEndpoints } from "../../../../src/rke2/image-endpoints.ts";
import { authority } from "../../../fixtures/certificates.ts";
import { labStack } from "../../../fixtures/lab.ts";

const endpointsOf = (node: string, cluster: object = {}, more: object = {}) => {
	const stack = labStack({ cluster, ...more });
	return imageEndpoints(stack, stack.nodes[node]!);
};

describe("imageEndpoints", () => {
	test("has the registries of RKE2 and kube-vip only when the node is a server", () => {
		const ofServer = ["docker.io=https://registry-1.docker.io/v2/", "ghcr.io=https://ghcr.io/v2/"];
		expect(endpointsOf("proj-k8sm01")).toEqual(ofServer);
		expect(endpointsOf("proj-k8sm01", { api: { mode: "keepalived" } })).toEqual(ofServer.slice(0, 1));
	});

	test("has the registries of every add-on when the node is a worker", () => {
		expect(endpointsOf("proj-k8sw01").map((entry) => entry.split("=")[0])).toEqual([
			...["docker.io", "nvcr.io", "quay.io", "registry.k8s.io"],
		]);
	});

	test("puts the mirrors of a registry before it, else those of every registry", () => {
		const mirrors = {
			"docker.io": { endpoints: ["https://a.lab.internal", "http://b.lab.internal:5000"] },
			"*": { endpoints: ["https://c.lab.internal"] },
		};
		const network = { plainHttp: ["b.lab.internal:5000"] };
		expect(endpointsOf("proj-k8sm01", { registries: { mirrors } }, { network })).toEqual([
			"docker.io=https://a.lab.internal|http://b.lab.internal:5000|https://registry-1.docker.io/v2/",
			"ghcr.io=https://c.lab.internal|https://ghcr.io/v2/",
		]);
	});

	test("takes RKE2's images from the registry that the stack file names", () => {
		const registries = { systemDefault: "harbor.lab.internal:8443" };
		expect(endpointsOf("proj-k8sm01", { registries })[1]).toBe(
			"harbor.lab.internal:8443=https://harbor.lab.internal:8443/v2/",
		);
	});

	test("marks a URL whose authority the node gets later", () => {
		const mirrors = { "docker.io": { endpoints: ["https://harbor.lab.internal:8443"] } };
		const authorities = { "harbor.lab.internal:8443": authority };
		expect(endpointsOf("proj-k8sm01", { registries: { mirrors, authorities } })[0]).toBe(
			"docker.io=!https://harbor.lab.internal:8443|https://registry-1.docker.io/v2/",
		);
	});
});
