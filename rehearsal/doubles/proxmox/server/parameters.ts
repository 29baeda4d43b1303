import { invalidParameters } from "./errors.ts";

/** Parameters of the path, the query and the form body together, as Proxmox merges them. A repeated key is an array. */
export class Parameters {
	readonly #values = new Map<string, string[]>();

	add(name: string, value: string): void {
		this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
	}

	/** The last value, or `undefined`. */
	optional(name: string): string | undefined {
		return this.#values.get(name)?.at(-1);
	}

	required(name: string): string {
		return this.optional(name) ?? invalidParameters({ [name]: "property is missing and it is not optional" });
	}

	all(name: string): string[] {
		return this.#values.get(name) ?? [];
	}

	flag(name: string): boolean {
		return this.optional(name) === "1";
	}

	/** Everything except the named parameters. */
	except(...names: string[]): Record<string, string> {
		return Object.fromEntries(
			[...this.#values].filter(([name]) => !names.includes(name)).map(([name, values]) => [name, values.at(-1)!]),
		);
	}

	entries(): [string, string[]][] {
		return [...this.#values];
	}
}

/** A list as Proxmox splits one: by comma, semicolon or white space. */
export function splitList(text: string | undefined): string[] {
	return (text ?? "").split(/[,;\s]+/).filter((part) => part !== "");
}
