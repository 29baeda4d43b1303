/**
 * One preview, update or destruction of a stack: takes the program's resources as they are registered, decides what
 * each needs, lets its type do it, and keeps the state. A preview goes the same way, touches nothing and saves nothing.
 */
import type { Operation as StepOperation } from "../engine.ts";
import { Deletion } from "./deletion.ts";
import type { Goal } from "./goal.ts";
import { urnOfProvider } from "./graph.ts";
import { Hooks } from "./hooks.ts";
import { planResource, replaces, withIgnored } from "./plan.ts";
import { type Context, Progress } from "./progress.ts";
import { resourceType } from "./providers/index.ts";
import { type AnyResourceType, checkInputs, Incomplete, parseInputs } from "./resource-type.ts";
import type { ResourceState } from "./state.ts";
import { containsSecret, type Properties, plain, secret } from "./wire.ts";

export class Deployment {
	readonly hooks: Hooks;
	readonly #context: Context;
	readonly #progress: Progress;
	readonly #deletion: Deletion;
	readonly #registered = new Set<string>();
	readonly #underWay = new Set<Promise<unknown>>();
	readonly #replaced = new Set<string>();

	constructor(context: Context) {
		this.#context = context;
		this.hooks = new Hooks(context.recorder, context.dryRun);
		this.#progress = new Progress(context);
		this.#deletion = new Deletion(this.#progress);
		for (const urn of context.state.pendingCreates) {
			context.recorder.diagnostic(
				"warning",
				`The last operation was interrupted while it created ${urn}: the resource may exist without being in the state; look for it and remove it.`,
				urn,
			);
		}
	}

	/** Rejects with `Stopped` when this resource or one before it failed. */
	async register(goal: Goal): Promise<ResourceState> {
		this.#progress.assertGoing();
		const urn = this.urnOf(goal.type, goal.name, goal.parent);
		const work = this.#process(urn, goal).catch((error: Error) => this.#progress.fail(urn, error));
		this.#underWay.add(work);
		return work.finally(() => this.#underWay.delete(work));
	}

	/** Outputs of a component, or of the stack itself. */
	registerOutputs(urn: string, outputs: Properties): void {
		const component = this.#context.state.resources.get(urn);
		if (!component) {
			throw new Error(`Outputs were registered for ${urn}, which is not a resource of this program.`);
		}
		component.outputs = outputs;
	}

	/** Ends an operation whose program ran to its end: removes what the program no longer has, then judges the stack. */
	async finish(): Promise<boolean> {
		await Promise.allSettled(this.#underWay);
		this.#progress.save();
		if (this.#progress.stopped) {
			return false;
		}
		const { state } = this.#context;
		const gone = [...state.resources.values()].filter((resource) => !this.#registered.has(resource.urn));
		if (!(await this.remove([...state.replaced, ...gone]))) {
			return false;
		}
		await (await this.#context.policies)?.analyzeStack([...state.resources.values()]);
		return true;
	}

	/** Waits for what is under way and begins nothing more. */
	async abandon(): Promise<void> {
		this.#progress.stop();
		await Promise.allSettled(this.#underWay);
		this.#progress.save();
	}

	/** Deletes resources, dependents first. `false` when one is protected (then none is touched) or fails. */
	remove(resources: ResourceState[]): Promise<boolean> {
		return this.#deletion.remove(resources);
	}

	urnOf(type: string, name: string, parent: string): string {
		const { options, project } = this.#context;
		const qualified = parent.split("::")[2];
		const prefix = qualified && qualified !== "pulumi:pulumi:Stack" ? `${qualified}$` : "";
		return `urn:pulumi:${options.stack}::${project}::${prefix}${type}::${name}`;
	}

	async #process(urn: string, goal: Goal): Promise<ResourceState> {
		const { state } = this.#context;
		if (this.#registered.has(urn)) {
			throw new Error("is registered twice; give one of the two another name");
		}
		this.#registered.add(urn);
		const type = resourceType(goal.type, goal.custom);
		const old = this.#take(urn, goal.aliases);
		const wanted = withIgnored(old?.inputs, goal.inputs, goal.ignoreChanges);
		checkInputs(type, wanted);
		const provider = state.resources.get(urnOfProvider(goal.provider));
		const policies = await this.#context.policies;
		const inputs = policies ? await policies.review({ ...goal, urn, inputs: wanted }, provider) : wanted;
		const plan = planResource(old, inputs, type, goal, old !== undefined && this.#hasToGo(old, goal));
		const next: ResourceState = { ...stateOf(urn, goal), inputs, id: old?.id, outputs: old?.outputs ?? {} };

		switch (plan.operation) {
			case "same":
				return this.#step("same", next, async () => {});
			case "update":
				return this.#step("update", next, () => this.#update(type, goal, old!, next));
			case "create":
				// A dependent that had to be deleted before what it depends on was replaced counts as replaced itself.
				return this.#step(this.#replaced.has(urn) ? "replace" : "create", next, () => this.#create(type, goal, next));
			case "replace":
				if (old!.protect && goal.protect) {
					throw new Error("has to be replaced but is protected; remove `protect` first");
				}
				this.#replaced.add(urn);
				return this.#step("replace", next, async () => {
					if (plan.deleteBeforeReplace) {
						await this.#deleteWithDependents(old!);
					}
					const failure: unknown = await this.#create(type, goal, next).catch((error) => error);
					if (failure && !(failure instanceof Incomplete)) {
						throw failure;
					}
					// It is there, ready or not, so that the one before it goes.
					if (!plan.deleteBeforeReplace) {
						state.replaced.add({ ...old!, replaced: true });
					}
					if (failure) {
						throw failure;
					}
				});
		}
	}

	/** The state's resource of that URN, moved there from an alias if need be. */
	#take(urn: string, aliases: string[]): ResourceState | undefined {
		const { resources } = this.#context.state;
		const known = [urn, ...aliases].find(
			(name) => resources.has(name) && (name === urn || !this.#registered.has(name)),
		);
		const old = known === undefined ? undefined : resources.get(known);
		if (old && known !== urn) {
			resources.delete(old.urn);
			resources.set(urn, { ...old, urn });
		}
		return old && { ...old, urn };
	}

	/** Whether the resource's provider, or what it is deleted with, was replaced. */
	#hasToGo(old: ResourceState, goal: Goal): boolean {
		if (goal.deletedWith && this.#replaced.has(goal.deletedWith)) {
			return true;
		}
		if (old.provider === goal.provider) {
			return false;
		}
		const before = this.#progress.before.get(urnOfProvider(old.provider));
		const after = this.#context.state.resources.get(urnOfProvider(goal.provider));
		if (!before || !after) {
			return true;
		}
		return replaces(before.inputs, after.inputs, resourceType(after.type, true), []);
	}

	async #step(operation: StepOperation, next: ResourceState, work: () => Promise<void>): Promise<ResourceState> {
		const { recorder, state } = this.#context;
		const creates = operation === "create" || operation === "replace";
		const run = async () => {
			this.#progress.assertGoing();
			if (creates) {
				// On disk before anybody hears of it: whoever is killed from here on leaves a note.
				state.pendingCreates.add(next.urn);
				this.#progress.save();
			}
			recorder.step(operation, next.urn, next.type, "started");
			try {
				await work();
				state.resources.set(next.urn, next);
			} catch (error) {
				if (error instanceof Incomplete) {
					state.resources.set(next.urn, { ...next, id: error.id, incomplete: true });
				}
				recorder.step(operation, next.urn, next.type, "failed");
				throw error;
			} finally {
				state.pendingCreates.delete(next.urn);
				// What stays the same is written once, at the end.
				if (operation !== "same") {
					this.#progress.save();
				}
			}
			recorder.step(operation, next.urn, next.type, "succeeded");
		};
		await (operation === "same" ? run() : this.#progress.limit(run));
		return next;
	}

	async #create(type: AnyResourceType, goal: Goal, next: ResourceState): Promise<void> {
		next.id = undefined;
		next.outputs = next.inputs;
		await this.hooks.before(goal.hooks.beforeCreate, next);
		if (this.#context.dryRun) {
			return;
		}
		const created = await type.create(this.#progress.operation(type, next, goal.customTimeouts.create));
		if (goal.custom) {
			next.id = created.id;
		}
		next.outputs = withSecrets(type, goal, next.inputs, created.outputs);
		await this.hooks.after(goal.hooks.afterCreate, next);
	}

	async #update(type: AnyResourceType, goal: Goal, old: ResourceState, next: ResourceState): Promise<void> {
		await this.hooks.before(goal.hooks.beforeUpdate, next, old);
		if (this.#context.dryRun) {
			next.outputs = type.keepsOutputs ? { ...old.outputs, ...next.inputs } : next.inputs;
			return;
		}
		const outputs = await type.update({
			...this.#progress.operation(type, next, goal.customTimeouts.update),
			id: old.id ?? "",
			outputs: plain(old.outputs),
			oldInputs: parseInputs(type, old.inputs),
		});
		next.outputs = withSecrets(type, goal, next.inputs, outputs);
		await this.hooks.after(goal.hooks.afterUpdate, next, old);
	}

	/** Deletes what a replacement removes first, and before it every dependent that the change will replace too. */
	async #deleteWithDependents(old: ResourceState): Promise<void> {
		const dependents = this.#deletion.dependentsOf(old);
		for (const { urn } of dependents) {
			this.#replaced.add(urn);
		}
		await this.#deletion.erase([...dependents.reverse(), old]);
	}
}

function stateOf(urn: string, goal: Goal): Omit<ResourceState, "id" | "inputs" | "outputs"> {
	const { type, custom, parent, provider, dependencies, propertyDependencies } = goal;
	const { deletedWith, protect, retainOnDelete, replaceOnChanges, customTimeouts } = goal;
	return {
		urn,
		type,
		custom,
		parent,
		provider,
		dependencies,
		propertyDependencies,
		deletedWith,
		protect,
		retainOnDelete,
		replaceOnChanges,
		customTimeouts,
	};
}

/** Inputs and computed outputs. A secret input keeps its output secret; the type and the program name further ones. */
function withSecrets(type: AnyResourceType, goal: Goal, inputs: Properties, computed: Properties): Properties {
	const named = new Set([...(type.secretOutputs ?? []), ...goal.additionalSecretOutputs]);
	return Object.fromEntries(
		Object.entries({ ...inputs, ...computed }).map(([key, value]) => {
			const hidden = named.has(key) || (key in computed && inputs[key] !== undefined && containsSecret(inputs[key]));
			return [key, hidden ? secret(plain(value)) : value];
		}),
	);
}
