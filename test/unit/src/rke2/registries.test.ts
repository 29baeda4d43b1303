import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { registriesFile } from "../../../../src/rke2/registries.ts";
import { authority } from "../../../fixtures/certificates.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { configOf, filesOf } from "./rendered-files.ts";

describe("registries", () => {
	const mirrored = labStack({
		cluster: {
			registries: {
				systemDefault: "harbor.lab.internal",
				mirrors: { "docker.io": { endpoints: ["https://harbor.lab.internal:8443/v2/dockerhub"] } },
				authorities: { "harbor.lab.internal:8443": authority },
			},
		},
	});

	test("registries.yaml has mirrors, authorities and credentials under the names that RKE2 reads", () => {
		const credentials = { "harbor.lab.internal:8443": { username: "robot", password: "hunter2" } };
		expect(parse(registriesFile(mirrored.cluster.registries, credentials))).toEqual({
			mirrors: { "docker.io": { endpoint: ["https://harbor.lab.internal:8443/v2/dockerhub"] } },
			configs: {
				"harbor.lab.internal:8443": {
					auth: { username: "robot", password: "hunter2" },
					tls: { ca_file: "/etc/rancher/rke2/registry-authorities/harbor.lab.internal_8443.pem" },
				},
			},
		});
	});

	test("the authority is at the path in registries.yaml, in clear text", () => {
		const path = "/etc/rancher/rke2/registry-authorities/harbor.lab.internal_8443.pem";
		expect(filesOf("proj-k8sw01", mirrored).get(path)).toMatchObject({ mode: "0644", content: authority });
	});

	test("RKE2's own images come from the default registry, which only servers configure", () => {
		expect(configOf("proj-k8sm01", mirrored)).toHaveProperty("system-default-registry", "harbor.lab.internal");
		expect(configOf("proj-k8sw01", mirrored)).not.toHaveProperty("system-default-registry");
	});
});
