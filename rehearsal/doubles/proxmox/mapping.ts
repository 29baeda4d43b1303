import { createHash } from "node:crypto";
import type { HostDescription, PciDevice, PciMappingDescription } from "./descriptions.ts";
import { type Properties, parseProperties } from "./properties.ts";
import { die, invalidParameters } from "./server/errors.ts";
import { type Parameters, splitList } from "./server/parameters.ts";
import type { Route } from "./server/router.ts";

/** PCI resource mappings: the only way a token can give a VM a device. */
export class PciMappings {
	readonly #mappings = new Map<string, PciMappingDescription>();

	constructor(mappings: PciMappingDescription[]) {
		for (const mapping of mappings) {
			this.#mappings.set(mapping.id, structuredClone(mapping));
		}
	}

	find(id: string): PciMappingDescription | undefined {
		return this.#mappings.get(id);
	}

	set(mapping: PciMappingDescription): void {
		this.#mappings.set(mapping.id, mapping);
	}

	delete(id: string): void {
		this.#mappings.delete(id);
	}

	all(): PciMappingDescription[] {
		return [...this.#mappings.values()];
	}

	/** The devices that a mapping offers on a host. Throws the sentence that Proxmox fails the start of a VM with. */
	devicesOn(host: HostDescription, id: string): PciDevice[] {
		const entries = (this.find(id)?.map ?? []).map(parseMapEntry).filter((entry) => entry.node === host.name);
		if (entries.length === 0) {
			throw new Error(`PCI device mapping not found for '${id}'`);
		}
		return entries.flatMap((entry) => (entry.path ?? "").split(";").map((path) => deviceAt(host, id, entry, path)));
	}
}

function deviceAt(host: HostDescription, mapping: string, entry: Properties, path: string): PciDevice {
	// Without a function the whole card is meant, and its first function is what is checked.
	const device = host.pciDevices.find((candidate) => candidate.path === (path.includes(".") ? path : `${path}.0`));
	const broken = (reason: string): never => {
		throw new Error(`PCI device mapping invalid (hardware probably changed): ${reason}`);
	};
	if (device === undefined) {
		return broken(`pci device '${path}' not found`);
	}
	const expected = { id: device.id, iommugroup: String(device.iommuGroup), "subsystem-id": device.subsystemId };
	for (const [name, value] of Object.entries(expected)) {
		const configured = entry[name];
		if (value === configured) {
			continue;
		}
		if (configured === undefined) {
			broken(`missing expected property '${name}' for device '${path}'`);
		}
		if (value === undefined) {
			broken(`unexpected property '${name}' configured for device '${path}'`);
		}
		broken(`'${name}' does not match for '${mapping}' (${value} != ${configured})`);
	}
	return device;
}

export function mappingRoutes(mappings: PciMappings): Route[] {
	const digest = (): string => createHash("sha1").update(JSON.stringify(mappings.all())).digest("hex");
	const shown = (mapping: PciMappingDescription) => ({ ...mapping, type: "pci", digest: digest() });
	const see = ["Mapping.Use", "Mapping.Modify", "Mapping.Audit"];
	return [
		{
			method: "GET",
			path: "/cluster/mapping/pci",
			handle: ({ access }) =>
				mappings
					.all()
					.filter(({ id }) => see.some((privilege) => access.has(`/mapping/pci/${id}`, privilege)))
					.map(shown),
		},
		{
			method: "GET",
			path: "/cluster/mapping/pci/{id}",
			handle({ access, parameters }) {
				const id = parameters.required("id");
				access.requireAny(`/mapping/pci/${id}`, ...see);
				return shown(mappings.find(id) ?? die(`mapping '${id}' not found`));
			},
		},
		{
			method: "POST",
			path: "/cluster/mapping/pci",
			handle({ access, parameters }) {
				access.require("/mapping/pci", "Mapping.Modify");
				const id = parameters.required("id");
				if (mappings.find(id) !== undefined) {
					die(`create hardware mapping failed: pci ID '${id}' already defined`);
				}
				mappings.set({ id, ...settings(parameters) });
			},
		},
		{
			method: "PUT",
			path: "/cluster/mapping/pci/{id}",
			handle({ access, parameters }) {
				const id = parameters.required("id");
				access.require(`/mapping/pci/${id}`, "Mapping.Modify");
				const old = mappings.find(id) ?? die(`update hardware mapping failed: pci ID '${id}' does not exist`);
				const changed = { ...old, ...settings(parameters) };
				if (splitList(parameters.optional("delete")).includes("description")) {
					delete changed.description;
				}
				mappings.set(changed);
			},
		},
		{
			method: "DELETE",
			path: "/cluster/mapping/pci/{id}",
			handle({ access, parameters }) {
				access.require("/mapping/pci", "Mapping.Modify");
				mappings.delete(parameters.required("id"));
			},
		},
	];
}

function settings(parameters: Parameters): Pick<PciMappingDescription, "description" | "map"> {
	const map = parameters.all("map");
	if (map.length === 0) {
		invalidParameters({ map: "property is missing and it is not optional" });
	}
	for (const entry of map) {
		const { node, path, id } = parseMapEntry(entry);
		if (node === undefined || path === undefined || id === undefined) {
			invalidParameters({ map: "invalid format - missing node, path or id" });
		}
	}
	const description = parameters.optional("description");
	return description === undefined || description === "" ? { map } : { description, map };
}

function parseMapEntry(entry: string): Properties {
	return parseProperties(entry, "node");
}
