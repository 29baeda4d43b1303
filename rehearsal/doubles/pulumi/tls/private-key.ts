/**
 * tls:index/privateKey:PrivateKey for Ed25519. Behaviour of hashicorp/terraform-provider-tls
 * (internal/provider/resource_private_key.go), which the real plugin bridges.
 */
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import ssh2 from "ssh2";
import { z } from "zod";
import type { ResourceType } from "../provider/resource-type.ts";
import { type Properties, secret, unknownValue } from "../provider/values.ts";
import { newEd25519KeyPair } from "./ed25519.ts";

const secretOutputs = ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"];
const outputNames = [
	...secretOutputs,
	"publicKeyFingerprintMd5",
	"publicKeyFingerprintSha256",
	"publicKeyOpenssh",
	"publicKeyPem",
];

/** Defaults of optional inputs, which are also outputs of an Ed25519 key. */
const inputDefaults = { ecdsaCurve: "P224", rsaBits: 2048 };

export const privateKey: ResourceType = {
	inputs: z.strictObject({
		algorithm: z.literal("ED25519", { error: "must be ED25519, the only algorithm of the double" }),
	}),
	complete: (given) => given,
	replaceOn: ["algorithm"],

	async create({ inputs, preview }) {
		const key = preview ? unknownKey() : newKey();
		return { id: key.id, outputs: { ...inputDefaults, ...inputs, ...withSecrets(key.outputs) } };
	},

	/** Does nothing, because any change replaces the key. */
	async update({ state }) {
		return state;
	},

	async delete() {},
};

function withSecrets(outputs: Properties): Properties {
	const secrets = secretOutputs.map((name) => [name, secret(outputs[name]!)]);
	return { ...outputs, ...Object.fromEntries(secrets) };
}

function unknownKey(): { id: string; outputs: Properties } {
	return { id: "", outputs: Object.fromEntries(outputNames.map((name) => [name, unknownValue])) };
}

function newKey(): { id: string; outputs: Properties } {
	const openssh = newEd25519KeyPair();
	const parsed = ssh2.utils.parseKey(openssh.private);
	if (parsed instanceof Error) {
		throw parsed;
	}
	const key = createPrivateKey(parsed.getPrivatePEM());
	const publicKey = createPublicKey(key);
	const pkcs8 = key.export({ type: "pkcs8", format: "pem" }).toString();
	const sshKey = parsed.getPublicSSH();
	return {
		// The provider's id of a key is the SHA-1 digest of its public half.
		id: createHash("sha1")
			.update(publicKey.export({ type: "spki", format: "der" }))
			.digest("hex"),
		outputs: {
			privateKeyOpenssh: openssh.private,
			privateKeyPem: pkcs8,
			privateKeyPemPkcs8: pkcs8,
			publicKeyFingerprintMd5: createHash("md5")
				.update(sshKey)
				.digest("hex")
				.replace(/..(?=.)/g, "$&:"),
			publicKeyFingerprintSha256: `SHA256:${createHash("sha256").update(sshKey).digest("base64").replace(/=+$/, "")}`,
			publicKeyOpenssh: `${openssh.public}\n`,
			publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
		},
	};
}
