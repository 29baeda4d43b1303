import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { lossOfSnapshot, type Placement, placementOf, refusedMoves } from "../../src/rke2/placement.ts";
import { connectWith } from "./api-client.ts";
import { Departure } from "./departure.ts";
import type { Restore } from "./restore.ts";

export interface PlacementArgs {
	stack: Pick<StackConfig, "cluster" | "nodes" | "proxmox">;
	/** The administrator's, as the last `up` recorded it. Without it there is no cluster that a node could leave. */
	kubeconfig: string | undefined;
	/** The restore that this `up` does. */
	restore: Restore | undefined;
}

/**
 * Records where the VM of each node is, twice. When the stack file moves a node to another VM, or no longer has it, a hook of the first
 * resource refuses what the cluster cannot bear: everything on Proxmox has to depend on it. A hook of the second one drains the
 * node and removes it from the cluster: every VM has to depend on it. A hook on the deletion of the VM itself would do the same,
 * but `pulumi destroy` does not run the program and would fail.
 */
export class Placements {
	/** Created once the change of the stack file is not refused. */
	readonly accepted: pulumi.Resource;
	readonly #args: PlacementArgs;

	constructor(args: PlacementArgs) {
		this.#args = args;
		this.accepted = this.#record("placement", (departure, before, after) => departure.check(before, after), {});
	}

	/**
	 * Creates the resource before which nodes leave the cluster.
	 *
	 * @param prepared what has to be ready first, so that no node leaves while its next host cannot have its VM
	 */
	vacate(prepared: pulumi.Resource[]): pulumi.Resource {
		return this.#record("departures", (departure, before, after) => departure.removeAll(before, after), {
			dependsOn: [this.accepted, ...prepared],
		});
	}

	#record(name: string, act: Act, opts: pulumi.CustomResourceOptions): pulumi.Resource {
		const beforeUpdate = [beforeMoves(name, this.#args, act)];
		return new pulumi.Stash(name, { input: placementOf(this.#args.stack) }, { ...opts, hooks: { beforeUpdate } });
	}
}

/** What happens to the cluster before VMs move. */
export type Act = (departure: Departure, before: Placement, after: Placement) => Promise<void>;

/**
 * Refuses moves that no cluster can bear: in a preview, and in `up`, which then acts. Both resources do, so that moves which an
 * earlier `up` has accepted and not done count together with those of this one.
 *
 * @param name unique in the program
 */
export function beforeMoves(
	name: string,
	{ stack, kubeconfig, restore }: PlacementArgs,
	act: Act,
): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		async ({ oldInputs, newInputs }) => {
			const [before, after] = [placementIn(oldInputs), placementIn(newInputs)];
			const refused = [
				...refusedMoves(before, after, restore !== undefined),
				...(restore?.from === "server" ? lossOfSnapshot(before, after, restore.server) : []),
			];
			if (refused.length > 0) {
				throw new Error(refused.join("\n"));
			}
			if (!pulumi.runtime.isDryRun() && kubeconfig !== undefined) {
				await act(new Departure(connectWith(kubeconfig), stack.cluster.drain, restore !== undefined), before, after);
			}
		},
		{ onDryRun: true },
	);
}

function placementIn(inputs: Record<string, unknown> | undefined): Placement {
	return (inputs?.input ?? {}) as Placement;
}
