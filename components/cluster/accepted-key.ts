import * as pulumi from "@pulumi/pulumi";
import { nodeConstants } from "../../src/rke2/node-constants.ts";
import { statusOf } from "./api-answers.ts";
import { connectWith } from "./api-client.ts";

/** A rotation that is not done: nobody can write a Secret. */
export interface Rotation {
	/** `cluster.secretsEncryptionKey`; undefined when an earlier version of the program began the rotation. */
	to: string | undefined;
}

/**
 * Records the name of the key that encrypts Secrets. A hook refuses another name, and none, while a rotation is not done: without its name
 * in the stack file the commands of that rotation would leave the state, and nothing would end the rotation.
 *
 * @param key `cluster.secretsEncryptionKey`
 * @param kubeconfig the administrator's, as the last `up` recorded it. Without it there is no cluster with a key.
 * @returns what everything has to depend on that a refused change must not touch
 */
export function acceptKey(key: string | undefined, kubeconfig: string | undefined): pulumi.Resource {
	const name = "secrets-encryption-key";
	const hooks = kubeconfig === undefined ? [] : [refuseDuringRotation(name, () => rotationIn(kubeconfig))];
	return new pulumi.Stash(name, { input: key ?? "" }, { hooks: { beforeCreate: hooks, beforeUpdate: hooks } });
}

/**
 * Checks also in a preview. When the API does not answer, `up` is refused and keeps the recorded name, with which it can repair the
 * cluster. A preview warns: it often runs where the API cannot be reached.
 *
 * @param name unique in the program
 * @param ask for the rotation that is not done
 */
export function refuseDuringRotation(name: string, ask: () => Promise<Rotation | undefined>): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		async ({ oldInputs, newInputs }) => {
			const [recorded, wanted = ""] = [nameIn(oldInputs), nameIn(newInputs)];
			let rotation: Rotation | undefined;
			try {
				rotation = await ask();
			} catch (error) {
				await explainSilence(error as Error, recorded);
				return;
			}
			if (rotation && rotation.to !== wanted) {
				await refuseOrWarn(rotation, wanted);
			}
		},
		{ onDryRun: true },
	);
}

/** A rotation whose name is unknown may be the wanted one. Under a name that had no commands before, any rotation comes to its end. */
async function refuseOrWarn({ to }: Rotation, wanted: string): Promise<void> {
	const undone = (rotation: string) =>
		`cluster.secretsEncryptionKey: ${rotation} is not done, and until then nobody can write a Secret`;
	if (to !== undefined) {
		throw new Error(
			`${undone(`the rotation to ${to}`)}, so nothing was changed; set the key to ${to}, run \`up\`, and change it afterwards`,
		);
	}
	const anonymous = undone("a rotation that an earlier version of this program began");
	if (wanted === "") {
		throw new Error(`${anonymous}, so nothing was changed; give the key a name that it never had, and run \`up\``);
	}
	await pulumi.log.warn(`${anonymous}; if this is still so after this \`up\`, give the key a name that it never had.`);
}

/** @param recorded undefined in a stack that has recorded no name yet: there is none that could be kept */
async function explainSilence(error: Error, recorded: string | undefined): Promise<void> {
	if (recorded === undefined) {
		return;
	}
	const status = statusOf(error);
	const answer = status === undefined ? error.message : `HTTP ${status}`;
	const unknown = `cluster.secretsEncryptionKey: the Kubernetes API does not say whether the last rotation is done (${answer})`;
	if (!pulumi.runtime.isDryRun()) {
		const former = recorded === "" ? "remove the key" : `set the key to ${recorded} again`;
		throw new Error(`${unknown}, so nothing was changed; ${former}, run \`up\`, and change it when the API answers`);
	}
	await pulumi.log.warn(`${unknown}; \`up\` asks again.`);
}

function nameIn(inputs: Record<string, unknown> | undefined): string | undefined {
	return inputs?.input as string | undefined;
}

/** encryption.sh makes the policy before a rotation, and deletes it when every server has the new key. */
async function rotationIn(kubeconfig: string): Promise<Rotation | undefined> {
	const api = await connectWith(kubeconfig)(({ AdmissionregistrationV1Api }) => AdmissionregistrationV1Api);
	try {
		const { metadata } = await api.readValidatingAdmissionPolicy({ name: nodeConstants.FREEZE });
		return { to: metadata?.annotations?.[nodeConstants.ROTATES_TO] };
	} catch (error) {
		if (statusOf(error) === 404) {
			return undefined;
		}
		throw error;
	}
}
