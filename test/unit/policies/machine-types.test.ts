import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { otherMachineTypes } from "../../../policies/lib/vm/machines.ts";

// A new version of the provider may add a type that makes machines, which every rule about machines would miss.
test("the rules list every resource type of the provider that makes a machine", () => {
	const provider = dirname(createRequire(import.meta.url).resolve("@muhlba91/pulumi-proxmoxve/package.json"));
	const types = readdirSync(provider, { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".js") && !file.includes("node_modules"))
		.flatMap((file) => readFileSync(join(provider, file), "utf8").match(/(?<=__pulumiType = ')[^']+/g) ?? []);
	const machines = types.filter((type) => /\/(?:vm|container)[^/]*:/i.test(type));
	expect(machines.sort()).toEqual([...otherMachineTypes, "proxmoxve:index/vmLegacy:VmLegacy"].sort());
});
