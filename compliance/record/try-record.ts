/** Puts the record to random stack files that the check accepts: it may refuse none of them. */
import { unknownCheckingProxy } from "@pulumi/policy";
import { findViolations } from "../../policies/lib/rules/evaluate.ts";
import { programKnownResources } from "../../policies/rules/program/known-resources.ts";
import { toResource } from "../evaluation/evaluate-stack.ts";
import { previewStack } from "../evaluation/preview.ts";
import { existingOutputs, expiringOutputs } from "./outputs.ts";
import { randomStack } from "./random-stacks.ts";

/** One message of the rule, and the first random stack file that leads to it. */
export interface Refused {
	message: string;
	stackFile: string;
}

/** @param seed of the first stack file; each of the others has the next number */
export async function tryRecord(seed: number, count: number): Promise<Refused[]> {
	const refused = new Map<string, string>();
	const expiring = await expiringOutputs();
	for (let index = 0; index < count; index += 1) {
		const { name, values, secrets } = randomStack(seed + index);
		for (const outputs of [undefined, existingOutputs(), ...(index % 4 === 0 ? [expiring] : [])]) {
			const resources = (await previewStack(values, secrets, outputs)).map(toResource);
			const guarded = resources.map((resource) => ({ ...resource, props: unknownCheckingProxy(resource.props) }));
			for (const { message } of findViolations(programKnownResources, guarded)) {
				refused.set(message, refused.get(message) ?? name);
			}
		}
	}
	return [...refused].map(([message, stackFile]) => ({ message, stackFile }));
}
