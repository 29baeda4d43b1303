import { expect, test } from "vitest";
import { describeNetworkServices } from "../../../rehearsal/datacenter/network-services.ts";
import { labStack } from "../../fixtures/lab.ts";

test("a store of snapshots with a name is at the gateway, under the names that clients ask for", () => {
	const s3 = { endpoint: "s3.internal:9000", bucket: "backups" };
	const { snapshotStore, names } = describeNetworkServices(labStack({ cluster: { etcdSnapshots: { s3 } } }));
	expect(snapshotStore).toMatchObject({ address: "10.25.20.1", port: 9000, bucket: "backups", encrypted: true });
	expect(names.records).toMatchObject({ "s3.internal": ["10.25.20.1"], "backups.s3.internal": ["10.25.20.1"] });
});

test("a store of snapshots with an address is there, at the port of its protocol", () => {
	const s3 = { endpoint: "10.25.10.9", bucket: "backups", insecure: true };
	const { snapshotStore, names } = describeNetworkServices(labStack({ cluster: { etcdSnapshots: { s3 } } }));
	expect(snapshotStore).toMatchObject({ address: "10.25.10.9", port: 80, encrypted: false, names: [] });
	expect(Object.keys(names.records)).toHaveLength(1);
});

test("a stack file without a store has none", () => {
	expect(describeNetworkServices(labStack({})).snapshotStore).toBeUndefined();
});
