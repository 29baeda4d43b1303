import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { type KubeClient, KubeError } from "../kube/client.ts";
import type { Paths } from "../paths.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";

/** The password that proves that a node is the machine it was: made once, lost with the machine's disk. */
export function nodePassword(paths: Paths): string {
	const stored = readIfPresent(paths.nodePasswordFile)?.trim();
	if (stored) {
		return stored;
	}
	const password = randomBytes(16).toString("hex");
	writeFileAtomically(paths.nodePasswordFile, `${password}\n`, 0o600);
	return password;
}

const SECRETS = "/api/v1/namespaces/kube-system/secrets";
const secretName = (node: string) => `${node}.node-password.rke2`;

interface PasswordSecret {
	metadata: { ownerReferences?: unknown[] };
	data: { hash: string };
}

/**
 * Compares a node's password with the one that its name was first registered with.
 * @returns why the node is refused, or `undefined` when it is accepted
 */
export async function verifyNodePassword(
	kube: KubeClient,
	node: string,
	password: string,
): Promise<string | undefined> {
	const found = await kube.find<PasswordSecret>(`${SECRETS}/${secretName(node)}`);
	if (found === undefined) {
		try {
			await kube.create(SECRETS, {
				apiVersion: "v1",
				kind: "Secret",
				metadata: { name: secretName(node) },
				immutable: true,
				stringData: { hash: hashOf(password, randomBytes(8)) },
			});
			return undefined;
		} catch (error) {
			// Another server stored one in the meantime: that one decides.
			if (error instanceof KubeError && error.status === 409) {
				return verifyNodePassword(kube, node, password);
			}
			throw error;
		}
	}
	const stored = Buffer.from(found.data.hash, "base64").toString("utf8");
	const offered = hashOf(password, Buffer.from(stored.split(":")[1] ?? "", "hex"));
	if (stored.length === offered.length && timingSafeEqual(Buffer.from(stored), Buffer.from(offered))) {
		return undefined;
	}
	return `Node password rejected for ${node}, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry: a rebuilt machine needs its old Node object deleted first`;
}

/** Ties the password to the Node object, so that deleting the Node lets a rebuilt machine register. */
export async function adoptNodePassword(kube: KubeClient, node: { name: string; uid: string }): Promise<void> {
	const path = `${SECRETS}/${secretName(node.name)}`;
	const found = await kube.find<PasswordSecret>(path);
	if (found === undefined || found.metadata.ownerReferences?.length) {
		return;
	}
	const owner = { apiVersion: "v1", kind: "Node", name: node.name, uid: node.uid };
	await kube.patch(path, { metadata: { ownerReferences: [owner] } });
}

function hashOf(password: string, salt: Buffer): string {
	return `$1:${salt.toString("hex")}:${scryptSync(password, salt, 32).toString("hex")}`;
}
