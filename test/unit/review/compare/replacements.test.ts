/** The table of properties that cannot be changed in place. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { immutable, replacingProperty } from "../../../../review/compare/replacements.ts";
import type { RecordedResource } from "../../../../review/recording/recording.ts";
import { changed, labText, recordText } from "../lab-review.ts";

const resource = (type: string, inputs: RecordedResource["inputs"] = {}): RecordedResource => ({
	type,
	name: "subject",
	parentType: "",
	inputs,
	ignoreChanges: [],
	protect: false,
	replaceOnChanges: ["triggers[*]"],
	hasTrigger: false,
	dependsOn: [],
	outputsIn: {},
});

describe("replacingProperty", () => {
	test("knows the host of a VM, except where the VM may migrate", () => {
		const type = "proxmoxve:index/vmLegacy:VmLegacy";
		expect(replacingProperty(resource(type), "nodeName")).toBe("nodeName");
		expect(replacingProperty(resource(type, { migrate: true }), "nodeName")).toBeUndefined();
		expect(replacingProperty(resource(type), "memory.dedicated")).toBeUndefined();
	});

	test("knows the name of every Kubernetes object, and what the program itself asks for", () => {
		expect(replacingProperty(resource("kubernetes:core/v1:Namespace"), "metadata.name")).toBe("metadata.name");
		expect(replacingProperty(resource("kubernetes:batch/v1:Job"), "spec.template.spec.x")).toBe("spec.template");
		expect(replacingProperty(resource("command:remote:Command"), "triggers[0]")).toBe("triggers");
		expect(replacingProperty(resource("command:remote:Command"), "create")).toBeUndefined();
	});
});

describe("the table", () => {
	test("names a source for each entry", () => {
		for (const { source } of Object.values(immutable).flat()) {
			expect(source).toMatch(/^https:\/\/(?:github\.com|www\.pulumi\.com|registry\.terraform\.io)\//);
		}
	});

	test("names only inputs that the installed provider for Proxmox has", () => {
		const ofProxmox = Object.entries(immutable).filter(([type]) => type.startsWith("proxmoxve:"));
		for (const [type, entries] of ofProxmox) {
			const module = type.split(":")[1]!.replace(/^index\//, "");
			const declared = readFileSync(`node_modules/@muhlba91/pulumi-proxmoxve/${module}.d.ts`, "utf8");
			const args = declared.slice(declared.search(/export interface \w+Args \{/));
			for (const property of entries.flatMap(({ properties }) => properties)) {
				expect(args, `${type} ${property}`).toMatch(new RegExp(`\\b${property.split(".")[0]}\\??: `));
			}
		}
	});

	test("has every type of resource on Proxmox that the program creates, or that type has nothing to replace", async () => {
		const inPlace = ["firewall/optionsLegacy:OptionsLegacy", "firewall/rulesLegacy:RulesLegacy"].concat([
			"index/haresource:Haresource",
			"hardware/mapping/pci:Pci",
		]);
		const { resources } = await recordText(
			changed(
				{
					proxmox: {
						pool: "rke2",
						version: 9,
						highAvailability: true,
						sharedVmDatastore: true,
						backup: { storage: "pbs", schedule: "02:00", retention: { keepDaily: 7 } },
						firewall: { enabled: true, adminCidrs: ["10.25.10.0/24"], clientCidrs: ["10.25.10.0/24"] },
					},
				},
				labText,
			),
		);
		const types = new Set(resources.map(({ type }) => type).filter((type) => type.startsWith("proxmoxve:")));
		expect(types.size).toBeGreaterThan(7);
		const unknown = [...types].filter(
			(type) => !Object.hasOwn(immutable, type) && !inPlace.includes(type.slice("proxmoxve:".length)),
		);
		expect(unknown).toEqual([]);
	});
});
