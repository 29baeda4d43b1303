import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { objectMakingComponents } from "../../../policies/rules/helm/listed-charts.ts";

// A new version of the provider may add a component that makes objects, which every rule about objects would miss.
test("the rules list every component of the Kubernetes provider that makes objects", () => {
	const provider = dirname(createRequire(import.meta.url).resolve("@pulumi/kubernetes/package.json"));
	const files = readdirSync(provider, { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".js") && !file.includes("node_modules"))
		.map((file) => readFileSync(join(provider, file), "utf8"))
		.filter((text) => /extends \S*ComponentResource\b/.test(text));
	const types = files.flatMap((text) => text.match(/(?<=__pulumiType = '|super\(")kubernetes:[^'"]+/g) ?? []);
	expect([...new Set(types)].sort()).toEqual([...objectMakingComponents].sort());
});
