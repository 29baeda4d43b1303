import { describe, expect, test } from "vitest";
import { labStack } from "../../../fixtures/lab.ts";
import { controlPlanes, Recording, recording, serverKubeconfig, workers } from "./cluster-recording.ts";

const key = "2026-11";
const stack = labStack({ cluster: { secretsEncryptionKey: key } });
const rotation = await Recording.of(stack, undefined, undefined, undefined, serverKubeconfig);
const [first, ...others] = controlPlanes;
const rotate = `cluster-${key}-rotate-encryption`;
const finish = `cluster-${key}-finish-encryption`;
const follow = (node: string) => `${node}-${key}-follow-encryption`;
const commandLine = (name: string, from = rotation) => from.command(name).inputs.create as string;

describe("a rotation of the key that encrypts Secrets", () => {
	test("begins when every node is as the stack file wants it, and reaches one server after another", () => {
		for (const node of [...controlPlanes, ...workers]) {
			expect(rotation.isAfter(rotate, `${node}-converge`)).toBe(true);
		}
		const order = [rotate, ...others.map(follow), finish];
		for (const [index, name] of order.slice(1).entries()) {
			expect(rotation.isAfter(name, order[index]!)).toBe(true);
		}
	});

	test("ends before the cluster counts as ready, so that no Secret of the program is refused", () => {
		expect(rotation.cluster.ready).toHaveLength(recording.cluster.ready.length + 1);
	});

	test("gives the digest of the first phase to the others", () => {
		expect(commandLine(rotate)).toMatch(new RegExp(`encryption\\.sh ${first} rotate v1\\.35\\.7\\+rke2r1 ${key}$`));
		for (const node of others) {
			expect(commandLine(follow(node))).toMatch(
				new RegExp(` ${node} follow v1\\.35\\.7\\+rke2r1 'stdout of ${rotate}'$`),
			);
		}
		expect(commandLine(finish)).toMatch(new RegExp(` ${first} finish v1\\.35\\.7\\+rke2r1 'stdout of ${rotate}'$`));
	});

	test("runs once, whatever changes later", () => {
		const commands = rotation.resources.filter(({ name }) => name.endsWith("-encryption"));
		expect(commands).toHaveLength(controlPlanes.length + 1);
		for (const { ignoreChanges } of commands) {
			expect(ignoreChanges).toEqual(["create", "connection"]);
		}
	});

	test("does nothing on a cluster that is made with the key", async () => {
		expect(commandLine(rotate, await Recording.of(stack))).toMatch(/ 2026-11 new$/);
	});

	test("demands the snapshot in the S3 store when the stack file says so, and not of a new cluster", async () => {
		const s3 = { endpoint: "s3.internal", bucket: "backups", required: true };
		const required = labStack({ cluster: { secretsEncryptionKey: key, etcdSnapshots: { s3 } } });
		const running = await Recording.of(required, undefined, undefined, undefined, serverKubeconfig);
		expect(commandLine(rotate, running)).toMatch(/ 2026-11 required$/);
		expect(commandLine(rotate, await Recording.of(required))).toMatch(/ 2026-11 new$/);
	});

	test("is not there without the key of the stack file", () => {
		expect(recording.resources.filter(({ name }) => name.endsWith("-encryption"))).toEqual([]);
	});
});
