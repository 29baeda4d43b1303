/** Which rules a stack gives something to judge: nobody is to take for kept what was never seen. */
import { type KubernetesObject, objectsOf } from "../../policies/lib/kubernetes/objects.ts";
import { type Resource, UndecidableError } from "../../policies/lib/rules/resource.ts";
import type { Rule } from "../../policies/lib/rules/rule.ts";

/** Inputs that are read of every resource in search of files and lists. */
const searched = ["stdin", "items"];

export function isConcerned(rule: Rule, resources: readonly Resource[]): boolean {
	if (rule.concerned) {
		return resources.some((resource) => decidable(() => rule.concerned?.(resource)));
	}
	let seen = false;
	const watch = <T extends object>(target: T): T =>
		new Proxy(target, {
			get: (inputs, key, receiver) => {
				seen ||= !searched.includes(String(key));
				return Reflect.get(inputs, key, receiver);
			},
		});
	const watched = resources.map((resource) => ({ ...resource, props: watch(resource.props) }));
	const ignore = () => undefined;
	decidable(() => {
		if ("checkStack" in rule) {
			rule.checkStack(watched, ignore);
		} else if ("checkResource" in rule) {
			for (const resource of watched.filter(({ type }) => (rule.type ?? type) === type)) {
				rule.checkResource(resource, ignore);
			}
		} else {
			for (const object of resources.flatMap((resource) => objectsOf(resource))) {
				rule.checkObject(watchedObject(object, watch), ignore);
			}
		}
	});
	return seen;
}

function watchedObject(object: KubernetesObject, watch: <T extends object>(target: T) => T): KubernetesObject {
	return { ...object, subject: object.kind, manifest: watch(object.manifest), metadata: watch(object.metadata) };
}

/** What cannot be decided is a violation already. */
function decidable(judge: () => unknown): boolean {
	try {
		return judge() !== undefined;
	} catch (error) {
		if (error instanceof UndecidableError) {
			return true;
		}
		throw error;
	}
}
