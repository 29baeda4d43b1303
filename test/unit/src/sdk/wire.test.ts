import fc from "fast-check";
import protobuf, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { expect, it } from "vitest";
import { readMember, readStruct, takeFields } from "../../../../src/sdk/wire.ts";

const member = fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__");
const { tree } = fc.letrec((tie) => ({
	tree: fc.oneof(
		{ maxDepth: 4 },
		fc.string({ unit: "grapheme" }),
		fc.double({ noNaN: true }),
		fc.boolean(),
		fc.constant(null),
		fc.array(tie("tree"), { maxLength: 4 }),
		fc.dictionary(member, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
	),
}));

it("reads a Struct as the classes that Pulumi uses do", () => {
	fc.assert(
		fc.property(fc.dictionary(member, tree, { noNullPrototype: true }), (members) => {
			const struct = protobuf.Struct.fromJavaScript(members as Record<string, JavaScriptValue>);
			expect(readStruct(struct.serializeBinary())).toEqual(struct.toJavaScript());
		}),
	);
});

it("reads one member as it reads all of them", () => {
	fc.assert(
		fc.property(fc.dictionary(member, tree, { noNullPrototype: true }), (members) => {
			const struct = protobuf.Struct.fromJavaScript(members as Record<string, JavaScriptValue>).serializeBinary();
			for (const [name, value] of Object.entries(readStruct(struct))) {
				expect(readMember(struct, name)).toEqual(value);
			}
			expect(readMember(struct, "no member has this name")).toBeUndefined();
		}),
	);
});

it("keeps a member with the name of an object's prototype, which a rule would not see otherwise", () => {
	// fields { key: "__proto__" value { bool_value: true } }; the generated classes lose such a member.
	const bytes = Uint8Array.of(0x0a, 15, 0x0a, 9, ...Buffer.from("__proto__"), 0x12, 2, 0x20, 1);
	expect(Object.entries(readStruct(bytes))).toEqual([["__proto__", true]]);
});

it("reads a value without a kind as null", () => {
	const struct = new protobuf.Struct();
	struct.getFieldsMap().set("empty", new protobuf.Value());
	struct
		.getFieldsMap()
		.set("list", new protobuf.Value().setListValue(new protobuf.ListValue().setValuesList([new protobuf.Value()])));
	expect(readStruct(struct.serializeBinary())).toEqual({ empty: null, list: [null] });
});

it("refuses a kind of value that google.protobuf.Value does not have", () => {
	// fields { key: "k" value { <field 7, a varint>: 0 } }
	const bytes = Uint8Array.of(0x0a, 7, 0x0a, 1, 0x6b, 0x12, 2, 0x38, 0);
	expect(() => readStruct(bytes)).toThrow("A value of the field 7 is not one of google.protobuf.Value.");
});

it("takes fields out of a message, in their order, and leaves the others", () => {
	// 1: "a", 2: "b", 3: 5, 2: "c"
	const message = Uint8Array.of(0x0a, 1, 0x61, 0x12, 1, 0x62, 0x18, 5, 0x12, 1, 0x63);
	const { rest, taken } = takeFields(message, [2, 9]);
	expect([...rest]).toEqual([0x0a, 1, 0x61, 0x18, 5]);
	expect(taken.get(2)!.map((bytes) => String.fromCharCode(...bytes))).toEqual(["b", "c"]);
	expect(taken.get(9)).toEqual([]);
});
