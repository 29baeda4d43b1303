import { expect, test } from "vitest";
import { differencesOf, withoutKeyHash } from "../../../rehearsal/scenarios/support/portrait.ts";

test("two ends differ in what is missing, what is too much, and what has another content", () => {
	const expected = new Map([
		["Proxmox", "5 VMs, 10 volumes"],
		["file proj-k8sm01:/etc/rancher/rke2/config.yaml", "600 root:root abc"],
		["object v1 ConfigMap default/a", "{}"],
	]);
	const found = new Map([
		["Proxmox", "5 VMs, 11 volumes"],
		["object v1 ConfigMap default/a", "{}"],
		["object v1 ConfigMap default/b", "{}"],
	]);
	expect(differencesOf(expected, found)).toEqual([
		"Proxmox: 5 VMs, 10 volumes / 5 VMs, 11 volumes",
		"missing: file proj-k8sm01:/etc/rancher/rke2/config.yaml",
		"too much: object v1 ConfigMap default/b",
	]);
	expect(differencesOf(expected, expected)).toEqual([]);
});

test("a long content is shown where it differs", () => {
	const long = (word: string) => new Map([["object", `${"a".repeat(500)}${word}${"b".repeat(500)}`]]);
	const [difference] = differencesOf(long("one"), long("two"));
	expect(difference).toBe(`object: ${"a".repeat(60)}one${"b".repeat(57)} / ${"a".repeat(60)}two${"b".repeat(57)}`);
});

test("two rotations of the key for Secrets have one end when all nodes have the same key", () => {
	const after = (...keys: string[]) => {
		const hashes = keys.map((key) => key.repeat(64));
		return withoutKeyHash([
			...hashes.map((hash, node): [string, string] => [
				`object v1 Node /${node}`,
				`{"rke2.io/encryption-config-hash":"reencrypt_finished-${hash}"}`,
			]),
			["resource finish", `encryption.sh finish ${hashes[0]}`],
		]);
	};
	expect(differencesOf(after("a", "a"), after("b", "b"))).toEqual([]);
	expect(differencesOf(after("a", "a"), after("b", "c"))).toHaveLength(1);
});
