import { expect, test } from "vitest";
import { parse } from "yaml";
import type { StackConfig } from "../../../../src/config/schema/stack.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { filesOf } from "./rendered-files.ts";

const stack = labStack();

test("Canal's backend and MTU have the names that the chart reads", () => {
	const wireguard: StackConfig = {
		...stack,
		cluster: { ...stack.cluster, canal: { ...stack.cluster.canal, backend: "wireguard", mtu: 1420 } },
	};
	const path = "/var/lib/rancher/rke2/server/manifests/rke2-canal-config.yaml";
	const manifest = parse(filesOf("proj-k8sm01", wireguard).get(path)!.content);
	expect(manifest).toMatchObject({
		apiVersion: "helm.cattle.io/v1",
		kind: "HelmChartConfig",
		metadata: { name: "rke2-canal", namespace: "kube-system" },
		// A Helm job that was cut short is not to uninstall the network of all pods (rancher/rke2#3805).
		spec: { failurePolicy: "abort" },
	});
	expect(parse(manifest.spec.valuesContent)).toEqual({
		flannel: { iface: "eth0", backend: "wireguard" },
		calico: { vethuMTU: 1420 },
	});
});
