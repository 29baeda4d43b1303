/** The program that declares the resources of its configuration, with the project's own pack. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { EngineOptions, EngineResult } from "../../rehearsal/engine/engine.ts";
import type { DeclaredResource } from "../fixtures/engine-programs/declared/src/index.ts";
import { projectOf } from "./harness.ts";

export const pack = fileURLToPath(new URL("../../policies", import.meta.url));

export function optionsFor(resources: DeclaredResource[], policyConfig: object): EngineOptions {
	const directory = mkdtempSync(join(tmpdir(), "engine-test-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const policyPackConfig = join(directory, "policies.json");
	writeFileSync(policyPackConfig, JSON.stringify(policyConfig));
	return {
		projectDirectory: projectOf("declared"),
		stack: "test",
		stateDirectory: directory,
		policyPack: pack,
		policyPackConfig,
		environment: {},
		config: { "engine-declared:resources": { value: JSON.stringify(resources), secret: false } },
	};
}

/** `<level> <policy> <resource>`, each once. */
export function verdicts({ policies }: EngineResult): string[] {
	const lines = policies.violations
		.filter(({ policy }) => policy !== "accepted-exceptions" && policy !== "applied-remediations")
		.map(({ level, policy, urn }) => `${level} ${policy} ${urn?.split("::").slice(2).join(" ")}`);
	return [...new Set(lines)].sort();
}
