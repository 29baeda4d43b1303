import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import protobuf, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { expect, test } from "vitest";
import { receiveResources } from "../../../../../policies/lib/sdk/received-resources.ts";

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

const secret = (value: object) => ({ [specialSigKey]: specialSecretSig, value });
const command = "command:remote:Command";
const former = { connection: secret({ hostKey: "former" }), create: "true" };
const now = { connection: secret({ hostKey: "now" }), create: "false", stdout: "" };

test("a command that an interrupted replacement creates has the connection of its outputs, and its own inputs", () => {
	const props = send(command, former, now, ["connection"]);
	expect(props.connection).toEqual({ hostKey: "now" });
	expect(props.create).toBe("true");
});

test("a command keeps the connection of its inputs when no output repeats it, or when it is not ignored", () => {
	expect(send(command, former, {}, ["connection"]).connection).toEqual({ hostKey: "former" });
	expect(send(command, former, now, []).connection).toEqual({ hostKey: "former" });
});

test("another resource keeps its inputs", () => {
	expect(send("a:b:C", former, now, ["connection"]).connection).toEqual({ hostKey: "former" });
});
