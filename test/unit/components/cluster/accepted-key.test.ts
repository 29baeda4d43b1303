import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { previewStack } from "../../../../compliance/evaluation/preview.ts";
import { acceptKey, type Rotation, refuseDuringRotation } from "../../../../components/cluster/accepted-key.ts";
import { recordRegistrations } from "../../../../src/sdk/mock-monitor.ts";
import { labValues } from "../../../fixtures/lab.ts";
import { record } from "../recorder.ts";

afterEach(() => {
	vi.restoreAllMocks();
});

describe("the recorded name of the key for Secrets", () => {
	test.each([
		["is that of the stack file, and is checked on a running cluster", "two", "{}", "two", ["secrets-encryption-key"]],
		["is empty without the key", undefined, "{}", "", ["secrets-encryption-key"]],
		["is not checked on a new cluster", "one", undefined, "one", []],
	])("%s", async (_, key, kubeconfig, input, hooks) => {
		const [resource] = await record(() => {
			acceptKey(key, kubeconfig);
		});
		expect([resource!.name, resource!.inputs]).toEqual(["secrets-encryption-key", { input }]);
		expect([resource!.beforeCreate, resource!.beforeUpdate]).toEqual([hooks, hooks]);
	});
});

/** Calls the hook as the engine does. */
async function change(
	recorded: string | undefined,
	wanted: string,
	ask: () => Promise<Rotation | undefined>,
): Promise<void> {
	let hook: pulumi.ResourceHook | undefined;
	await record(() => {
		hook = refuseDuringRotation("key", ask);
	});
	const oldInputs = recorded === undefined ? {} : { oldInputs: { input: recorded } };
	await hook!.callback({ urn: "", id: "", name: "", type: "", ...oldInputs, newInputs: { input: wanted } });
}

const rotating = (to?: string) => () => Promise.resolve({ to });
const silent = () => Promise.reject(Object.assign(new Error("503 with a long body"), { code: 503 }));
const refusal =
	"cluster.secretsEncryptionKey: the rotation to two is not done, and until then nobody can write a Secret, so nothing was changed; set the key to two, run `up`, and change it afterwards";

describe("during a rotation to two", () => {
	test.each([
		["the former name", "two", "one", rotating("two")],
		["no name", "two", "", rotating("two")],
		["a third name", "two", "three", rotating("two")],
		["the former name, when it was recorded meanwhile", "three", "one", rotating("two")],
		["the former name, in a stack that has recorded none", undefined, "one", rotating("two")],
	])("%s is refused", async (_, recorded, wanted, ask) => {
		await expect(change(recorded, wanted, ask)).rejects.toThrow(refusal);
		vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
		await expect(change(recorded, wanted, ask)).rejects.toThrow(refusal);
	});

	test.each([
		["in a stack that has recorded none", undefined],
		["in a stack that has recorded another one", "one"],
		["in a stack that has recorded that there is none", ""],
	])("its name is accepted %s", async (_, recorded) => {
		await expect(change(recorded, "two", rotating("two"))).resolves.toBeUndefined();
	});
});

const anonymous =
	"cluster.secretsEncryptionKey: a rotation that an earlier version of this program began is not done, and until then nobody can write a Secret";

describe("during a rotation that an earlier version began", () => {
	test.each([undefined, "two"])("no name is refused (recorded: %s)", async (recorded) => {
		await expect(change(recorded, "", rotating())).rejects.toThrow(
			`${anonymous}, so nothing was changed; give the key a name that it never had, and run \`up\``,
		);
	});

	test.each([undefined, "one"])("a name is accepted with a warning (recorded: %s)", async (recorded) => {
		const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
		await change(recorded, "two", rotating());
		expect(warn).toHaveBeenCalledExactlyOnceWith(
			`${anonymous}; if this is still so after this \`up\`, give the key a name that it never had.`,
		);
	});
});

test.each(["", "one", "three"])("without a rotation another name is accepted: %j", async (wanted) => {
	await expect(change("two", wanted, () => Promise.resolve(undefined))).resolves.toBeUndefined();
});

const unknown =
	"cluster.secretsEncryptionKey: the Kubernetes API does not say whether the last rotation is done (HTTP 503)";

describe("when the API does not answer", () => {
	test.each([
		["two", "set the key to two again"],
		["", "remove the key"],
	])("`up` keeps the recorded name %j", async (recorded, former) => {
		await expect(change(recorded, "three", silent)).rejects.toThrow(
			`${unknown}, so nothing was changed; ${former}, run \`up\`, and change it when the API answers`,
		);
	});

	test("a preview warns", async () => {
		vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
		const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
		await change("two", "three", silent);
		expect(warn).toHaveBeenCalledExactlyOnceWith(`${unknown}; \`up\` asks again.`);
	});

	test("a stack that has recorded no name goes on", async () => {
		await expect(change(undefined, "two", silent)).resolves.toBeUndefined();
	});
});

test("no machine is touched before the name and the moves are accepted", { timeout: 60_000 }, async () => {
	const waitsFor: string[][] = [];
	const endRecording = recordRegistrations((request) => {
		if (request.getType() === "rke2-lab:proxmox:Machines") {
			waitsFor.push(request.getDependenciesList().map((urn) => urn.split("::").at(-1)!));
		}
	});
	try {
		await previewStack(labValues());
	} finally {
		endRecording();
	}
	expect(waitsFor).toEqual([expect.arrayContaining(["placement", "secrets-encryption-key"])]);
});
