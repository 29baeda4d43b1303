import { describe, expect, test } from "vitest";
import { differences, record } from "../../../../src/reach/differences.ts";
import type { Connection } from "../../../../src/ssh/connection.ts";
import { type Exported, outputOf } from "../../../../src/state/exported.ts";

const secret = (value: unknown) => ({
	"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
	plaintext: JSON.stringify(value),
});
const way = (host: string, change: Partial<Connection> = {}): Connection => ({
	host,
	port: 22,
	user: "ops",
	privateKey: "old key",
	hostKey: `ssh-ed25519 of-${host}`,
	dialErrorLimit: 20,
	perDialTimeout: 15,
	...change,
});
/** As the plugin records it: the whole is a secret, and the private key in it is one as well. */
const kept = ({ privateKey, ...others }: Connection) => secret({ ...others, privateKey: secret(privateKey) });

/** @param node none for a command of the cluster itself */
const command = (name: string, connection: Connection, node?: string) => ({
	urn: `urn:pulumi:lab::rke2-lab::command:remote:Command::${name}`,
	type: "command:remote:Command",
	parent: `urn:pulumi:lab::rke2-lab::rke2-lab:cluster:Rke2Cluster${node ? `$rke2-lab:cluster:Node::${node}` : "::cluster"}`,
	inputs: { create: "true", connection: kept(connection) },
	outputs: { create: "true", connection: kept(connection), stdout: "" },
});

function stateOf(...commands: ReturnType<typeof command>[]): Exported {
	const key = {
		urn: "urn:pulumi:lab::rke2-lab::tls:index/privateKey:PrivateKey::ssh",
		type: "tls:index/privateKey:PrivateKey",
		outputs: { privateKeyOpenssh: secret("old key"), publicKeyOpenssh: "ssh-ed25519 old" },
	};
	return { version: 3, deployment: { resources: [key, ...commands] } };
}

function state(): Exported {
	return stateOf(
		command("w01-join", way("10.0.0.7"), "w01"),
		command("m01-join", way("10.0.0.4"), "m01"),
		command("cluster-seed", way("10.0.0.4")),
		command("w01-converge", way("10.0.0.7"), "w01"),
	);
}

describe("a state", () => {
	test("has no differences when nothing has changed", () => {
		expect(differences(state(), new Map([["w01", way("10.0.0.7")]]))).toEqual([]);
	});

	test("has differences by node, with the changed parts and the number of commands", () => {
		const wanted = new Map([
			["m01", way("10.0.0.4", { user: "admin", privateKey: "new key" })],
			["w01", way("10.0.0.7", { hostKey: "ssh-ed25519 new" })],
			["w02", way("10.0.0.8")],
		]);
		expect(differences(state(), wanted)).toMatchObject([
			{ node: "m01", what: ["user", "SSH key"], count: 2, recorded: way("10.0.0.4") },
			{ node: "w01", what: ["host key"], count: 2 },
		]);
	});

	test("gets new connections in inputs and outputs, with secrets as secrets and nothing else changed", () => {
		const wanted = way("10.0.0.7", { hostKey: "ssh-ed25519 new", privateKey: "new key" });
		const exported = state();
		record(differences(exported, new Map([["w01", wanted]])));
		const expected = state();
		for (const { urn, inputs, outputs } of expected.deployment.resources!) {
			if (urn.includes("::w01-")) {
				inputs!.connection = kept(wanted);
				outputs!.connection = kept(wanted);
			}
		}
		expect(opened(exported)).toEqual(opened(expected));
		expect(differences(exported, new Map([["w01", wanted]]))).toEqual([]);
	});

	test("has another address or port of a node as one difference, also for the commands of the cluster on that node", () => {
		const exported = state();
		const changeTo = (m01: Connection, w01: Connection) => {
			const wanted = new Map([
				["m01", m01],
				["w01", w01],
			]);
			const found = differences(exported, wanted);
			record(found);
			expect(differences(exported, wanted)).toEqual([]);
			return found.map(({ node, what, count }) => [node, what, count]);
		};
		const [one, other] = [way("10.0.0.4").hostKey, way("10.0.0.7").hostKey];
		const nat = (port: number, hostKey: string) => way("192.168.7.4", { port, hostKey });
		expect(changeTo(nat(2204, one), way("10.0.0.7"))).toEqual([["m01", ["address"], 2]]);
		expect(changeTo(nat(2204, one), nat(2207, other))).toEqual([["w01", ["address"], 2]]);
		// The ports of the two change places.
		expect(changeTo(nat(2207, one), nat(2204, other))).toEqual([
			["m01", ["address"], 2],
			["w01", ["address"], 2],
		]);
		const seed = exported.deployment.resources!.find(({ urn }) => urn.endsWith("::cluster-seed"));
		expect(opened(seed!.inputs!.connection)).toMatchObject({ plaintext: { port: 2207, hostKey: one } });
		expect(changeTo(way("10.0.0.4"), way("10.0.0.7"))).toHaveLength(2);
		expect(opened(exported)).toEqual(opened(state()));
	});

	describe("of two servers whose ports have changed places, and a step that is new since then", () => {
		const nat = (node: string, port: number) => way("192.168.7.4", { port, hostKey: `ssh-ed25519 of-${node}` });
		const wanted = new Map([
			["m01", nat("m01", 2205)],
			["m02", nat("m02", 2204)],
		]);
		const withSeedAt = (seed: Connection) =>
			stateOf(
				command("m01-join", nat("m01", 2204), "m01"),
				command("m02-join", nat("m02", 2205), "m02"),
				command("m01-new", nat("m01", 2205), "m01"),
				command("m02-new", nat("m02", 2204), "m02"),
				command("cluster-seed", seed),
			);
		const recordedSeed = (exported: Exported) =>
			opened(exported.deployment.resources!.find(({ urn }) => urn.endsWith("::cluster-seed"))!.inputs!.connection);

		test("gives a command of the cluster to the server with its host key", () => {
			const exported = withSeedAt(nat("m01", 2204));
			const found = differences(exported, wanted);
			expect(found.map(({ node, count }) => [node, count])).toEqual([
				["m01", 2],
				["m02", 1],
			]);
			record(found);
			expect(recordedSeed(exported)).toMatchObject({ plaintext: { port: 2205, hostKey: "ssh-ed25519 of-m01" } });
			expect(differences(exported, wanted)).toEqual([]);
		});

		test("gives it to none when two servers have its address, and none has its host key", () => {
			const exported = withSeedAt(nat("an earlier machine", 2204));
			record(differences(exported, wanted));
			expect(recordedSeed(exported)).toEqual(opened(kept(nat("an earlier machine", 2204))));
		});
	});

	test("has a new host key of a machine that was replaced also for a command of the cluster at its address", () => {
		const now = way("10.0.0.4", { hostKey: "ssh-ed25519 new" });
		const exported = stateOf(command("m01-join", now, "m01"), command("cluster-seed", way("10.0.0.4")));
		expect(differences(exported, new Map([["m01", now]]))).toMatchObject([
			{ node: "m01", what: ["host key"], count: 1 },
		]);
	});

	test("has the bastion that comes, changes or goes as one difference, with its key as a secret", () => {
		const bastion = { ...way("10.25.10.8"), user: "jump", privateKey: "its key" };
		const exported = state();
		const changeTo = (proxy: Connection["proxy"]) => {
			const wanted = new Map([["w01", way("10.0.0.7", proxy && { proxy })]]);
			const found = differences(exported, wanted);
			record(found);
			expect(differences(exported, wanted)).toEqual([]);
			return found.map(({ what, count }) => [what, count]);
		};
		expect(changeTo(bastion)).toEqual([[["bastion"], 2]]);
		const { inputs } = exported.deployment.resources!.find(({ urn }) => urn.endsWith("::w01-join"))!;
		expect(opened(inputs!.connection)).toMatchObject({
			plaintext: { proxy: { host: "10.25.10.8", privateKey: { plaintext: "its key" } } },
		});
		expect(changeTo({ ...bastion, privateKey: "another key" })).toEqual([[["bastion"], 2]]);
		expect(changeTo({ ...bastion, privateKey: "another key" })).toEqual([]);
		expect(changeTo(undefined)).toEqual([[["bastion"], 2]]);
		expect(opened(exported)).toEqual(opened(state()));
	});

	test("gives the outputs in clear text", () => {
		const type = "tls:index/privateKey:PrivateKey";
		expect(outputOf(state(), type, "ssh", "privateKeyOpenssh")).toBe("old key");
		expect(outputOf(state(), type, "ssh", "publicKeyOpenssh")).toBe("ssh-ed25519 old");
		expect(outputOf(state(), type, "other", "publicKeyOpenssh")).toBeUndefined();
	});
});

/** Equal up to the order of keys in the texts of secrets. */
function opened(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value), (key, inner) => (key === "plaintext" ? opened(JSON.parse(inner)) : inner));
}
