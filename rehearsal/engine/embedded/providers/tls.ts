/** tls:index/privateKey:PrivateKey. */
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import ssh2 from "ssh2";
import { z } from "zod";
import type { ResourceType, ResourceTypes } from "../resource-type.ts";

const inputs = z.strictObject({
	algorithm: z.literal("ED25519", { error: "must be ED25519, the only algorithm of the embedded host" }),
});

const privateKey: ResourceType<z.output<typeof inputs>> = {
	inputs,
	replaceOn: ["algorithm"],
	keepsOutputs: true,
	secretOutputs: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],

	async create() {
		const openssh = ssh2.utils.generateKeyPairSync("ed25519");
		const parsed = ssh2.utils.parseKey(openssh.private);
		if (parsed instanceof Error) {
			throw parsed;
		}
		const key = createPrivateKey(parsed.getPrivatePEM());
		const publicKey = createPublicKey(key);
		const pkcs8 = key.export({ type: "pkcs8", format: "pem" }).toString();
		// The plugin calls a key by the SHA-1 of its public half.
		const id = createHash("sha1")
			.update(publicKey.export({ type: "spki", format: "der" }))
			.digest("hex");
		return {
			id,
			outputs: {
				privateKeyOpenssh: openssh.private,
				privateKeyPem: pkcs8,
				privateKeyPemPkcs8: pkcs8,
				publicKeyOpenssh: `${openssh.public}\n`,
				publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
				publicKeyFingerprintMd5: md5(parsed.getPublicSSH()),
				publicKeyFingerprintSha256: `SHA256:${createHash("sha256").update(parsed.getPublicSSH()).digest("base64").replace(/=+$/, "")}`,
			},
		};
	},

	async update({ outputs }) {
		return outputs;
	},

	async delete() {},
};

function md5(publicKey: Buffer): string {
	return createHash("md5")
		.update(publicKey)
		.digest("hex")
		.replace(/..(?=.)/g, "$&:");
}

export const tls: ResourceTypes = { "tls:index/privateKey:PrivateKey": privateKey };
