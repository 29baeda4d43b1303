/**
 * The state of a stack as `pulumi stack export --show-secrets` prints it (pulumi/pulumi, sdk/go/common/apitype/core.go and
 * pkg/resource/stack/deployment.go).
 */

/** Marks a secret in the state: the engine has this value under this key. */
const signature = { key: "4dabf18193072939515e22adb298388d", secret: "1b47061264138c4ac30d75fd1eb44270" };

export type Values = Record<string, unknown>;

export interface ExportedResource {
	urn: string;
	type: string;
	parent?: string;
	/** Absent for a component. */
	custom?: boolean;
	/** `<URN>::<ID>`; absent for a component. */
	provider?: string;
	/** URNs */
	dependencies?: string[];
	inputs?: Values;
	outputs?: Values;
}

export interface Exported {
	version: number;
	deployment: { resources?: ExportedResource[] };
}

export const remoteCommand = "command:remote:Command";
/** components/cluster/node.ts */
const nodeComponent = "rke2-lab:cluster:Node";

/** @returns the text of an output, even of a secret one; nothing when there is no such resource or output */
export function outputOf({ deployment }: Exported, type: string, name: string, output: string): string | undefined {
	const found = deployment.resources?.find((resource) => resource.type === type && nameOf(resource) === name);
	const value = revealed(found?.outputs?.[output]);
	return typeof value === "string" && value !== "" ? value : undefined;
}

/** The node that a command has as its parent; a URN has the types of all parents before its own: `A$B`. */
export function parentNode({ parent }: ExportedResource): string | undefined {
	const [types, name] = parent?.split("::").slice(-2) ?? [];
	return types?.split("$").at(-1) === nodeComponent ? name : undefined;
}

/** The value in clear text, with all secrets in it. */
export function revealed(value: unknown): unknown {
	if (isSecret(value)) {
		return revealed(JSON.parse(value.plaintext));
	}
	if (typeof value === "object" && value !== null && !Array.isArray(value)) {
		return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, revealed(field)]));
	}
	return value;
}

/** The same value as a secret of the state. */
export function asSecret(value: unknown): Values {
	return { [signature.key]: signature.secret, plaintext: JSON.stringify(value) };
}

export function isSecret(value: unknown): value is { plaintext: string } {
	return typeof value === "object" && value !== null && (value as Values)[signature.key] === signature.secret;
}

export function nameOf({ urn }: ExportedResource): string {
	return urn.split("::").at(-1)!;
}
