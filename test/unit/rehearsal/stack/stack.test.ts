import { expect, test } from "vitest";
import { withDirectSsh } from "../../../../rehearsal/stack/stack.ts";

test("a rehearsal reaches every node at its own address, and keeps everything else of the stack file", () => {
	const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtxq0P0m4jYq0cQ3sGm3m6m2sV1o9p8n7k6j5h4g3f2";
	const kept = { user: "admin", hostKeys: { "proj-k8sw01": hostKey } };
	const nodes = { "proj-k8sw01": { address: "10.25.20.7" } };
	const ssh = {
		...kept,
		addresses: { "proj-k8sw01": "192.168.7.4:2207" },
		bastion: { host: "bastion.lab.internal", user: "jump", hostKey },
	};
	expect(withDirectSsh({ nodes, ssh })).toEqual({ nodes, ssh: kept });
});

test("a stack file without the section ssh stays as valid as it is", () => {
	expect(withDirectSsh({ nodes: {} })).toEqual({ nodes: {}, ssh: {} });
});
