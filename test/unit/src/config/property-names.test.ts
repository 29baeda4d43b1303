/** Names of properties of every JavaScript object: such a name must neither disappear nor be found without an entry. */
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseSecrets, parseStack } from "../../../../src/config/read/parse.ts";
import { labValues } from "../../../fixtures/lab.ts";

const node = "{ role: worker, host: node01, vmId: 300, address: 10.25.20.50, cpus: 2, memoryGiB: 4, diskGiB: 40 }";

test.each(["__proto__", "constructor", "valueOf"])("parseStack refuses a node with the name %s", (name) => {
	const values = labValues();
	const nodes: unknown = parse(`${name}: ${node}`);
	const { problems } = parseStack({ ...values, nodes: Object.assign(nodes as object, values.nodes) });
	expect(problems).toContainEqual({
		key: `nodes.${name}`,
		message: `the name ${name} is a property of every object in JavaScript; use another name.`,
	});
});

test.each(["__proto__", "constructor"])("parseSecrets refuses credentials of a registry with the name %s", (name) => {
	const registryCredentials = `{"${name}":{"username":"robot","password":"hunter2"}}`;
	const { problems } = parseSecrets({ registryCredentials });
	expect(problems.map(({ key }) => key)).toContain("registryCredentials");
	expect(JSON.stringify(problems)).not.toContain("hunter2");
});

test("parseSecrets refuses a placeholder in the place of a secret without repeating it", () => {
	const { problems } = parseSecrets({ cloudflareApiToken: "<the token of Jane>" });
	expect(problems).toContainEqual({
		key: "cloudflareApiToken",
		message: "must be the secret itself, not a placeholder.",
	});
});
