import { z } from "zod";
import { propertyString } from "./parameters.ts";
import { plainResource } from "./plain-resource.ts";

const inputs = z.strictObject({
	name: z.string(),
	comment: z.string().optional(),
	maps: z.array(
		z.strictObject({
			node: z.string(),
			path: z.string(),
			id: z.string(),
			subsystemId: z.string().optional(),
			iommuGroup: z.number().optional(),
		}),
	),
});

/** proxmoxve:hardware/mapping/pci:Pci: a card of one or more hosts under one name. */
export const pciMapping = plainResource({
	inputs,
	replaceOn: ["name"],
	collection: "/cluster/mapping/pci",
	id: ({ name }) => name,
	identity: ({ name }) => ({ id: name }),
	parameters: ({ comment, maps }) => ({
		description: comment,
		map: maps.map(({ id, node, path, iommuGroup, subsystemId }) =>
			propertyString({ id, node, path, iommugroup: iommuGroup, "subsystem-id": subsystemId }),
		),
	}),
});
