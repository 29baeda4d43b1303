/** tls:index/privateKey:PrivateKey. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import ssh2 from "ssh2";
import { z } from "zod";
import type { ResourceType, ResourceTypes } from "../resource-type.ts";

const inputs = z.strictObject({
	algorithm: z.enum(["ED25519", "ECDSA", "RSA"]),
	ecdsaCurve: z.enum(["P256", "P384", "P521"]).default("P256"),
	rsaBits: z.number().default(2048),
});

type Inputs = z.output<typeof inputs>;

const privateKey: ResourceType<Inputs> = {
	inputs,
	replaceOn: ["algorithm", "ecdsaCurve", "rsaBits"],
	keepsOutputs: true,
	secretOutputs: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],

	async create({ inputs }) {
		const openssh = generate(inputs);
		const parsed = ssh2.utils.parseKey(openssh.private);
		if (parsed instanceof Error) throw parsed;
		const key = createPrivateKey(parsed.getPrivatePEM());
		const publicKey = createPublicKey(key);
		const pkcs8 = pem(key, "pkcs8");
		// The plugin calls a key by the SHA-1 of its public half.
		const id = createHash("sha1")
			.update(publicKey.export({ type: "spki", format: "der" }))
			.digest("hex");
		return {
			id,
			outputs: {
				privateKeyOpenssh: openssh.private,
				privateKeyPem: { ED25519: () => pkcs8, ECDSA: () => pem(key, "sec1"), RSA: () => pem(key, "pkcs1") }[
					inputs.algorithm
				](),
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

function generate({ algorithm, ecdsaCurve, rsaBits }: Inputs): { private: string; public: string } {
	switch (algorithm) {
		case "ED25519":
			return ssh2.utils.generateKeyPairSync("ed25519");
		case "ECDSA":
			return ssh2.utils.generateKeyPairSync("ecdsa", { bits: Number(ecdsaCurve.slice(1)) as 256 | 384 | 521 });
		case "RSA":
			return ssh2.utils.generateKeyPairSync("rsa", { bits: rsaBits });
	}
}

function pem(key: KeyObject, type: "pkcs1" | "pkcs8" | "sec1"): string {
	return key.export({ type, format: "pem" } as { type: "pkcs8"; format: "pem" }).toString();
}

function md5(publicKey: Buffer): string {
	return createHash("md5")
		.update(publicKey)
		.digest("hex")
		.replace(/..(?=.)/g, "$&:");
}

export const tls: ResourceTypes = { "tls:index/privateKey:PrivateKey": privateKey };
