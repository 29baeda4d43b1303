import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { proxyArguments } from "../../src/rke2/proxy.ts";
import { snapshotAddresses } from "../../src/rke2/snapshot-addresses.ts";
import type { SnapshotStoreCredentials } from "./snapshot-store.ts";

/** What a control plane gets to download a snapshot from the S3 store. The credentials of the store are no part of it. */
export interface StoredSnapshot {
	/** The proxy and its exceptions, if the stack has one. */
	arguments: string[];
	/** Signed addresses: whoever has them reads the snapshot for some hours. */
	stdin: pulumi.Output<string>;
}

/** @returns nothing for a snapshot that a control plane has itself */
export function storedSnapshot(
	stack: StackConfig,
	{ accessKey, secretKey }: Partial<SnapshotStoreCredentials>,
): StoredSnapshot | undefined {
	const { etcdSnapshots, restore } = stack.cluster;
	// The checks refuse a stack that restores from S3 without a store, or that has one without its credentials.
	if (restore?.from !== "s3" || !etcdSnapshots.s3 || !accessKey || !secretKey) {
		return undefined;
	}
	const { s3 } = etcdSnapshots;
	const addresses = pulumi
		.all([accessKey, secretKey])
		.apply(([access, secret]) =>
			snapshotAddresses(s3, { accessKey: access, secretKey: secret }, restore.snapshot, new Date()),
		);
	return { arguments: proxyArguments(stack), stdin: pulumi.secret(addresses) };
}
