/** Puts the record to stack files that the check accepts: it may refuse none of them. */
import { unknownCheckingProxy } from "@pulumi/policy";
import { findViolations } from "../../policies/lib/rules/evaluate.ts";
import { programKnownResources } from "../../policies/rules/program/known-resources.ts";
import { toResource } from "../evaluation/evaluate-stack.ts";
import { previewStack } from "../evaluation/preview.ts";
import { existingOutputs, expiringOutputs } from "./outputs.ts";
import type { RandomStack } from "./random-stacks.ts";

/** What the record refuses of some stack files. */
export interface Trial {
	stackFiles: number;
	/** One message of the rule, and the first stack file that leads to it. */
	refused: { message: string; stackFile: string }[];
}

export async function tryRecord(stackFiles: Iterable<RandomStack>): Promise<Trial> {
	const refused = new Map<string, string>();
	const expiring = await expiringOutputs();
	let count = 0;
	for (const { name, values, secrets } of stackFiles) {
		for (const outputs of [undefined, existingOutputs(), ...(count % 4 === 0 ? [expiring] : [])]) {
			const resources = (await previewStack(values, secrets, outputs)).map(toResource);
			const guarded = resources.map((resource) => ({ ...resource, props: unknownCheckingProxy(resource.props) }));
			for (const { message } of findViolations(programKnownResources, guarded)) {
				refused.set(message, refused.get(message) ?? name);
			}
		}
		count += 1;
	}
	return { stackFiles: count, refused: [...refused].map(([message, stackFile]) => ({ message, stackFile })) };
}
