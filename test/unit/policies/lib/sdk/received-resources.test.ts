import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import protobuf, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, test } from "vitest";
import { receiveResources } from "../../../../../policies/lib/sdk/received-resources.ts";
import { unknown } from "../../run-rule.ts";

const { AnalyzerService } = analyzerRpc;
const received = receiveResources(() => false);
const urn = "urn:pulumi:lab::rke2-lab::command:remote:Command::proj-k8sw02-join";

function send(type: string, inputs: object, outputs: object, ignored: string[]): Record<string, unknown> {
	const options = new analyzer.AnalyzerResourceOptions().setIgnorechangesList(ignored);
	const struct = (members: object) => protobuf.Struct.fromJavaScript(members as Record<string, JavaScriptValue>);
	const one = new analyzer.AnalyzeRequest().setUrn(urn).setType(type).setName("proj-k8sw02-join").setOptions(options);
	AnalyzerService.analyze.requestDeserialize(Buffer.from(one.setProperties(struct(inputs)).serializeBinary()));
	const other = new analyzer.AnalyzerResource()
		.setUrn(urn)
		.setType(type)
		.setName("proj-k8sw02-join")
		.setOptions(options);
	const all = new analyzer.AnalyzeStackRequest().setResourcesList([other.setProperties(struct(outputs))]);
	AnalyzerService.analyzeStack.requestDeserialize(Buffer.from(all.serializeBinary()));
	return received.stack()[0]!.props;
}

const secret = (value: object | string) => ({ [specialSigKey]: specialSecretSig, value });
const command = "command:remote:Command";
const former = { connection: secret({ hostKey: "former" }), create: "true", stdin: secret("former") };
const now = { connection: secret({ hostKey: "now" }), create: "false", stdin: secret("now"), stdout: "" };
const formerProps = { connection: { hostKey: "former" }, create: "true", stdin: "former" };

test.each([command, "command:local:Command"])("a replacement of %s has the ignored inputs of its outputs", (type) => {
	const props = send(type, former, now, ["connection", "stdin"]);
	expect(props).toEqual({ connection: { hostKey: "now" }, create: "true", stdin: "now" });
	expect(received.replaced()).toMatchObject([{ urn, isReplacement: true }]);
	expect(received.one(urn).props.stdin).toBe("former");
});

test("a replacement lacks an ignored input that its outputs lack, and has one that the former resource lacked", () => {
	const { stdin: _, ...outputs } = now;
	expect(send(command, former, { ...outputs, logging: "stderr" }, ["stdin", "logging"])).toEqual({
		connection: { hostKey: "former" },
		create: "true",
		logging: "stderr",
	});
});

test("a command keeps its inputs when it has no outputs yet, when they are the same, or when it ignores no change", () => {
	const all = ["connection", "create", "stdin"];
	for (const [outputs, ignored] of [
		[{}, all],
		[{ ...former, stdout: "" }, all],
		[now, []],
	] as const) {
		expect(send(command, former, outputs, [...ignored])).toEqual(formerProps);
		expect(received.replaced()).toEqual([]);
	}
});

test("a preview keeps the former connection and standard input when their outputs are unknown as a whole", () => {
	const outputs = { connection: unknown, stdin: unknown, create: "true", stdout: unknown };
	expect(send(command, former, outputs, ["connection", "stdin", "create"])).toEqual(formerProps);
	expect(received.replaced()).toEqual([]);
});

test("what a preview does not know of a replacement is unknown to every rule", () => {
	const line = send(command, former, { ...former, create: unknown, stdout: unknown }, ["create"]);
	expect(() => line.create).toThrow("create");
	expect(received.replaced()).toHaveLength(1);
	const connection = secret({ host: unknown, hostKey: "now" });
	const place = send(command, former, { ...former, connection, stdout: unknown }, ["connection"]);
	expect(() => (place.connection as { host: string }).host).toThrow("host");
});

describe("a VM", () => {
	const machine = "proxmoxve:index/vmLegacy:VmLegacy";
	const keys = ["ssh-ed25519 AAAA ops"];
	const former = {
		cpu: { cores: 2 },
		initialization: {
			__defaults: [],
			ipConfigs: [{ __defaults: ["ipv6"], ipv4: { address: "10.25.20.7/24" }, ipv6: null }],
			upgrade: false,
			userAccount: { __defaults: [], keys, username: "ops" },
		},
	};
	/** As the plugin repeats it, with members that nobody has set. */
	const repeated = (userAccount: object) => ({
		nodeName: "node01",
		cpu: { cores: 4 },
		initialization: {
			// On a storage with directories.
			fileFormat: "qcow2",
			ipConfigs: [{ ipv4: { address: "10.25.20.7/24" }, ipv6: null }],
			type: unknown,
			upgrade: true,
			userAccount: { username: "ops", password: secret(""), ...userAccount },
			userDataFileId: "",
			vendorDataFileId: unknown,
		},
	});
	const ignored = ["disks[0].speed", "initialization"];

	test("keeps its inputs when its outputs repeat them", () => {
		expect(send(machine, former, repeated({ keys }), ignored)).toEqual(former);
		expect(received.replaced()).toEqual([]);
	});

	test("has the login of its outputs when it is replaced", () => {
		const others = [...keys, "ssh-ed25519 BBBB mallory"];
		const props = send(machine, former, repeated({ keys: others, password: secret("open") }), ignored);
		const userAccount = { __defaults: [], username: "ops", keys: others, password: "open" };
		expect(props).toEqual({ cpu: { cores: 2 }, initialization: { ...former.initialization, userAccount } });
		expect(received.replaced()).toHaveLength(1);
	});

	test("keeps its keys in a preview that does not know one of them", () => {
		expect(send(machine, former, repeated({ keys: unknown }), ignored)).toEqual(former);
	});

	test("has an unknown login when a preview does not know it", () => {
		const props = send(machine, former, repeated({ keys, username: unknown }), ignored);
		const { userAccount } = props.initialization as { userAccount: { username: string } };
		expect(() => userAccount.username).toThrow("username");
	});
});

test("another resource keeps its inputs", () => {
	expect(send("a:b:C", former, now, ["connection"])).toEqual(formerProps);
	expect(received.replaced()).toEqual([]);
});
