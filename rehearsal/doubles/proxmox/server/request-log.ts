import type { Parameters } from "./parameters.ts";

export interface RecordedRequest {
	method: string;
	/** Decoded, without `/api2/json`. */
	path: string;
	/** Query and body. A secret is replaced by `<secret>`. */
	parameters: Record<string, string | string[]>;
	/** Token id, or `undefined` when authentication failed. */
	user: string | undefined;
	/** Status of the answer. 0 before the answer, and when the connection was cut. */
	status: number;
}

const secretParameters = new Set(["cipassword", "password"]);

export function recordRequest(method: string, path: string, parameters: Parameters): RecordedRequest {
	const redacted = parameters.entries().map(([name, values]): [string, string | string[]] => {
		if (secretParameters.has(name)) {
			return [name, "<secret>"];
		}
		return [name, values.length === 1 ? values[0]! : values];
	});
	return { method, path, parameters: Object.fromEntries(redacted), user: undefined, status: 0 };
}
