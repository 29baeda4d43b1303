import type { z } from "zod";
import type { ResourceType } from "../../resource-type.ts";
import type { Properties } from "../../wire.ts";
import { type Parameters, ProxmoxClient } from "./client.ts";

/** What differs between resources that are one object of the API each. */
export interface PlainResource<Inputs> {
	inputs: z.ZodType<Inputs>;
	replaceOn: string[];
	/** Where the object is made; with a slash at its end where the plugin sends one. */
	collection: string;
	id(inputs: Inputs): string;
	/** Where the object is. Default: its id below the collection. */
	path?(id: string): string;
	/** Parameters of the creation only: the id under the name that the API has for it, and what never changes. */
	identity(inputs: Inputs): Parameters;
	/** Parameters of creation and change. `before` is absent in a creation. */
	parameters(inputs: Inputs, before?: Inputs): Parameters;
	/** Default: none. */
	outputs?: Properties;
}

/** An object that is made by POST, changed by PUT, looked up by GET after both, and removed by DELETE. */
export function plainResource<Inputs>(plain: PlainResource<Inputs>): ResourceType<Inputs> {
	const { inputs, replaceOn, collection, outputs = {} } = plain;
	const pathOf = plain.path ?? ((id: string) => `${collection.replace(/\/$/, "")}/${id}`);
	return {
		inputs,
		replaceOn,
		keepsOutputs: true,

		async create(operation) {
			const client = new ProxmoxClient(operation);
			const id = plain.id(operation.inputs);
			await client.post(collection, { ...plain.identity(operation.inputs), ...plain.parameters(operation.inputs) });
			await client.get(pathOf(id));
			return { id, outputs };
		},

		async update(operation) {
			const client = new ProxmoxClient(operation);
			const path = pathOf(operation.id);
			await client.put(path, plain.parameters(operation.inputs, operation.oldInputs));
			await client.get(path);
			return outputs;
		},

		async delete(operation) {
			await new ProxmoxClient(operation).delete(pathOf(operation.id));
		},
	};
}
