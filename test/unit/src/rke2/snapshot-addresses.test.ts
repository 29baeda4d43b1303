import { expect, test } from "vitest";
import { snapshotAddresses } from "../../../../src/rke2/snapshot-addresses.ts";
import { labStack } from "../../../fixtures/lab.ts";

/** The addresses without what signs them. */
function addresses(store: object): string[] {
	const { etcdSnapshots } = labStack({ cluster: { etcdSnapshots: { s3: { bucket: "backups", ...store } } } }).cluster;
	const credentials = { accessKey: "AKIA", secretKey: "s3cret" };
	const text = snapshotAddresses(etcdSnapshots.s3!, credentials, "kept-1", new Date("2026-11-29T12:00:00Z"));
	expect(text).toContain("X-Amz-Date=20261129T120000Z&X-Amz-Expires=43200");
	expect(text).not.toContain("s3cret");
	return text.split("\n").map((line) => line.replace(/X-Amz-Algorithm.*?(?=delimiter|$)/, "").replace(/[?&]$/, ""));
}

test.each([
	["a store of one's own", { endpoint: "s3.internal:9000" }, "https://s3.internal:9000/backups/kept-1"],
	["plain http", { endpoint: "s3.internal", insecure: true }, "http://s3.internal/backups/kept-1"],
	[
		"the bucket before the host",
		{ endpoint: "s3.internal", bucketLookup: "dns" },
		"https://backups.s3.internal/kept-1",
	],
	[
		"Amazon in another region",
		{ endpoint: "s3.amazonaws.com", region: "eu-south-2" },
		"https://backups.s3.eu-south-2.amazonaws.com/kept-1",
	],
	[
		"a bucket with a dot at Amazon",
		{ endpoint: "s3.eu-west-1.amazonaws.com", bucket: "back.ups" },
		"https://s3.eu-west-1.amazonaws.com/back.ups/kept-1",
	],
	["a host that only ends like Amazon's", { endpoint: "notamazonaws.com" }, "https://notamazonaws.com/backups/kept-1"],
	[
		"the bucket after Amazon's host",
		{ endpoint: "s3.amazonaws.com", bucketLookup: "path" },
		"https://s3.us-east-1.amazonaws.com/backups/kept-1",
	],
])("the address is that of RKE2's client for %s", (_, store, address) => {
	expect(addresses(store)[0]).toBe(address);
});

test("the list is of the folder alone, and the authority follows", () => {
	const [object, list] = addresses({ endpoint: "s3.internal", folder: "lab/one" });
	expect(object).toBe("https://s3.internal/backups/lab/one/kept-1");
	expect(list).toMatch(
		/^https:\/\/s3\.internal\/backups\/\?.*delimiter=%2F&list-type=2&prefix=lab%2Fone%2F&X-Amz-Signature=/,
	);
});
