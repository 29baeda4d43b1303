/**
 * What a stack file may say. The types, the editor's JSON schema and docs/configuration.md derive from this one place;
 * rules that span several keys are in checks/.
 */
import { z } from "zod";
import { placeholderIn } from "../formats/placeholders.ts";
import { isPublicKey } from "../formats/ssh-keys.ts";
import { access } from "./access.ts";
import { cluster } from "./cluster.ts";
import { address, cidr, dnsLabel, dnsName } from "./formats.ts";
import { gpus, nodes } from "./nodes.ts";
import { platform } from "./platform.ts";
import { inventory, proxmox } from "./proxmox.ts";
import { isRegistryCredentials } from "./registry-credentials.ts";

const network = z.strictObject({
	bridge: z
		.string()
		.regex(/^[A-Za-z][A-Za-z0-9_.-]{0,14}$/, {
			error: "must be the name of a bridge of at most 15 characters such as vmbr0",
		})
		.default("vmbr0")
		.describe("Proxmox bridge of the node network."),
	vlan: z
		.int()
		.min(1)
		.max(4094)
		.optional()
		.describe("VLAN tag of the node network; without it the machines' cards have none."),
	cidr: cidr.describe("The nodes' network segment."),
	gateway: address,
	nameservers: z.array(address).min(1),
	searchDomain: dnsName
		.optional()
		.describe(
			"Where new nodes look for names without a dot; without it nowhere, whatever domain the Proxmox host is in. Pods never look there.",
		),
	mtu: z
		.int()
		.min(1280)
		.max(65_520)
		.default(1500)
		.describe("MTU of the node network, which bridge and switches have to carry: the machines' cards get it."),
	timeServers: z
		.array(z.union([address, dnsName], { error: "must be an IPv4 address or a DNS name" }))
		.default([])
		.describe("NTP servers, beside those of the image; etcd and certificates need clocks that agree."),
});

const ssh = z
	.strictObject({
		user: z
			.string()
			.regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: "must be a Linux user name of at most 32 characters such as ops" })
			.default("ops")
			.describe(
				"Account that cloud-init creates on the nodes, with a name that they do not have yet; the program works through it with sudo.",
			),
		bootTimeoutSeconds: z
			.int()
			.min(10)
			.max(86_400)
			.default(600)
			.describe("How long a new machine may take to answer SSH before `up` gives up on it."),
		authorizedKeys: z
			.array(
				z
					.string()
					.regex(/^(ssh-ed25519|ecdsa-sha2-\S+|ssh-rsa|sk-\S+) \S+/, {
						error: "must be an OpenSSH public key",
						abort: true,
					})
					.refine(isPublicKey, { error: "must be an OpenSSH public key, whole as it stands in its .pub file" }),
			)
			.default([])
			.describe("Further public keys that may log in, beside the one that the program makes for itself."),
		hostKeys: z
			.record(
				dnsLabel,
				z
					.string()
					.regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) \S+$/, {
						error: "must be an ed25519 or ecdsa host key in OpenSSH form without a comment",
						abort: true,
					})
					.refine(isPublicKey, { error: "must be an OpenSSH host key, whole as ssh-keyscan prints it" }),
			)
			.default({})
			.describe(
				"Known SSH host keys by node; the others are learned when the machine is new, and pinned from then on.",
			),
		hostKeySource: z
			.enum(["first-contact", "guest-agent"])
			.default("first-contact")
			.describe(
				"Who says which host key a new machine has: whoever answers at its address, or Proxmox, which asks the machine's guest agent. The image then has to bring `qemu-guest-agent`, which stock cloud images do not.",
			),
	})
	.prefault({});

export const stackSchema = z.strictObject({
	access,
	cluster,
	inventory,
	proxmox,
	network,
	ssh,
	nodes,
	gpus,
	platform,
});

const secret = z
	.string()
	.min(1)
	.refine((text) => placeholderIn(text) === undefined, { error: "must be the secret itself, and not a placeholder" });

/** Secret values, one configuration key each, set with `pulumi config set --secret`. */
export const secretsSchema = z.strictObject({
	proxmoxApiToken: z
		.string()
		.regex(/^[^\s!]+@[^\s@!]+![^\s=]+=[a-zA-Z0-9-]+$/, { error: "must have the form user@realm!name=uuid" })
		.describe("Proxmox API token: `user@realm!name=uuid`."),
	clusterToken: z
		.string()
		.regex(/^[A-Za-z0-9]{32,}$/, { error: "must be at least 32 letters and digits, e.g. from `openssl rand -hex 32`" })
		.describe(
			"RKE2 server token. Also encrypts the cluster's own keys in etcd: without it no snapshot can be restored.",
		),
	agentToken: z
		.string()
		.regex(/^[A-Za-z0-9]{32,}$/, { error: "must be at least 32 letters and digits, e.g. from `openssl rand -hex 32`" })
		.optional()
		.describe(
			"RKE2 agent token, by which workers register, and which is no server's. Calculated from `clusterToken` where it is missing; another one rolls through all nodes.",
		),
	cloudflareApiToken: secret
		.optional()
		.describe(
			"Cloudflare API token with Zone:Read and DNS:Edit on the zone; needed where `platform.certManager.dns01` is `cloudflare`, its default.",
		),
	dns01Secret: secret
		.optional()
		.describe("What `platform.certManager.dns01` names as the provider's secret; needed where it is not `cloudflare`."),
	ownAuthorityKey: z
		.string()
		.regex(/^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END ([A-Z]+ )?PRIVATE KEY-----\s*$/, {
			error: "must be a private key in PEM form, without a passphrase",
		})
		.optional()
		.describe("Private key of `platform.certManager.ownAuthority`, in PEM form; needed with it."),
	registryCredentials: z
		.string()
		.refine(isRegistryCredentials, {
			error: 'must be JSON such as {"harbor.lab.internal":{"username":"robot","password":"..."}}',
		})
		.optional()
		.describe('Credentials of registries and mirrors by host, as JSON: `{"HOST":{"username":"","password":""}}`.'),
	etcdS3AccessKey: secret.optional().describe("Access key of `cluster.etcdSnapshots.s3`; needed with it."),
	etcdS3SecretKey: secret.optional().describe("Secret key of `cluster.etcdSnapshots.s3`; needed with it."),
});

/** A stack file with every default filled in. */
export type StackConfig = z.output<typeof stackSchema>;
export type NodeConfig = StackConfig["nodes"][string];
export type Secrets = z.output<typeof secretsSchema>;
