import { expect, test } from "vitest";
import { type Overlay, overlayOf } from "../../../../rehearsal/stack/overlay.ts";
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

test("a call whose stack file has no store gets no authority of one", () => {
	const values = { cluster: { artifacts: { sha256: "old" }, etcdSnapshots: { s3: { endpointCa: "PEM" } } } };
	const overlay = { values, secrets: {} as Overlay["secrets"] };
	expect(overlayOf(overlay, {}, undefined)).toEqual({ cluster: { artifacts: { sha256: "old" } } });
	expect(overlayOf(overlay, { etcdSnapshots: { s3: {} } }, "new")).toEqual({
		cluster: { artifacts: { sha256: "new" }, etcdSnapshots: { s3: { endpointCa: "PEM" } } },
	});
});
