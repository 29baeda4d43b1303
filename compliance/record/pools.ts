/**
 * What every command on a node has in the same form: the connection to the node, and each file. A step of a restore thus knows all
 * that a new node knows, although few of the recorded stack files restore a snapshot.
 */
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { isObject } from "../../policies/lib/reading/form.ts";
import { remoteCommand } from "../../policies/lib/rke2/files.ts";
import { paths } from "../../src/rke2/paths.ts";
import { type Pool, Pooled } from "./generalize.ts";
import type { Origins } from "./origins.ts";

export class Pools {
	readonly #pools = new Map<string, Pool>();

	/** The inputs of a resource with those parts in their pools. */
	pooled(type: string, inputs: unknown, origins: Origins): unknown {
		if (type !== remoteCommand || !isObject(inputs)) {
			return inputs;
		}
		const inPool = (name: string, value: unknown) => this.#inPool(name, value, origins);
		const { connection, stdin } = inputs;
		const files = isObject(stdin) && isObject(stdin.files) ? Object.entries(stdin.files) : undefined;
		return {
			...inputs,
			...("connection" in inputs && { connection: inPool("connection", connection) }),
			...(files && {
				stdin: {
					...(stdin as object),
					files: Object.fromEntries(files.map(([path, file]) => [path, inPool(poolOf(path, file), file)])),
				},
			}),
		};
	}

	#inPool(name: string, value: unknown, origins: Origins): unknown {
		if (value === unknownValue) {
			return value;
		}
		const pool = this.#pools.get(name) ?? { samples: [] };
		this.#pools.set(name, pool);
		pool.samples.push({ value, origins });
		return new Pooled(pool);
	}
}

/** RKE2's configuration has three forms: that of the first server, of another server, and of an agent. */
function poolOf(path: string, file: unknown): string {
	const content = isObject(file) ? file.content : undefined;
	if (path !== paths.config || !isObject(content)) {
		return path.replace(/^(.*\/registry-authorities\/).*$/, "$1");
	}
	const role = "agent-token-file" in content ? "server" : "agent";
	return `${path} of ${"server" in content ? role : `a first ${role}`}`;
}
