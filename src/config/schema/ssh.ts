/** The section `ssh`: how the program reaches the nodes. */
import { z } from "zod";
import { isPublicKey } from "../formats/ssh-keys.ts";
import { dnsLabel, hostAndPort } from "./formats.ts";

const userName = z
	.string()
	.regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: "must be a Linux user name of at most 32 characters such as ops" });

const hostKey = z
	.string()
	.regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) \S+$/, {
		error: "must be an ed25519 or ecdsa host key in OpenSSH form without a comment",
		abort: true,
	})
	.refine(isPublicKey, { error: "must be a whole OpenSSH host key, as ssh-keyscan prints it" });

const bastion = z
	.strictObject({
		host: hostAndPort.describe("Name or address of the bastion, with its port when it is not 22."),
		user: userName.describe(
			"Account on the bastion. It needs no shell, only the forwarding of connections to SSH on the nodes.",
		),
		hostKey: hostKey.describe("SSH host key of the bastion. The program learns none there."),
	})
	.optional()
	.describe(
		"SSH server through which the program reaches the nodes when the workstation does not reach them itself. The secret `bastionKey` belongs to it.",
	);

export const ssh = z
	.strictObject({
		user: userName
			.default("ops")
			.describe(
				"Account that cloud-init creates on the nodes, so its name must be new there. The program logs in with it and uses sudo.",
			),
		bootTimeoutSeconds: z.int().min(10).max(86_400).default(600).describe("Timeout for a new VM to answer by SSH."),
		authorizedKeys: z
			.array(
				z
					.string()
					.regex(/^(ssh-ed25519|ecdsa-sha2-\S+|ssh-rsa|sk-\S+) \S+/, {
						error: "must be an OpenSSH public key",
						abort: true,
					})
					.refine(isPublicKey, { error: "must be a whole OpenSSH public key, as its .pub file has it" }),
			)
			.default([])
			.describe("Public keys that may log in, beside the key that the program creates for itself."),
		hostKeys: z
			.record(dnsLabel, hostKey)
			.default({})
			.describe("SSH host keys that you know, by node. The program learns the others from the new VM, and pins them."),
		addresses: z
			.record(dnsLabel, hostAndPort)
			.default({})
			.describe(
				"Names or addresses at which the workstation, or the bastion if there is one, reaches SSH on nodes, by node, with the port when it is not 22: behind NAT, or in the network of a VPN. The others are reached at `nodes.<name>.address`, on port 22.",
			),
		hostKeySource: z
			.enum(["first-contact", "guest-agent"])
			.default("first-contact")
			.describe(
				"Where the program learns the host key of a new VM. `first-contact` trusts the first answer at its address. `guest-agent` asks Proxmox, which asks the guest agent of the VM; the image must then have `qemu-guest-agent`, which stock cloud images have not.",
			),
		bastion,
	})
	.prefault({});
