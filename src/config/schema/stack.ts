/**
 * The schema of a stack file. The types, the editor's JSON schema and docs/configuration.md derive from it; checks/ has the
 * rules that span several keys.
 */
import { z } from "zod";
import { placeholderIn } from "../formats/placeholders.ts";
import { isUnlockedPrivateKey } from "../formats/ssh-keys.ts";
import { access } from "./access.ts";
import { cluster } from "./cluster.ts";
import { address, cidr, dnsName, hostAndPort } from "./formats.ts";
import { gpus, nodes } from "./nodes.ts";
import { platform } from "./platform.ts";
import { inventory, proxmox } from "./proxmox.ts";
import { isRegistryCredentials } from "./registry-credentials.ts";
import { ssh } from "./ssh.ts";

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
		.describe("VLAN tag of the node network. Without it the network interfaces of the VMs have no tag."),
	cidr: cidr.describe("The nodes' network segment."),
	gateway: address,
	nameservers: z.array(address).min(1),
	searchDomain: dnsName
		.optional()
		.describe(
			"Search domain of new nodes for names without a dot. Without it nodes have none, not even that of the Proxmox host. Pods never have it.",
		),
	mtu: z
		.int()
		.min(1280)
		.max(65_520)
		.default(1500)
		.describe(
			"MTU of the node network and of the VMs' network interfaces. The bridge and the switches must support it.",
		),
	timeServers: z
		.array(z.union([address, dnsName], { error: "must be an IPv4 address or a DNS name" }))
		.default([])
		.describe("NTP servers beside those of the image. etcd and certificates need synchronous clocks."),
	plainHttp: z
		.array(hostAndPort)
		.default([])
		.describe(
			"Hosts, with the port when it is not 80, that may serve charts, images or certificates over http. Everybody between them and the cluster can replace what they answer, so every other URL of this kind has to be https.",
		),
});

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
	.refine((text) => placeholderIn(text) === undefined, { error: "must be the secret itself, not a placeholder" });

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
			"RKE2 server token. It also encrypts the cluster's own keys in etcd: you cannot restore a snapshot without it.",
		),
	agentToken: z
		.string()
		.regex(/^[A-Za-z0-9]{32,}$/, { error: "must be at least 32 letters and digits, e.g. from `openssl rand -hex 32`" })
		.optional()
		.describe(
			"RKE2 agent token, with which workers register; a server cannot register with it. Default: calculated from `clusterToken`. A change rolls through all nodes.",
		),
	cloudflareApiToken: secret
		.optional()
		.describe(
			"Cloudflare API token with Zone:Read and DNS:Edit on the zone; required when `platform.certManager.dns01` is `cloudflare`, the default.",
		),
	dns01Secret: secret
		.optional()
		.describe("Secret of the provider in `platform.certManager.dns01`; required when it is not `cloudflare`."),
	ownAuthorityKey: z
		.string()
		.regex(/^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END ([A-Z]+ )?PRIVATE KEY-----\s*$/, {
			error: "must be a private key in PEM form, without a passphrase",
		})
		.optional()
		.describe("Private key of `platform.certManager.ownAuthority`, in PEM form; required with it."),
	bastionKey: z
		.string()
		.refine(isUnlockedPrivateKey, {
			error: "must be a private key in OpenSSH or PEM form, without a passphrase",
		})
		.optional()
		.describe("Private SSH key with which the program logs in on `ssh.bastion`; required with it."),
	registryCredentials: z
		.string()
		.refine(isRegistryCredentials, {
			error: 'must be JSON such as {"harbor.lab.internal":{"username":"robot","password":"..."}}',
		})
		.optional()
		.describe('Credentials of registries and mirrors by host, as JSON: `{"HOST":{"username":"","password":""}}`.'),
	etcdS3AccessKey: secret.optional().describe("Access key of `cluster.etcdSnapshots.s3`; required with it."),
	etcdS3SecretKey: secret.optional().describe("Secret key of `cluster.etcdSnapshots.s3`; required with it."),
});

/** A stack file with every default filled in. */
export type StackConfig = z.output<typeof stackSchema>;
export type NodeConfig = StackConfig["nodes"][string];
export type Secrets = z.output<typeof secretsSchema>;
