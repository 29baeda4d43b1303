import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandsPage } from "../../../../src/commands/catalogue.ts";
import { limitsPage } from "../../../../src/reference/limits.ts";
import { withPrivilegesTable } from "../../../../src/reference/privileges.ts";
import { reference, stackFileSchema } from "../../../../src/reference/stack-file.ts";

const docs = new URL("../../../../docs/", import.meta.url);

test("docs/configuration.md says what the schema says", () => {
	expect(readFileSync(new URL("configuration.md", docs), "utf8")).toBe(reference("rke2-lab"));
});

test("the editor's schema says what the schema says", () => {
	const written = JSON.parse(readFileSync(new URL("stack.schema.json", docs), "utf8"));
	expect(written).toEqual(stackFileSchema("rke2-lab"));
});

test("docs/proxmox-privileges.md says what the token gets", () => {
	const written = readFileSync(new URL("proxmox-privileges.md", docs), "utf8");
	expect(written).toBe(withPrivilegesTable(written));
});

test("docs/commands.md says what the commands say of themselves", () => {
	expect(readFileSync(new URL("commands.md", docs), "utf8")).toBe(commandsPage());
});

test("docs/limits.md says what the tables of minimums say", () => {
	expect(readFileSync(new URL("limits.md", docs), "utf8")).toBe(limitsPage());
});
