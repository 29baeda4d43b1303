/** Messages of the program about the configuration from Pulumi. */
import { RunError } from "@pulumi/pulumi";
import { setAllConfig } from "@pulumi/pulumi/runtime/config.js";
import { setMocks } from "@pulumi/pulumi/runtime/mocks.js";
import { expect, test } from "vitest";
import { loadStack } from "../../../../src/config/read/load.ts";
import { labValues } from "../../../fixtures/lab.ts";

const secrets = {
	proxmoxApiToken: "pulumi@pve!lab=00000000-0000-0000-0000-000000000000",
	clusterToken: "0123456789abcdef0123456789abcdef",
	cloudflareApiToken: "correct-horse",
};

/**
 * @param config in the form of Pulumi: a text by key, which is JSON for a map or a list
 * @param encrypted keys that are encrypted in the stack file
 * @returns the lines of the message, nothing when the configuration is accepted
 */
async function refusal(config: Record<string, unknown>, encrypted = Object.keys(secrets)): Promise<string[]> {
	await setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "rke2-lab", "lab", true);
	const name = (key: string) => (key.includes(":") ? key : `rke2-lab:${key}`);
	setAllConfig(
		Object.fromEntries(
			Object.entries(config).map(([key, value]) => [
				name(key),
				typeof value === "string" ? value : JSON.stringify(value),
			]),
		),
		encrypted.map(name),
	);
	try {
		loadStack();
		return [];
	} catch (error) {
		expect(error).toBeInstanceOf(RunError);
		return (error as Error).message.split("\n");
	}
}

test("loadStack accepts the lab's stack file with its secrets", async () => {
	expect(await refusal({ ...labValues(), ...secrets })).toEqual([]);
});

test("loadStack refuses a secret in clear text, and repeats it nowhere", async () => {
	const values = labValues({ inventory: { owner: "correct-horse" } });
	expect(await refusal({ ...values, ...secrets }, ["proxmoxApiToken", "clusterToken"])).toEqual([
		"The stack configuration has 2 mistakes; nothing was touched.",
		"  inventory.owner: holds one of the stack's secrets in clear text, and everyone who reads the stack file has it; remove it, and create a new one.",
		"  cloudflareApiToken: is in clear text; create a new one, and set it with `pulumi config set --secret cloudflareApiToken`.",
	]);
});

test("loadStack refuses an unknown section, as npm run check does", async () => {
	const values = { ...labValues(), ...secrets };
	expect(await refusal({ ...values, acces: { oidc: {} }, "network.vlan": 20, "rke2-astronomy:ssh": {} })).toEqual([
		"The stack configuration has 3 mistakes; nothing was touched.",
		"  acces: is not a key of the stack file; did you mean access?",
		"  network.vlan: was set without --path: remove it with `pulumi config rm network.vlan`, and set it with `pulumi config set --path network.vlan`.",
		"  rke2-astronomy:ssh: belongs to the project rke2-astronomy, but this one is rke2-lab, which never reads it; did you mean rke2-lab:ssh?",
	]);
});

test("loadStack ignores keys of providers and of Pulumi itself", async () => {
	const values = { ...labValues(), ...secrets };
	expect(await refusal({ ...values, "pulumi:tags": {}, "aws:region": "eu-central-1" })).toEqual([]);
});

test("loadStack refuses a stack without a key of the project with one sentence", async () => {
	expect(await refusal({ "aws:region": "eu-central-1" }, [])).toEqual([
		"The stack configuration has 1 mistake; nothing was touched.",
		"  stack file: has no key of the project rke2-lab under config.",
	]);
});

test("loadStack reads a section with an encrypted value, and repeats no value of the section", async () => {
	const values = { ...labValues({ inventory: { owner: "two\nlines-hunter2" } }), ...secrets };
	const keys = [...Object.keys(secrets), "inventory"];
	expect(await refusal(values, keys)).toEqual([
		"The stack configuration has 1 mistake; nothing was touched.",
		"  inventory.owner: must be one line without a semicolon; its value stays hidden, because `inventory` is encrypted.",
	]);
	expect(await refusal({ ...labValues(), ...secrets }, keys)).toEqual([]);
});
