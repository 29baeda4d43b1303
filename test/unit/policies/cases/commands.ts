/** Rules that compare the commands of a stack with each other. */
import { type Given, unknown } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

export const machine = (name: string, role = "control-plane"): Given => ({
	type: "proxmoxve:index/vmLegacy:VmLegacy",
	name,
	props: { tags: [role] },
});
export const connection = {
	host: "10.1.2.3",
	port: 22,
	user: "ops",
	hostKey: "ssh-ed25519 AAAA",
	privateKey: "key of the program",
};

/** @param line the script with its arguments */
const command = (name: string, line: string, props: object = {}, ignoreChanges: string[] = []): Given => ({
	type: "command:remote:Command",
	name,
	props: { connection, create: `sudo -n timeout --kill-after=10 60 /usr/local/lib/rke2-lab/${line}`, ...props },
	ignoreChanges,
});
const at = (host: string, more: object = {}) => ({ connection: { ...connection, host, ...more } });
const past = ["create", "stdin", "connection"];
const release = "https://example.org/v1.35.7/rke2.tar.gz 00ff 0 0";
const prepare = (node: string, host: string, line = `agent v1.35.7+rke2r1 ${release}`) =>
	command(`${node}-prepare`, `prepare.sh ${node} ${line}`, at(host));
export const tokens = (node: string, stdin: string, role = "server", host = "10.1.2.3") =>
	command(`${node}-token`, `token.sh ${node} ${role} abc`, { ...at(host), stdin });
export const registries = (node: string, host: string, mirror: string) =>
	command(`${node}-registries`, `registries.sh ${node}`, { ...at(host), stdin: `mirrors: {"*": ${mirror}}\n` });
const equal = "take it from the stack file for both.";
const reach = "make them equal, or run `npm run reach` after a change of the stack file.";

const signature = `X-Amz-Expires=43200&X-Amz-Signature=${"a".repeat(64)}`;
const download = (origin: string, authority = ""): Given => ({
	type: "command:remote:Command",
	name: "m1-daily-check-restore",
	props: { connection, stdin: `${origin}/object?${signature}\n${origin}/list?${signature}\n${authority}` },
});
const store = (values: Record<string, string>): Given => ({
	type: "kubernetes:core/v1:Secret",
	name: "rke2-etcd-snapshot-store",
	props: {
		stringData: Object.fromEntries(Object.entries(values).map(([key, value]) => [`etcd-s3-${key}`, value])),
	},
});
const encoded = (secret: Given): Given => ({
	...secret,
	props: {
		data: Object.fromEntries(
			Object.entries(secret.props.stringData as Record<string, string>).map(([key, value]) => [key, btoa(value)]),
		),
	},
});

export const commandCases: CaseTable = {
	"rke2-equal-commands": {
		accepts: {
			"commands of two nodes, each with its own address": [
				...[machine("m1"), machine("w1", "worker")],
				...[tokens("m1", "agent\nserver"), tokens("w1", "agent", "agent", "10.1.2.7")],
				...[prepare("w1", "10.1.2.7"), registries("m1", "10.1.2.3", "a"), registries("w1", "10.1.2.7", "a")],
			],
			"a connection, a command line and tokens that are still unknown": [
				...[machine("m1"), machine("m2")],
				command("m1-token", "token.sh m1 server", { ...at("10.1.2.3", { hostKey: unknown }), stdin: unknown }),
				command("m1-join", "join.sh m1 server v1.35.7+rke2r1", at("10.1.2.3", { privateKey: unknown })),
				command("m2-token", "", { create: unknown, ...at("10.1.2.4"), stdin: "agent\nserver" }),
			],
			"a restore and a rotation, which have the names of a snapshot and a key": [
				machine("m1"),
				command("m1-daily-1-check-restore", "restore.sh m1 check daily-1"),
				command("m1-2026-follow-encryption", "encryption.sh m1 follow"),
				command("cluster-2026-rotate-encryption", "encryption.sh m1 rotate"),
			],
			"a rotation on a machine that was made anew afterwards, with another host key": [
				...[machine("m1"), command("m1-toolkit", "a.sh m1", at("10.1.2.3", { hostKey: "ssh-ed25519 BBBB" }))],
				command("m1-2026-follow-encryption", "encryption.sh m1 follow"),
			],
			"the seed of a server that is gone, and a join with the release of its day": [
				machine("m2"),
				command("cluster-seed", "seed.sh m1 v1.34.1+rke2r1 10.1.2.29", at("10.1.2.9"), past),
				command("m2-join", "join.sh m2 server v1.34.1+rke2r1", {}, past),
				command("m2-converge", "converge.sh m2 server v1.35.7+rke2r1 4 8 50 120 60"),
			],
		},
		refuses: {
			"a command of no machine": [
				[machine("m1"), command("x-token", "token.sh m1 server")],
				"x-token: x-token belongs to no machine of the stack; begin its name with that of the machine.",
			],
			"another host, bastion and host key in one command each": [
				[
					machine("m1"),
					command("m1-toolkit", "bash.sh"),
					command("m1-token", "token.sh m1 server", at("203.0.113.9")),
					command("m1-join", "join.sh m1 server v1", at("10.1.2.3", { proxy: { host: "203.0.113.9" } })),
					command("m1-converge", "converge.sh m1 server v1", at("10.1.2.3", { hostKey: "ssh-ed25519 BBBB" })),
				],
				`m1-token: m1-toolkit and m1-token differ in their host; ${reach}`,
				`m1-converge: m1-toolkit and m1-converge differ in their host key; ${reach}`,
				`m1-join: m1-toolkit and m1-join differ in their bastion; ${reach}`,
			],
			"a rotation on another host": [
				[
					...[machine("m1"), command("m1-toolkit", "a.sh m1")],
					command("m1-2026-follow-encryption", "encryption.sh m1 follow", at("203.0.113.9")),
				],
				`m1-2026-follow-encryption: m1-toolkit and m1-2026-follow-encryption differ in their host; ${reach}`,
			],
			"one machine for two nodes": [
				[machine("m1"), machine("m2"), command("m1-toolkit", "a.sh m1"), command("m2-toolkit", "a.sh m2")],
				"m2-toolkit: The commands of m1 and of m2 reach one machine; give each its own address.",
			],
			"a seed elsewhere, and a rotation on a machine of nobody": [
				[
					...[machine("m1"), command("m1-toolkit", "a.sh m1")],
					command("cluster-seed-token", "token.sh m1 server", at("203.0.113.9"), past),
					command("cluster-1-rotate-encryption", "encryption.sh m9 rotate", at("203.0.113.9")),
				],
				"cluster-seed-token: cluster-seed-token reaches another machine than m1; make its connection equal.",
				"cluster-1-rotate-encryption: cluster-1-rotate-encryption reaches another machine than m9; make its connection equal.",
			],
			"the name of another node, and the role of a server on a worker": [
				[machine("w1", "worker"), command("w1-token", "token.sh m1 server")],
				"w1-token: w1-token is about the node m1; the only one allowed is w1.",
				"w1-token: w1-token has the role server; the machine w1 is tagged as agent.",
			],
			"another release, address or digest on one node": [
				[
					...[machine("w1", "worker"), machine("w2", "worker"), machine("w3", "worker"), machine("w4", "worker")],
					...[prepare("w1", "10.1.2.3"), prepare("w2", "10.1.2.4", `agent v1.21.1+rke2r1 ${release}`)],
					prepare("w3", "10.1.2.5", "agent v1.35.7+rke2r1 https://mallory.example/rke2.tar.gz 00ff 0 0"),
					prepare("w4", "10.1.2.6", `agent v1.35.7+rke2r1 ${release.replace("00ff", "ff00")}`),
				],
				`w2-prepare: w1-prepare and w2-prepare differ in the release of RKE2; ${equal}`,
				`w3-prepare: w1-prepare and w3-prepare differ in the address of the release; ${equal}`,
				`w4-prepare: w1-prepare and w4-prepare differ in the digest of the release; ${equal}`,
			],
			"another proxy and other exceptions to it on one node": [
				[
					...[machine("w1", "worker"), machine("w2", "worker"), machine("w3", "worker")],
					prepare("w1", "10.1.2.3", `agent v1.35.7+rke2r1 ${release} http://proxy.lab:3128 .lab`),
					command(
						"w2-preflight",
						"preflight.sh w2 10.1.2.4 eth0 v1.35.7+rke2r1 https://example.org/v1.35.7/rke2.tar.gz none none a=b http://mallory.example:3128 .lab",
						at("10.1.2.4"),
					),
					prepare("w3", "10.1.2.5", `agent v1.35.7+rke2r1 ${release} http://proxy.lab:3128 .lab,mallory.example`),
				],
				`w2-preflight: w1-prepare and w2-preflight differ in the proxy for the release; ${equal}`,
				`w3-prepare: w1-prepare and w3-prepare differ in the exceptions to the proxy; ${equal}`,
			],
			"another mirror on one node, and other tokens": [
				[
					...[machine("m1"), machine("m2"), machine("w1", "worker")],
					...[registries("m1", "10.1.2.3", "a"), registries("m2", "10.1.2.4", "b")],
					...[tokens("m1", "agent\nserver"), tokens("m2", "agent\nother", "server", "10.1.2.4")],
					tokens("w1", "server", "agent", "10.1.2.7"),
				],
				`m2-registries: m1-registries and m2-registries differ in the image registries; ${equal}`,
				`w1-token: m1-token and w1-token differ in the agent token; ${equal}`,
				`m2-token: m1-token and m2-token differ in the server token; ${equal}`,
			],
			"a token that goes to a server of any authority": [
				[
					...[machine("m1"), machine("m2")],
					...[tokens("m1", "agent\nserver"), command("m2-token", "token.sh m2 server", at("10.1.2.4"))],
				],
				`m2-token: m1-token and m2-token differ in the hash of the authority; ${equal}`,
			],
			"a server that may change without its snapshot in the S3 store": [
				[
					...[machine("m1"), machine("m2"), machine("w1", "worker")],
					command("m1-token", "token.sh m1 server abc '' required"),
					command("m1-converge", "converge.sh m1 server v1.35.7+rke2r1 4 8 50 120 60 00ff '' required"),
					command("m2-converge", "converge.sh m2 server v1.35.7+rke2r1 4 8 50 120 60 00ff", at("10.1.2.4")),
					command("w1-converge", "converge.sh w1 agent v1.35.7+rke2r1 4 8 50 120 60 00ff", at("10.1.2.7")),
				],
				`m2-converge: m1-token and m2-converge differ in the demand on the S3 store; ${equal}`,
			],
			"the token of a server for a worker, whose command line is still unknown": [
				[
					...[machine("m1"), machine("w1", "worker"), tokens("m1", "agent\nserver")],
					command("w1-token", "", { create: unknown, ...at("10.1.2.7"), stdin: "agent\nserver" }),
				],
				"w1-token: w1-token has more than the agent token; a worker gets no token of a server.",
			],
			"one token for servers and for agents": [
				[machine("m1"), tokens("m1", "same\nsame")],
				"m1-token: m1-token has one token for servers and for agents; give each its own.",
			],
		},
	},
	"rke2-restore-store": {
		accepts: {
			"the store, by the path and by the name of the bucket": [
				store({ endpoint: "s3.lab:9000", bucket: "b", "endpoint-ca": "PEM\n" }),
				download("https://s3.lab:9000", "PEM"),
				{ ...download("https://b.s3.lab:9000", "PEM"), name: "m2-daily-check-restore" },
			],
			"a store whose Secret is encoded, without TLS": [
				encoded(store({ endpoint: "s3.lab", bucket: "b", insecure: "true" })),
				download("http://s3.lab"),
			],
			"the region behind the common endpoint of Amazon": [
				store({ endpoint: "s3.amazonaws.com", bucket: "b", region: "eu-west-1" }),
				download("https://b.s3.eu-west-1.amazonaws.com"),
			],
		},
		refuses: {
			"another store, another authority, and no TLS": [
				[
					store({ endpoint: "s3.lab", bucket: "b", "endpoint-ca": "PEM" }),
					download("https://mallory.example", "PEM"),
					{ ...download("http://s3.lab", "PEM"), name: "m2-daily-check-restore" },
					{ ...download("https://s3.lab", "OTHER"), name: "m3-daily-check-restore" },
				],
				"m1-daily-check-restore: m1-daily-check-restore downloads a snapshot from https://mallory.example; allowed is https://s3.lab or https://b.s3.lab, the store of rke2-etcd-snapshot-store.",
				"m2-daily-check-restore: m2-daily-check-restore downloads a snapshot from http://s3.lab; allowed is https://s3.lab or https://b.s3.lab, the store of rke2-etcd-snapshot-store.",
				"m3-daily-check-restore: m3-daily-check-restore trusts another authority than rke2-etcd-snapshot-store has; make them equal.",
			],
			"a store that the stack does not have": [
				[download("https://s3.lab")],
				"m1-daily-check-restore: m1-daily-check-restore downloads a snapshot from https://s3.lab; the stack has no store for snapshots.",
			],
		},
	},
};
