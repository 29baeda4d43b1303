/** The result of a comparison, in the form of `--json`: docs/review.schema.json derives from it. */
import { z } from "zod";

const change = z.strictObject({
	path: z.string().describe("Property, or file and key on a node."),
	old: z.string().optional().describe("Absent where it is new."),
	new: z.string().optional().describe("Absent where it goes away."),
	secret: z.literal(true).optional().describe("The value is secret and another one; neither old nor new is given."),
});

const gained = z.strictObject({ gained: z.array(z.string()), lost: z.array(z.string()) });

const action = z.enum(["delete", "replace", "update", "create"]);

const resources = z.strictObject({
	action,
	kind: z.string().describe("Type of the resources for people."),
	names: z.array(z.string()).describe("All resources that change in the same way."),
	nodes: z.array(z.string()).describe("The nodes that they belong to; empty for the rest."),
	changes: z.array(change).describe("With NODE for the name of the node, and ADDRESS for its address."),
	because: z.array(z.string()).describe("Properties that replace the resource, or the resource that it follows."),
});

const step = z.strictObject({
	nodes: z.array(z.string()).describe("One after another, in this order."),
	does: z
		.enum(["restart", "restart-vm", "restart-vm-and-rke2", "join", "create"])
		.describe("Each restart has a drain of its own before it; `restart` is that of RKE2."),
	because: z.array(z.string()),
});

const interruption = z.strictObject({
	what: z.string().describe("As the headline says it."),
	detail: z.string().describe("Who notices what, as a sentence."),
});

const chart = z.strictObject({
	release: z.string(),
	objects: z.array(resources).describe("The objects that Helm renders otherwise than before."),
	unknown: z.string().optional().describe("Why the objects were not compared, as a sentence."),
});

const connection = z.strictObject({
	from: z.array(z.string()).describe("Pods by namespace and labels, or addresses."),
	to: z.string(),
	ports: z.array(z.string()).describe("TCP; a port of UDP ends with /udp."),
});

const usage = z.strictObject({
	host: z.string(),
	what: z.string(),
	before: z.number(),
	after: z.number(),
	of: z.number().optional(),
});

const stack = z.strictObject({
	stack: z.string(),
	verdict: z.enum(["no change", "not disruptive", "disruptive", "forbidden"]),
	headline: z.array(z.string()).describe("Two sentences: the counts, and the disruption."),
	forbidden: z.array(z.string()).describe("Reasons for which `up` or its preview refuses this change."),
	counts: z.record(action, z.int()),
	settings: z.array(change).describe("Keys of the stack file."),
	rollout: z.strictObject({
		steps: z.array(step),
		removed: z.array(z.string()).describe("Nodes that leave the cluster for good, with their VMs."),
		powerCycled: z.array(z.string()).describe("Nodes whose VM an administrator has to stop and start."),
		rewired: z.array(z.string()).describe("Nodes whose network interface changes while they run."),
		interrupted: z.array(interruption).describe("What the platform interrupts although no node restarts."),
		notes: z.array(z.string()),
	}),
	resources: z.array(resources),
	charts: z.array(chart).describe("Releases that differ; empty without --charts."),
	policies: z.strictObject({
		violations: gained,
		exceptions: gained,
		warnings: gained,
		controls: z.array(
			z.strictObject({
				id: z.string(),
				title: z.string(),
				before: z.string(),
				after: z.string(),
				evidence: z.array(z.string()),
			}),
		),
		level: z.strictObject({ before: z.string(), after: z.string() }).optional(),
	}),
	network: z.strictObject({ opened: z.array(connection), closed: z.array(connection) }),
	privileges: gained,
	hosts: z.array(usage),
	notes: z.array(z.string()).describe("What the review could not compare."),
});

export const reviewSchema = z.strictObject({
	format: z.literal(4),
	base: z.string().describe("The commit or the recording that the tree was compared with."),
	verdict: stack.shape.verdict,
	stacks: z.array(stack).describe("Without the stacks that do not change."),
});

/** docs/review.schema.json, for programs that read a review. */
export function reviewJsonSchema(): object {
	return z.toJSONSchema(reviewSchema);
}

export type Review = z.output<typeof reviewSchema>;
export type StackReview = z.output<typeof stack>;
export type Change = z.output<typeof change>;
export type ResourceGroup = z.output<typeof resources>;
export type ChartReview = z.output<typeof chart>;
export type Step = z.output<typeof step>;
export type Interruption = z.output<typeof interruption>;
export type Action = z.output<typeof action>;
export type Difference = z.output<typeof gained>;
export type Connection = z.output<typeof connection>;
export type HostUsage = z.output<typeof usage>;
