/** Failover of the API when no server holds its address: with a load balancer, and with a DNS name. */
import { describe, expect, test } from "vitest";
import { testFailover, worker } from "./support/failover.ts";

describe("three control planes and a worker, mode external", () => {
	// An address in another segment, behind the gateway.
	const at = "10.25.10.40";
	testFailover({ mode: "external", api: { mode: "external", address: at }, at, holders: 0 });
});

describe("three control planes and a worker, mode dns", () => {
	const at = "api.k8s.lab.internal";
	const rehearsal = testFailover({ mode: "dns", api: { mode: "dns", address: null }, at, holders: 0 });

	test("the address check refuses a control plane node without an A record", async () => {
		await expect(
			rehearsal().onNode(
				worker,
				`/usr/local/lib/rke2-lab/address.sh ${worker} dns ${at} 10.25.20.4 10.25.20.5 10.25.20.7`,
			),
		).rejects.toThrow(
			`${worker}: address: ${at} resolves to 10.25.20.4 10.25.20.5 10.25.20.6 on this node, but cluster.api.mode dns needs an A record for each control plane: 10.25.20.4 10.25.20.5 10.25.20.7`,
		);
	});
});
