import { createHash } from "node:crypto";
import type { HostDescription, PciDevice, PciMappingDescription } from "./descriptions.ts";
import { type Properties, parseProperties } from "./properties.ts";
import { die, invalidParameters, messageOf } from "./server/errors.ts";
import { type Parameters, splitList } from "./server/parameters.ts";
import type { Route } from "./server/router.ts";

/** PCI resource mappings. A token can pass a device to a VM only through a mapping. */
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

	/** What Proxmox finds wrong with a mapping on a host (pve-manager 9.2, PVE/API2/Cluster/Mapping/PCI.pm). */
	checksOn(host: HostDescription, id: string): { severity: "warning" | "error"; message: string }[] {
		try {
			this.devicesOn(host, id);
			return [];
		} catch (error) {
			const message = messageOf(error);
			return message.startsWith("PCI device mapping not found")
				? [{ severity: "warning", message: `No mapping for node ${host.name}.` }]
				: [
						{
							severity: "error",
							message: `Invalid configuration: ${message.replace("PCI device mapping invalid (hardware probably changed): ", "")}`,
						},
					];
		}
	}

	/** The devices of a mapping on a host. Throws the message with which Proxmox fails the start of a VM. */
	devicesOn(host: HostDescription, id: string): PciDevice[] {
		const entries = (this.find(id)?.map ?? []).map(parseMapEntry).filter((entry) => entry.node === host.name);
		if (entries.length === 0) {
			throw new Error(`PCI device mapping not found for '${id}'`);
		}
		return entries.flatMap((entry) => (entry.path ?? "").split(";").map((path) => deviceAt(host, id, entry, path)));
	}
}

function deviceAt(host: HostDescription, mapping: string, entry: Properties, path: string): PciDevice {
	// A path without a function means the whole device. Proxmox checks its first function.
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

export function mappingRoutes(mappings: PciMappings, hosts: HostDescription[]): Route[] {
	const digest = (): string => createHash("sha1").update(JSON.stringify(mappings.all())).digest("hex");
	const displayed = (mapping: PciMappingDescription) => ({ ...mapping, type: "pci", digest: digest() });
	const readPrivileges = ["Mapping.Use", "Mapping.Modify", "Mapping.Audit"];
	return [
		{
			method: "GET",
			path: "/cluster/mapping/pci",
			handle({ access, parameters }) {
				const checked = parameters.optional("check-node");
				const host = hosts.find(({ name }) => name === checked);
				return mappings
					.all()
					.filter(({ id }) => readPrivileges.some((privilege) => access.has(`/mapping/pci/${id}`, privilege)))
					.map((mapping) => ({ ...displayed(mapping), ...(host && { checks: mappings.checksOn(host, mapping.id) }) }));
			},
		},
		{
			method: "GET",
			path: "/cluster/mapping/pci/{id}",
			handle({ access, parameters }) {
				const id = parameters.required("id");
				access.requireAny(`/mapping/pci/${id}`, ...readPrivileges);
				return displayed(mappings.find(id) ?? die(`mapping '${id}' not found`));
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
