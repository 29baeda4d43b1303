/**
 * Reads parts of messages in protobuf's wire format. The classes that Pulumi generates make three objects of every value:
 * with them, the first preview of the lab spends 0.3 s in decoding (ADR 77).
 */
import protobuf from "google-protobuf";

/**
 * The bytes of a message without some of its fields, and what these held.
 *
 * @param fields their numbers; each is a text or a message
 */
export function takeFields(
	message: Uint8Array,
	fields: readonly number[],
): { rest: Uint8Array; taken: ReadonlyMap<number, readonly Uint8Array[]> } {
	const reader = new protobuf.BinaryReader(message);
	const kept: Uint8Array[] = [];
	const taken = new Map(fields.map((field): [number, Uint8Array[]] => [field, []]));
	while (reader.nextField()) {
		const start = reader.getFieldCursor();
		const held = taken.get(reader.getFieldNumber());
		if (held) {
			held.push(reader.readBytes());
		} else {
			reader.skipField();
			kept.push(message.subarray(start, reader.getCursor()));
		}
	}
	return { rest: Buffer.concat(kept), taken };
}

/**
 * A `google.protobuf.Struct`.
 * https://github.com/protocolbuffers/protobuf/blob/v21.4/src/google/protobuf/struct.proto
 */
export function readStruct(bytes: Uint8Array): Record<string, unknown> {
	return membersFrom(new protobuf.BinaryReader(bytes));
}

/** One member of a `google.protobuf.Struct`, without reading the others; undefined where there is none. */
export function readMember(bytes: Uint8Array, name: string): unknown {
	for (const entry of takeFields(bytes, [1]).taken.get(1)!) {
		const { taken } = takeFields(entry, [1, 2]);
		if (Buffer.concat(taken.get(1)!).toString() === name) {
			const holder: Holder = { value: null };
			readValue(holder, new protobuf.BinaryReader(Buffer.concat(taken.get(2)!)));
			return holder.value;
		}
	}
	return undefined;
}

interface Holder {
	value?: unknown;
}

/** Not by assignment, which would give `__proto__` another meaning. */
function membersFrom(reader: protobuf.BinaryReader): Record<string, unknown> {
	const entries: [string, unknown][] = [];
	while (reader.nextField()) {
		reader.readMessage(entries, readEntry);
	}
	return Object.fromEntries(entries);
}

function readEntry(entries: [string, unknown][], reader: protobuf.BinaryReader): void {
	let key = "";
	const holder: Holder = { value: null };
	while (reader.nextField()) {
		switch (reader.getFieldNumber()) {
			case 1:
				key = reader.readString();
				break;
			case 2:
				reader.readMessage(holder, readValue);
				break;
			default:
				throw new Error(`The field ${reader.getFieldNumber()} is not one of a member of google.protobuf.Struct.`);
		}
	}
	entries.push([key, holder.value]);
}

/** A `google.protobuf.Value`; one without a field is null. */
function readValue(holder: Holder, reader: protobuf.BinaryReader): void {
	while (reader.nextField()) {
		switch (reader.getFieldNumber()) {
			case 1:
				reader.readEnum();
				holder.value = null;
				break;
			case 2:
				holder.value = reader.readDouble();
				break;
			case 3:
				holder.value = reader.readString();
				break;
			case 4:
				holder.value = reader.readBool();
				break;
			case 5:
				reader.readMessage(holder, readMembers);
				break;
			case 6:
				reader.readMessage(holder, readList);
				break;
			default:
				throw new Error(`A value of the field ${reader.getFieldNumber()} is not one of google.protobuf.Value.`);
		}
	}
}

function readMembers(holder: Holder, reader: protobuf.BinaryReader): void {
	holder.value = membersFrom(reader);
}

function readList(holder: Holder, reader: protobuf.BinaryReader): void {
	const values: unknown[] = [];
	const element: Holder = {};
	while (reader.nextField()) {
		element.value = null;
		reader.readMessage(element, readValue);
		values.push(element.value);
	}
	holder.value = values;
}
