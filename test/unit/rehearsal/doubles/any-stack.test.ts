/** Stack files at random, made from the schema: whatever passes the check has to be something that the doubles take. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { platformCharts } from "../../../../components/platform/add-ons.ts";
import { readFlagValues } from "../../../../rehearsal/doubles/rke2/program/config/flag-values.ts";
import { knownFlags } from "../../../../rehearsal/doubles/rke2/program/config/flags.ts";
import { nodeSettings, serverSettings } from "../../../../rehearsal/doubles/rke2/program/config/settings.ts";
import { parseStack } from "../../../../src/config/read/parse.ts";
import type { StackConfig } from "../../../../src/config/schema/stack.ts";
import { nodeFiles } from "../../../../src/rke2/files.ts";
import { paths } from "../../../../src/rke2/paths.ts";
import { rke2Role } from "../../../../src/rke2/role.ts";
import { plausibleStacks } from "../../../fixtures/stack-arbitrary.ts";

/** Fixed, so that a run in CI is the same each time. */
const seed = 20_261_128;

/** @param judge gets each random stack that passes the check */
function forEachStack(judge: (stack: StackConfig) => void): void {
	fc.assert(
		fc.property(plausibleStacks, (values) => {
			const { value: stack } = parseStack(values);
			fc.pre(stack !== undefined);
			judge(stack!);
		}),
		{ seed, numRuns: 25 },
	);
}

test("the doubles of the charts accept the values of a random stack file", () => {
	const schemas = Object.fromEntries(
		["cert-manager", "gpu-operator", "metallb", "traefik"].map((chart) => {
			const file = new URL(`../../../../rehearsal/doubles/charts/${chart}/values.schema.json`, import.meta.url);
			return [chart, z.fromJSONSchema(JSON.parse(readFileSync(file, "utf8")))];
		}),
	);
	forEachStack((stack) => {
		for (const [chart, { values }] of Object.entries(platformCharts(stack))) {
			expect(schemas[chart]?.safeParse(JSON.parse(JSON.stringify(values))).error?.issues, chart).toBeUndefined();
		}
	});
});

describe("the double of RKE2", () => {
	let directory: string;

	beforeAll(() => {
		directory = mkdtempSync(join(tmpdir(), "any-stack-"));
		writeFileSync(join(directory, "token"), "a token\n");
	});
	afterAll(() => rmSync(directory, { recursive: true }));

	test("reads from each node's config.yaml what a random stack file says", () => {
		forEachStack((stack) => {
			for (const [name, node] of Object.entries(stack.nodes)) {
				const { content } = nodeFiles(stack, name, node).find(({ path }) => path === paths.config)!;
				const role = rke2Role(node);
				const known = knownFlags(role);
				expect(Object.keys(parse(content)).filter((key) => !known.has(key.replace(/\+$/, "")))).toEqual([]);

				const file = join(directory, "config.yaml");
				writeFileSync(file, content.replace(/(token-file: ).+/g, `$1${join(directory, "token")}`));
				const flags = readFlagValues(role, [], file);
				const read = role === "server" ? serverSettings(flags) : nodeSettings(role, flags);
				expect(read).toMatchObject({ nodeName: name, nodeIp: node.address, profile: "cis" });
				expect(read.taints).toEqual(expect.arrayContaining(node.taints));
				if (role === "server") {
					const { podCidr: clusterCidr, serviceCidr } = stack.cluster;
					expect(read).toMatchObject({ critical: { clusterCidr, serviceCidr } });
				}
			}
		});
	});
});
