/** The three profiles in profiles/, as Pulumi reads them: `--policy-pack-config policies/profiles/<name>.json`. */
import { readFileSync } from "node:fs";
import type { PolicyPackConfig } from "@pulumi/policy";

/** `lab` has only the differences from the pack's own level, which is mandatory for every rule. */
export const profileNames = ["cis-level-1", "cis-level-2", "lab"] as const;
export type ProfileName = (typeof profileNames)[number];

export function readProfile(name: ProfileName): PolicyPackConfig {
	return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), "utf8"));
}
