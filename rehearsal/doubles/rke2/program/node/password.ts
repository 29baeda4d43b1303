import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { type KubeClient, KubeError } from "../kube/client.ts";
import type { Paths } from "../paths.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";

/** The password that proves the identity of a node's machine. It is made once and lost with the machine's disk. */
export function nodePassword(paths: Paths): string {
	const stored = readIfPresent(paths.nodePasswordFile)?.trim();
	if (stored) {
		return stored;
	}
	const password = randomBytes(16).toString("hex");
	writeFileAtomically(paths.nodePasswordFile, `${password}\n`, 0o600);
	return password;
}

const secretsPath = "/api/v1/namespaces/kube-system/secrets";
const secretName = (node: string) => `${node}.node-password.rke2`;

/** The next registration under this name stores a password again. */
export async function forgetNodePassword(kube: KubeClient, node: string): Promise<void> {
	await kube.deleteIfPresent(`${secretsPath}/${secretName(node)}`);
}

interface PasswordSecret {
	metadata: { ownerReferences?: unknown[] };
	data: { hash: string };
}

/**
 * Compares a node's password with the password of the first registration under its name.
 * @returns the reason of a refusal, or `undefined` when the node is accepted
 */
export async function verifyNodePassword(
	kube: KubeClient,
	node: string,
	password: string,
): Promise<string | undefined> {
	const found = await kube.find<PasswordSecret>(`${secretsPath}/${secretName(node)}`);
	if (found === undefined) {
		try {
			await kube.create(secretsPath, {
				apiVersion: "v1",
				kind: "Secret",
				metadata: { name: secretName(node) },
				immutable: true,
				stringData: { hash: hashOf(password, randomBytes(8)) },
			});
			return undefined;
		} catch (error) {
			// Another server stored a password in the meantime, which counts.
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

/** Makes the Node the owner of the password, so that a rebuilt machine can register after its Node was deleted. */
export async function adoptNodePassword(kube: KubeClient, node: { name: string; uid: string }): Promise<void> {
	const path = `${secretsPath}/${secretName(node.name)}`;
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
