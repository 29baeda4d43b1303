import { describe, expect, test } from "vitest";
import { labStack } from "../../../fixtures/lab.ts";
import { filesOf } from "./rendered-files.ts";

describe("a proxy", () => {
	const proxied = labStack({
		cluster: { proxy: { url: "http://proxy.lab.internal:3128", exceptions: [".lab.internal"] } },
	});

	test.each([
		["proj-k8sm01", "/etc/default/rke2-server"],
		["proj-k8sw01", "/etc/default/rke2-agent"],
	])("is %s's way out, but never between the parts of the cluster", (node, path) => {
		expect(filesOf(node, proxied).get(path)!.content.split("\n")).toEqual([
			"HTTP_PROXY=http://proxy.lab.internal:3128",
			"HTTPS_PROXY=http://proxy.lab.internal:3128",
			"NO_PROXY=127.0.0.0/8,10.25.20.0/24,10.25.20.29,api.k8s.lab.internal,10.42.0.0/16,10.43.0.0/16,.svc,.cluster.local,.lab.internal",
			"",
		]);
	});

	test("leaves an empty file when the stack file no longer has it", () => {
		expect(filesOf("proj-k8sw01").get("/etc/default/rke2-agent")!.content).toBe("");
	});
});
