/** Rules for rights: a token can have every group, and every namespace exists. */
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkAccess(stack: StackConfig): Problem[] {
	return applyRules(stack, groups, namespaces);
}

function groups({ access }: StackConfig): Problem[] {
	const problems = (key: string, ids: string[]) =>
		eachItem(ids, (id, index) => {
			const message = groupProblem(access.oidc?.issuer, id);
			return message ? [{ key: `access.${key}.${index}`, message }] : [];
		});
	return [
		...problems("clusterAdministrators", access.clusterAdministrators),
		...problems("clusterReaders", access.clusterReaders),
		...eachEntry(access.namespaces, (name, { administrators, editors }) => [
			...problems(`namespaces.${name}.administrators`, administrators),
			...problems(`namespaces.${name}.editors`, editors),
		]),
	];
}

function groupProblem(issuer: string | undefined, id: string): string | undefined {
	if (issuer === undefined) {
		return `the group ${id} has no members without access.oidc, the identity provider.`;
	}
	if (id.startsWith("system:")) {
		return `${id} is a group of Kubernetes itself; name a group of the identity provider.`;
	}
	// Entra puts object ids into its tokens: a binding to the name of a group has no effect.
	if (
		new URL(issuer).hostname === "login.microsoftonline.com" &&
		!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
	) {
		return `must be the object id of an Entra group, in lower case, found ${id}.`;
	}
	return undefined;
}

function namespaces({ access, platform }: StackConfig): Problem[] {
	const known = Object.keys(platform.namespaces);
	return Object.keys(access.namespaces)
		.filter((name) => !known.includes(name))
		.map((name) => ({
			key: `access.namespaces.${name}`,
			message: `is not in platform.namespaces; allowed: ${known.join(", ") || "none"}.`,
		}));
}
