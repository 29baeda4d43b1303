/** The objects of a rendered chart, and the differences between those of two sides. */
import { objectsIn } from "../../policies/lib/kubernetes/objects.ts";
import { groupChanges } from "../compare/groups.ts";
import type { ResourceChange } from "../compare/resources.ts";
import type { ResourceGroup } from "../compare/review.ts";
import { changesIn } from "../compare/values.ts";
import type { Json, RecordedResource } from "../recording/recording.ts";

/** By kind, group, namespace and name, which identify an object. */
export type Objects = ReadonlyMap<string, RecordedResource>;

/** Fields of a Secret that hold its values. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/ */
const secretFields = ["data", "stringData"];

/** Labels that only name the version, which the review of the release says anyway. https://helm.sh/docs/chart_best_practices/labels/ */
const versionLabels = ["metadata.labels.helm.sh/chart", "metadata.labels.app.kubernetes.io/version"];

/**
 * @param manifest output of `helm template`
 * @param chart names objects without a name
 * @throws Error when the manifest is not YAML, or holds something else than objects
 */
export function readObjects(manifest: string, chart: string): Objects {
	return new Map(
		objectsIn(manifest, chart).map(({ apiVersion, kind, manifest: content, metadata }) => {
			const { name = chart, namespace } = metadata as { name?: string; namespace?: string };
			const place = namespace === undefined ? name : `${namespace}/${name}`;
			const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
			const inputs = withoutSecrets(kind, JSON.parse(JSON.stringify(content)) as { [key: string]: Json });
			return [`${kind} ${group} ${place}`, resourceOf(`kubernetes:${apiVersion}:${kind}`, place, inputs)];
		}),
	);
}

/**
 * @param again another rendering of `now`: what differs between the two, such as a certificate that the chart makes anew each time, is
 * no difference
 */
export function compareObjects(old: Objects, now: Objects, again: Objects): ResourceGroup[] {
	const changes = [...new Set([...old.keys(), ...now.keys()])]
		.sort()
		.flatMap((key) => compareObject(old.get(key), now.get(key), again.get(key)));
	return groupChanges(changes, []);
}

function compareObject(
	old: RecordedResource | undefined,
	now: RecordedResource | undefined,
	again: RecordedResource | undefined,
): ResourceChange[] {
	if (!old || !now) {
		return [{ action: old ? "delete" : "create", ...(old && { old }), ...(now && { now }), changes: [], because: [] }];
	}
	const unstable = new Set(changesIn(now.inputs, again?.inputs).map(({ path }) => path));
	const changes = changesIn(old.inputs, now.inputs).filter(
		({ path }) => !unstable.has(path) && !versionLabels.includes(path),
	);
	return changes.length === 0 ? [] : [{ action: "update", old, now, changes, because: [] }];
}

function withoutSecrets(kind: string, content: { [key: string]: Json }): { [key: string]: Json } {
	if (kind !== "Secret") {
		return content;
	}
	return Object.fromEntries(
		Object.entries(content).map(([field, value]) => [field, secretFields.includes(field) ? masked(value) : value]),
	);
}

/** The form that a comparison of values takes for secrets. */
function masked(value: Json): Json {
	return typeof value === "object" && value !== null
		? Object.fromEntries(Object.entries(value).map(([key, content]) => [key, { secret: JSON.stringify(content) }]))
		: { secret: JSON.stringify(value) };
}

function resourceOf(type: string, name: string, inputs: { [key: string]: Json }): RecordedResource {
	return {
		...{ type, name, parentType: "", inputs, ignoreChanges: [], protect: false, replaceOnChanges: [] },
		...{ hasTrigger: false, dependsOn: [], outputsIn: {} },
	};
}
