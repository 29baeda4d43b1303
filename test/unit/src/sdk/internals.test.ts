/** Each part of the SDK that src/sdk changes, or calls without a declaration. A failure here names the file to look at. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ResourceValidation } from "@pulumi/policy";
import * as policySdk from "@pulumi/policy";
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import { setAllConfig } from "@pulumi/pulumi/runtime/config.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { PrivateKey } from "@pulumi/tls";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it } from "vitest";
import { isConfigSecret } from "../../../../src/sdk/config-secrets.ts";
import { validationOfType } from "../../../../src/sdk/typed-validation.ts";

const require = createRequire(import.meta.url);

/** The declarations of a module of the SDK. */
const declarations = (module: string) => readFileSync(require.resolve(module).replace(/\.js$/, ".d.ts"), "utf8");

describe("config-secrets.ts", () => {
	it("tells an encrypted value from a plain one", () => {
		setAllConfig({ "lab:plain": "a", "lab:secret": "b" }, ["lab:secret"]);
		expect([isConfigSecret("lab:plain"), isConfigSecret("lab:secret")]).toEqual([false, true]);
	});

	it("is needed while the SDK does not declare the function", () => {
		expect(declarations("@pulumi/pulumi/runtime/config.js")).not.toContain("isConfigSecret");
	});
});

describe("typed-validation.ts", () => {
	it("marks a function as validateResourceOfType marks it", () => {
		const validate: ResourceValidation = () => undefined;
		const marked = policySdk.validateResourceOfType(PrivateKey, () => undefined);
		expect({ ...validationOfType("tls:index/privateKey:PrivateKey", validate) }).toEqual({ ...marked });
		expect(Object.keys(marked)).toEqual(["__pulumiType"]);
	});
});

describe("policy-sdk.d.ts", () => {
	it.each(["UnknownValueError", "unknownCheckingProxy"])(
		"declares %s, which the SDK exports and does not declare",
		(name) => {
			expect(Reflect.get(policySdk, name)).toBeTypeOf("function");
			expect(declarations("@pulumi/policy/proxy.js")).not.toContain(name);
		},
	);
});

describe("mock-monitor.ts", () => {
	it("adds the two methods that the mocks do not have, and records what the mocks get", async () => {
		const own = ["registerResourceHook", "registerErrorHook"];
		expect(own.filter((name) => name in MockMonitor.prototype)).toEqual([]);
		const { recordRegistrations } = await import("../../../../src/sdk/mock-monitor.ts");
		expect(own.filter((name) => name in MockMonitor.prototype)).toEqual(own);
		const original = MockMonitor.prototype.registerResource;
		const endRecording = recordRegistrations(() => undefined);
		expect(MockMonitor.prototype.registerResource).not.toBe(original);
		endRecording();
		expect(MockMonitor.prototype.registerResource).toBe(original);
	});
});

describe("lazy-properties.ts", () => {
	const properties = { id: "ignored", urn: "ignored", size: 1, name: "one", gone: true };
	type Settle = (
		value: unknown,
		isKnown: boolean,
		isSecret: boolean,
		dependencies?: unknown[],
		error?: unknown,
	) => void;
	type Transfer = (resource: object, label: string, properties: object) => Record<string, Settle>;
	type Read = {
		promise(withUnknowns?: boolean): Promise<unknown>;
		isKnown: Promise<boolean>;
		isSecret: Promise<boolean>;
	};
	const read = async (output: Read) => [await output.promise(true), await output.isKnown, await output.isSecret];

	/** What somebody reads of a resource before or after the answer to its registration. */
	async function readOf(transfer: Transfer, when: "before" | "after") {
		const resource: Record<string, Read> = {};
		const settle = transfer(resource, "a resource", properties);
		const early = when === "before" ? Object.values(resource) : [];
		settle.size!(2, true, false);
		settle.name!("hidden", true, true);
		settle.gone!(undefined, false, false);
		return [Object.keys(resource), await Promise.all((early.length > 0 ? early : Object.values(resource)).map(read))];
	}

	it("gives the outputs that the SDK gives, read before and after the answer", async () => {
		const { default: rpc } = await import("@pulumi/pulumi/runtime/rpc.js");
		const original = rpc.transferProperties as unknown as Transfer;
		await import("../../../../src/sdk/lazy-properties.ts");
		expect(rpc.transferProperties).not.toBe(original);
		const expected = [
			["size", "name", "gone"],
			[
				[2, true, false],
				["hidden", true, true],
				[undefined, false, false],
			],
		];
		expect(await readOf(original, "after")).toEqual(expected);
		expect(await readOf(rpc.transferProperties as unknown as Transfer, "before")).toEqual(expected);
		expect(await readOf(rpc.transferProperties as unknown as Transfer, "after")).toEqual(expected);
	});

	it("rejects what is read of a resource whose registration failed, and nothing else", async () => {
		const { default: rpc } = await import("@pulumi/pulumi/runtime/rpc.js");
		await import("../../../../src/sdk/lazy-properties.ts");
		const resource: Record<string, Read> = {};
		const transfer = rpc.transferProperties as unknown as Transfer;
		const settle = transfer(resource, "a resource", properties);
		settle.size!(undefined, true, false, [], new Error("refused"));
		const { promise, isKnown, isSecret } = resource.size!;
		const results = await Promise.allSettled([promise(), isKnown, isSecret]);
		expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
		expect(() => transfer(resource, "a resource", properties)).toThrow("already initialized");
	});
});

describe("analyzer-requests.ts", () => {
	const { configure, analyze, analyzeStack, remediate } = analyzerRpc.AnalyzerService;
	const inputs = { input: "read by every rule" };
	const requestAbout = (name: string) =>
		Buffer.from(
			new analyzer.AnalyzeRequest()
				.setType("a type")
				.setName(name)
				.setUrn(`urn of ${name}`)
				.setProperties(protobuf.Struct.fromJavaScript(inputs))
				.setOptions(new analyzer.AnalyzerResourceOptions().setProtect(true))
				.setProvider(new analyzer.AnalyzerProviderResource().setName("a provider"))
				.serializeBinary(),
		);

	it("receives the configuration of every policy", async () => {
		const { onConfigureRequest } = await import("../../../../src/sdk/analyzer-requests.ts");
		const received: string[] = [];
		onConfigureRequest((request) =>
			received.push(...[...request.getPolicyconfigMap().entries()].map(([name]) => name)),
		);
		const configuration = new analyzer.ConfigureAnalyzerRequest();
		configuration.getPolicyconfigMap().set("a policy", new analyzer.PolicyConfig());
		configure.requestDeserialize(Buffer.from(configuration.serializeBinary()));
		expect(received).toEqual(["a policy"]);
	});

	it("receives each resource with its inputs, and leaves the SDK everything except inputs and provider", async () => {
		const { onAnalyzeRequest } = await import("../../../../src/sdk/analyzer-requests.ts");
		const received: unknown[] = [];
		onAnalyzeRequest((resource, properties) => received.push([resource.getName(), properties()]));
		const left = analyze.requestDeserialize(requestAbout("a resource"));
		expect(received).toEqual([["a resource", inputs]]);
		expect(left.getProperties()?.toJavaScript()).toEqual({});
		expect(left.hasProvider()).toBe(false);
		expect([left.getType(), left.getName(), left.getUrn()]).toEqual(["a type", "a resource", "urn of a resource"]);
		expect(left.getOptions()?.getProtect()).toBe(true);
	});

	it("leaves the SDK the inputs of a resource that a policy may correct, and no others", async () => {
		const { onRemediateRequest } = await import("../../../../src/sdk/analyzer-requests.ts");
		let remedies = false;
		onRemediateRequest(() => remedies);
		const read = () => remediate.requestDeserialize(requestAbout("a resource"));
		expect(read().getProperties()?.toJavaScript()).toEqual({});
		remedies = true;
		expect(read().getProperties()?.toJavaScript()).toEqual(inputs);
	});

	it("receives the resources of the stack, and leaves the SDK none", async () => {
		const { onAnalyzeStackRequest } = await import("../../../../src/sdk/analyzer-requests.ts");
		const received: unknown[] = [];
		onAnalyzeStackRequest((resources) =>
			received.push(
				...resources.map(({ resource: r, output }) => [
					...[r.getType(), r.getName(), r.getUrn(), r.getOptions()?.getProtect()],
					...[output("output"), output("another")],
				]),
			),
		);
		const resource = new analyzer.AnalyzerResource()
			.setType("a type")
			.setName("a resource")
			.setUrn("urn of a resource")
			.setProperties(protobuf.Struct.fromJavaScript({ output: "read on demand" }))
			.setOptions(new analyzer.AnalyzerResourceOptions().setProtect(true));
		const stack = new analyzer.AnalyzeStackRequest().setResourcesList([resource, resource]);
		const left = analyzeStack.requestDeserialize(Buffer.from(stack.serializeBinary()));
		expect(received).toEqual(
			Array(2).fill(["a type", "a resource", "urn of a resource", true, "read on demand", undefined]),
		);
		expect(left.getResourcesList()).toEqual([]);
	});

	it("wraps the service that the SDK serves", () => {
		const server = readFileSync(require.resolve("@pulumi/policy/server.js"), "utf8");
		expect(server).toMatch(/addService\(\w+\.AnalyzerService,/);
	});
});
