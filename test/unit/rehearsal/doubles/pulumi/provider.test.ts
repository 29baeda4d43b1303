import { once } from "node:events";
import { createRequire } from "node:module";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { describe, expect, test } from "vitest";
import { fromStruct, secret, toStruct } from "../../../../../rehearsal/doubles/pulumi/provider/values.ts";
import { Plugin, problemsOf } from "./plugin.ts";

describe.each(["command", "tls"] as const)("the double of the %s plugin", (name) => {
	test("has the version of its npm package", async () => {
		const plugin = await Plugin.start(name);
		const info = await plugin.call<plugins.PluginInfo>("getPluginInfo", new empty.Empty());
		const { version } = createRequire(import.meta.url)(`@pulumi/${name}/package.json`) as { version: string };
		expect(info.getVersion()).toBe(version);
		const schema = await plugin.call<provider.GetSchemaResponse>("getSchema", new provider.GetSchemaRequest());
		expect(JSON.parse(schema.getSchema())).toMatchObject({ name, version });
	});

	test("supports secrets and previews, and has no mapping for other tools", async () => {
		const plugin = await Plugin.start(name);
		const handshake = new provider.ProviderHandshakeRequest().setEngineAddress("127.0.0.1:1");
		const shaken = await plugin.call<provider.ProviderHandshakeResponse>("handshake", handshake);
		expect(shaken.toObject()).toMatchObject({ acceptSecrets: true, acceptResources: true });
		const configured = await plugin.call<provider.ConfigureResponse>("configure", new provider.ConfigureRequest());
		expect(configured.toObject()).toMatchObject({ acceptsecrets: true, supportspreview: true });
		const mappings = new provider.GetMappingsRequest().setKey("terraform");
		const mapped = await plugin.call<provider.GetMappingsResponse>("getMappings", mappings);
		expect(mapped.getProvidersList()).toEqual([]);
		const mapping = new provider.GetMappingRequest().setKey("terraform");
		expect((await plugin.call<provider.GetMappingResponse>("getMapping", mapping)).getProvider()).toBe("");
	});

	test("refuses unknown configuration, functions and types", async () => {
		const plugin = await Plugin.start(name);
		const config = { version: "1.0.0", __internal: {}, proxy: { url: "u" } };
		const check = new provider.CheckRequest().setNews(toStruct(config));
		const checked = await plugin.call<provider.CheckResponse>("checkConfig", check);
		expect(fromStruct(checked.getInputs())).toEqual(config);
		expect(problemsOf(checked)).toEqual([`the double of the ${name} plugin does not support the configuration proxy`]);
		const run = new provider.InvokeRequest().setTok(`${name}:index:run`);
		await expect(plugin.call("invoke", run)).rejects.toThrow(`does not support the function ${name}:index:run`);
		await expect(plugin.create(`${name}:index:Other`, {})).rejects.toThrow(
			`does not support the type ${name}:index:Other`,
		);
	});

	test("reports no change of its configuration when its version differs", async () => {
		const plugin = await Plugin.start(name);
		const diff = new provider.DiffRequest()
			.setOldInputs(toStruct({ version: "1.0.0" }))
			.setNews(toStruct({ version: "1.0.1" }));
		const { changes, replacesList } = (await plugin.call<provider.DiffResponse>("diffConfig", diff)).toObject();
		expect({ changes, replacesList }).toEqual({
			changes: provider.DiffResponse.DiffChanges.DIFF_NONE,
			replacesList: [],
		});
	});

	test("ends with the engine and when the engine interrupts it", async () => {
		const [orphan, interrupted] = [await Plugin.start(name), await Plugin.start(name)];
		orphan.process.stdin!.end();
		expect(await once(orphan.process, "exit")).toEqual([0, null]);
		interrupted.process.kill("SIGINT");
		expect(await once(interrupted.process, "exit")).toEqual([0, null]);
	});
});

test("a refresh does not change inputs and outputs", async () => {
	const plugin = await Plugin.start("command");
	const state = { create: "true", stdin: secret("s"), stdout: "o", stderr: "" };
	const request = new provider.ReadRequest()
		.setId("it0")
		.setType("command:local:Command")
		.setProperties(toStruct(state))
		.setInputs(toStruct({ create: "true" }));
	const read = await plugin.call<provider.ReadResponse>("read", request);
	expect(read.getId()).toBe("it0");
	expect(fromStruct(read.getProperties())).toEqual(state);
	expect(fromStruct(read.getInputs())).toEqual({ create: "true" });
});

test("an engine gets the messages of a running plugin when it attaches", async () => {
	const [plugin, other] = [await Plugin.start("command"), await Plugin.start("command")];
	await plugin.call("attach", new plugins.PluginAttach().setAddress(other.engineAddress));
	await plugin.create("command:local:Command", { create: "echo hello" });
	expect([plugin.messages, other.linesOf("command:local:Command")]).toEqual([[], ["hello"]]);
});
