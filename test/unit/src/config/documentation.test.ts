import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandsPage } from "../../../../src/commands/catalogue.ts";
import { limitsPage } from "../../../../src/reference/limits.ts";
import { withPrivilegesTable } from "../../../../src/reference/privileges.ts";
import { reference, stackFileSchema } from "../../../../src/reference/stack-file.ts";

const docs = new URL("../../../../docs/", import.meta.url);

test("docs/configuration.md is up to date with the schema", () => {
	expect(readFileSync(new URL("configuration.md", docs), "utf8")).toBe(reference("rke2-lab"));
});

test("docs/stack.schema.json is up to date with the schema", () => {
	const written = JSON.parse(readFileSync(new URL("stack.schema.json", docs), "utf8"));
	expect(written).toEqual(stackFileSchema("rke2-lab"));
});

test("docs/proxmox-privileges.md is up to date with the privileges of the token", () => {
	const written = readFileSync(new URL("proxmox-privileges.md", docs), "utf8");
	expect(written).toBe(withPrivilegesTable(written));
});

test("docs/commands.md is up to date with the catalogue of commands", () => {
	expect(readFileSync(new URL("commands.md", docs), "utf8")).toBe(commandsPage());
});

test("docs/limits.md is up to date with the tables of minimums", () => {
	expect(readFileSync(new URL("limits.md", docs), "utf8")).toBe(limitsPage());
});
