/** Every mistake at once: a value that the schema refuses hides no other mistake, and causes no wrong message. */
import { apply as mergePatch } from "tiny-merge-patch";
import { describe, expect, test } from "vitest";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { invalidStackFiles } from "../../../fixtures/invalid.ts";
import { labValues } from "../../../fixtures/lab.ts";

const sentences = (values: Record<string, unknown>) =>
	parseStack(values).problems.map(({ key, message }) => `${key}: ${message}`);

describe("parseStack reports each mistake beside malformed values elsewhere", () => {
	const elsewhere = { ssh: { bootTimeoutSeconds: "soon" }, proxmox: { startOrder: 5 } };
	const said = [
		"proxmox.startOrder: must be true or false, found 5.",
		'ssh.bootTimeoutSeconds: must be an integer, found "soon".',
	];

	test.each(invalidStackFiles)("$name", ({ change, problems }) => {
		const values = mergePatch(labValues(change), elsewhere) as Record<string, unknown>;
		expect(sentences(values).sort()).toEqual([...said, ...problems].sort());
	});
});

test("parseStack reports the mistakes of every node when one is malformed", () => {
	const change = {
		nodes: {
			"proj-k8sw05": { address: "10.25.20", vmId: "one", gpu: 5 },
			"proj-k8sw04": { vmId: 104, host: "node09" },
		},
		platform: { metallb: { pool: ["one", "10.25.20.4-10.25.20.5"] } },
	};
	expect(sentences(labValues(change))).toEqual([
		'nodes.proj-k8sw05.vmId: must be an integer, found "one".',
		'nodes.proj-k8sw05.address: must be an IPv4 address such as 10.25.20.4, found "10.25.20".',
		"nodes.proj-k8sw05.gpu: must be a map, found 5.",
		'platform.metallb.pool.0: must be a range such as 10.25.20.30-10.25.20.35 or a CIDR, found "one".',
		"nodes.proj-k8sw04.vmId: the VM id 104 already belongs to proj-k8sm01.",
		"nodes.proj-k8sw04.host: node09 is not in proxmox.hosts; allowed: node01, node02, node03, node04, node05.",
		"platform.metallb.pool.1: 10.25.20.4-10.25.20.5 contains 10.25.20.4, which is the node proj-k8sm01 (nodes.proj-k8sm01.address).",
		"platform.metallb.pool.1: 10.25.20.4-10.25.20.5 contains 10.25.20.5, which is the node proj-k8sm02 (nodes.proj-k8sm02.address).",
		"nodes.proj-k8sw04.gpu.mapping: the GPU rtx-a4000 is in node04, but the VM runs on node09.",
	]);
});

test.each([
	["a list of lists", [[null]]],
	["no value", null],
	["a text", "\u0001"],
])("a value that the schema refuses is the only mistake: %s", (_, wrong) => {
	const lab = labValues();
	const others = pathsIn(lab).flatMap((path) => {
		const concerned = path.join(".");
		const { problems } = parseStack(replaced(lab, path, wrong));
		return problems
			.filter(({ key }) => key !== concerned && !key.startsWith(`${concerned}.`))
			.map(({ key, message }) => `${concerned} is ${JSON.stringify(wrong)}, and ${key}: ${message}`);
	});
	expect(others).toEqual([]);
});

test("parseStack reports only the name when the schema refuses a name", () => {
	const { "proj-k8sm01": node, ...others } = labValues().nodes as Record<string, unknown>;
	expect(sentences({ ...labValues(), nodes: { ...others, Proj_K8SM01: node } })).toEqual([
		"nodes.Proj_K8SM01: the name must be a lower-case DNS label such as proj-k8sw01.",
	]);
});

/** Of every value, and of every map and list. */
function pathsIn(value: unknown, path: string[] = []): string[][] {
	const inner =
		typeof value === "object" && value !== null
			? Object.entries(value).flatMap(([name, part]) => pathsIn(part, [...path, name]))
			: [];
	return path.length > 0 ? [path, ...inner] : inner;
}

function replaced(values: Record<string, unknown>, path: readonly string[], wrong: unknown): Record<string, unknown> {
	const changed = structuredClone(values);
	const container = path.slice(0, -1).reduce<unknown>((part, name) => Reflect.get(part as object, name), changed);
	Reflect.set(container as object, path.at(-1)!, wrong);
	return changed;
}
