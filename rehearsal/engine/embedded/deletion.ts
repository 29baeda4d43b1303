/** How resources go: those that left the program, those of a destroyed stack, and those that a replacement removes first. */
import { dependentReplacements, dependentsAmong } from "./graph.ts";
import type { Progress } from "./progress.ts";
import { resourceType } from "./providers/index.ts";
import type { ResourceState } from "./state.ts";
import { plain } from "./wire.ts";

export class Deletion {
	readonly #progress: Progress;
	/** URNs whose deletion is decided, done or not: what is `deletedWith` them needs none of its own. */
	readonly #condemned = new Set<string>();

	constructor(progress: Progress) {
		this.#progress = progress;
	}

	/** Deletes resources, dependents first. `false` when one is protected (then none is touched) or fails. */
	async remove(resources: ResourceState[]): Promise<boolean> {
		const kept = resources.filter((resource) => resource.protect && !resource.replaced);
		for (const { urn } of kept) {
			this.#progress.report(urn, "is protected and will not be deleted; remove `protect` and run `up` first");
		}
		if (kept.length > 0) {
			return false;
		}
		this.#condemn(resources);
		const deletions = new Map<ResourceState, Promise<void>>();
		const deletion = (resource: ResourceState): Promise<void> => {
			const known = deletions.get(resource);
			if (known) {
				return known;
			}
			const work = Promise.all(dependentsAmong(resource, resources).map(deletion)).then(() => this.#delete(resource));
			deletions.set(resource, work);
			return work;
		};
		const results = await Promise.allSettled(resources.map(deletion));
		return results.every((result) => result.status === "fulfilled");
	}

	/** What a replacement of the resource will replace too, in dependency order. Throws when one of these is protected. */
	dependentsOf(old: ResourceState): ResourceState[] {
		const resources = [...this.#progress.context.state.resources.values()];
		const dependents = dependentReplacements(old, resources, (type) => resourceType(type, true));
		for (const { urn, protect } of dependents) {
			if (protect) {
				throw new Error(`cannot be replaced while ${urn}, which depends on it, is protected`);
			}
		}
		return dependents;
	}

	/** Deletes one after another, as part of a replacement. */
	async erase(resources: ResourceState[]): Promise<void> {
		this.#condemn(resources);
		for (const resource of resources) {
			await this.#erase(resource);
		}
	}

	#condemn(resources: ResourceState[]): void {
		for (const { urn } of resources) {
			this.#condemned.add(urn);
		}
	}

	async #delete(resource: ResourceState): Promise<void> {
		const { recorder } = this.#progress.context;
		return this.#progress.limit(async () => {
			this.#progress.assertGoing();
			// The end of a replacement is part of that step.
			const shown = !resource.replaced;
			if (shown) {
				recorder.step("delete", resource.urn, resource.type, "started");
			}
			try {
				await this.#erase(resource);
			} catch (error) {
				if (shown) {
					recorder.step("delete", resource.urn, resource.type, "failed");
				}
				return this.#progress.fail(resource.urn, error as Error);
			}
			if (shown) {
				recorder.step("delete", resource.urn, resource.type, "succeeded");
			}
		});
	}

	async #erase(resource: ResourceState): Promise<void> {
		const { dryRun, state } = this.#progress.context;
		const spared = !resource.custom || resource.retainOnDelete || this.#condemned.has(resource.deletedWith);
		if (!dryRun && !spared) {
			const type = resourceType(resource.type, true);
			const operation = this.#progress.operation(type, resource, resource.customTimeouts.delete);
			await type.delete({ ...operation, id: resource.id ?? "", outputs: plain(resource.outputs) });
		}
		if (resource.replaced) {
			state.replaced.delete(resource);
		} else {
			state.resources.delete(resource.urn);
		}
		this.#progress.save();
	}
}
