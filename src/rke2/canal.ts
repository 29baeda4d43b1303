import { stringify } from "yaml";
import type { StackConfig } from "../config/schema/stack.ts";
import { nodeInterface } from "../facts/network.ts";

/**
 * Manifest that configures the bundled Canal chart. It has to be on the servers before their first start: RKE2 does not
 * support a change of the backend on a running cluster, and has no key for it in config.yaml.
 */
export function canalManifest(canal: StackConfig["cluster"]["canal"]): string {
	const values = {
		flannel: { iface: nodeInterface, backend: canal.backend },
		// Spelt as in the chart. The chart does not derive it from the backend: the stack file subtracts the overhead.
		calico: { vethuMTU: canal.mtu },
	};
	return stringify({
		apiVersion: "helm.cattle.io/v1",
		kind: "HelmChartConfig",
		metadata: { name: "rke2-canal", namespace: "kube-system" },
		// By default a Helm job that was interrupted first uninstalls the chart, and with it the network of every pod
		// (rancher/rke2#3805, https://docs.rke2.io/add-ons/helm).
		spec: { failurePolicy: "abort", valuesContent: stringify(values) },
	});
}
