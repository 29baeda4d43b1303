/**
 * Property values between the engine and a provider plugin. Secrets and unknowns keep the form of the protocol: marked
 * objects and a marker string (@pulumi/pulumi, runtime/rpc.js). Only the code that runs a command or makes a key gets plain
 * values.
 */
import struct from "google-protobuf/google/protobuf/struct_pb.js";

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Properties = Record<string, Value>;

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function fromStruct(properties: struct.Struct | undefined): Properties {
	return (properties?.toJavaScript() ?? {}) as Properties;
}

export function toStruct(properties: Properties): struct.Struct {
	return struct.Struct.fromJavaScript(properties);
}

export function isObject(value: Value | undefined): value is Properties {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is { value: Value } {
	return isObject(value) && value[signatureKey] === secretSignature;
}

export function secret(value: Value): Value {
	return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** Changes the value of a secret, or a value that is no secret. */
export function mapInside(value: Value, change: (inner: Value) => Value): Value {
	return isSecret(value) ? secret(mapInside(value.value, change)) : change(value);
}

/** Whether the value itself is unknown. A known value may contain unknown ones. */
export function isUnknown(value: Value | undefined): boolean {
	return value === unknownValue || (isSecret(value) && isUnknown(value.value));
}

/** The value without its secret marks, for running and checking only. Never log it. */
export function plain<T extends Value>(value: T): T {
	return strip(value) as T;
}

function strip(value: Value): Value {
	if (isSecret(value)) {
		return strip(value.value);
	}
	if (Array.isArray(value)) {
		return value.map(strip);
	}
	if (isObject(value)) {
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, strip(item)]));
	}
	return value;
}

/** The value without null properties at any depth, because null means "not given". */
export function withoutNulls<T extends Value>(value: T): T {
	return dropNulls(value) as T;
}

function dropNulls(value: Value): Value {
	if (Array.isArray(value)) {
		return value.map(dropNulls);
	}
	if (isObject(value)) {
		const given = Object.entries(value).filter(([, item]) => item !== null);
		return Object.fromEntries(given.map(([key, item]) => [key, dropNulls(item)]));
	}
	return value;
}

/** Whether the value has an asset, an archive, a resource reference or an output value. They have the same mark with another signature. */
export function holdsOtherMark(value: Value): boolean {
	if (isSecret(value)) {
		return holdsOtherMark(value.value);
	}
	if (isObject(value)) {
		return signatureKey in value || Object.values(value).some(holdsOtherMark);
	}
	return Array.isArray(value) && value.some(holdsOtherMark);
}

/** Compares values with their marks: a secret equals only a secret, and an unknown only an unknown. */
export function isEqual(one: Value | undefined, other: Value | undefined): boolean {
	if (Array.isArray(one) && Array.isArray(other)) {
		return one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
	}
	if (isObject(one) && isObject(other)) {
		const keys = Object.keys(one);
		return keys.length === Object.keys(other).length && keys.every((key) => isEqual(one[key], other[key]));
	}
	return one === other;
}
