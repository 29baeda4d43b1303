import { expect, test } from "vitest";
import { parse } from "yaml";
import { adminKubeconfig } from "../../../../src/rke2/kubeconfig.ts";

const onServer = `apiVersion: v1
kind: Config
clusters:
- cluster: {certificate-authority-data: Y2E=, server: "https://127.0.0.1:6443"}
  name: default
contexts:
- context: {cluster: default, user: default}
  name: default
current-context: default
users:
- name: default
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}
`;

test("the kubeconfig has the virtual address, the cluster's name and the credentials", () => {
	expect(parse(adminKubeconfig(onServer, { name: "astronomy-lab", server: "https://10.25.20.29:6443" }))).toEqual({
		apiVersion: "v1",
		kind: "Config",
		clusters: [
			{
				name: "astronomy-lab",
				cluster: { "certificate-authority-data": "Y2E=", server: "https://10.25.20.29:6443" },
			},
		],
		users: [
			{
				name: "astronomy-lab-admin",
				user: { "client-certificate-data": "Y2VydA==", "client-key-data": "a2V5" },
			},
		],
		contexts: [{ name: "astronomy-lab", context: { cluster: "astronomy-lab", user: "astronomy-lab-admin" } }],
		"current-context": "astronomy-lab",
	});
});
