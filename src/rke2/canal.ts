import { stringify } from "yaml";
import type { StackConfig } from "../config/schema/stack.ts";
import { nodeInterface } from "../facts/network.ts";

/**
 * Manifest that configures the bundled Canal chart. It has to lie on the servers before their first start: RKE2 does not
 * support a change of the backend on a running cluster, and knows no key for it in config.yaml.
 */
export function canalManifest({ cluster: { canal } }: StackConfig): string {
	const values = {
		flannel: { iface: nodeInterface, backend: canal.backend },
		// The chart's own spelling. It is not derived from the backend, whose overhead has to be subtracted by hand.
		calico: { vethuMTU: canal.mtu },
	};
	return stringify({
		apiVersion: "helm.cattle.io/v1",
		kind: "HelmChartConfig",
		metadata: { name: "rke2-canal", namespace: "kube-system" },
		// By default a job of Helm's that was cut short uninstalls the chart first, and with it the network of every pod
		// (rancher/rke2#3805, https://docs.rke2.io/add-ons/helm).
		spec: { failurePolicy: "abort", valuesContent: stringify(values) },
	});
}
