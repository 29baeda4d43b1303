/** A policy that decides controls of both profile levels of the benchmark can be held to those of level 1. */
import { controls } from "../../benchmark/index.ts";
import type { RuleConfig } from "./exceptions.ts";
import type { Violation } from "./review.ts";

/** Whether the configuration leaves a violation out. One that names no control counts: it may break any of them. */
export function isLeftOut({ control = "" }: Violation, { profileLevel }: RuleConfig): boolean {
	return profileLevel !== undefined && (controls[control]?.level ?? 1) > profileLevel;
}
