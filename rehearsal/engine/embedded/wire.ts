/**
 * Property values as they travel between the Node SDK and an engine. Secrets and unknowns stay in the wire's own form
 * (marked objects and a marker string) from the program to the state file; only a resource type sees plain values.
 */
import struct from "google-protobuf/google/protobuf/struct_pb.js";

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Properties = Record<string, Value>;

// The marks of the protocol: @pulumi/pulumi runtime/rpc.js.
const MARK = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type ValueObject = { [key: string]: Value };

export function isObject(value: Value | undefined): value is ValueObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function secret(value: Value): Value {
	return isSecret(value) ? value : { [MARK]: SECRET, value };
}

export function isSecret(value: Value | undefined): value is { value: Value } {
	return isObject(value) && value[MARK] === SECRET;
}

/** Replaces every secret, at any depth, by what `replace` makes of its plain value. */
export function mapSecrets(value: Value, replace: (inner: Value) => Value): Value {
	if (isSecret(value)) {
		return replace(plain(value.value));
	}
	if (Array.isArray(value)) {
		return value.map((item) => mapSecrets(item, replace));
	}
	if (isObject(value)) {
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapSecrets(item, replace)]));
	}
	return value;
}

/** The value without its secret marks. For resource types and the network only: never log it. */
export function plain<T extends Value>(value: T): T {
	return mapSecrets(value, (inner) => inner) as T;
}

export function containsSecret(value: Value): boolean {
	return contains(value, isSecret);
}

export function containsUnknown(value: Value): boolean {
	return contains(value, (item) => item === UNKNOWN);
}

function contains(value: Value, test: (item: Value) => boolean): boolean {
	if (test(value)) {
		return true;
	}
	if (Array.isArray(value)) {
		return value.some((item) => contains(item, test));
	}
	return isObject(value) && Object.values(value).some((item) => contains(item, test));
}

/** Assets, archives, resource references and output values carry the mark too, with another signature. */
export function refuseOtherMarks(value: Value, where: string): void {
	if (contains(value, (item) => isObject(item) && MARK in item && !isSecret(item))) {
		throw new Error(
			`${where} holds an asset, an archive or a resource, which the embedded host does not know; use a string.`,
		);
	}
}

export function fromStruct(properties: struct.Struct | undefined): Properties {
	return (properties?.toJavaScript() ?? {}) as Properties;
}

export function toStruct(properties: Properties): struct.Struct {
	return struct.Struct.fromJavaScript(properties);
}
