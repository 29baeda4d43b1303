/** Runs the administrator's script against a double of pveum, which records its calls. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { StackConfig } from "../../../../src/config/schema/stack.ts";
import { accessScript } from "../../../../src/proxmox/access-script.ts";
import { proxmoxAccess, tokenId } from "../../../../src/proxmox/privileges.ts";
import { labStack } from "../../../fixtures/lab.ts";

const execute = promisify(execFile);
const functions = readFileSync(new URL("../../../../src/proxmox/scripts/access.sh", import.meta.url), "utf8");
const pveum = fileURLToPath(new URL("../../../fixtures/pveum/pveum.sh", import.meta.url));
const secret = "22222222-2222-2222-2222-222222222222";
const user = "rke2-astronomy-lab@pve";

const ownMapping = { path: "0000:0b:00", id: "10de:24b0", subsystemId: "10de:14ad", iommuGroup: 21 };
const everything = labStack({
	proxmox: { startOrder: true, pool: "rke2" },
	gpus: { "rtx-a4000": { device: ownMapping } },
});

/** A Proxmox host with `pveum` only. */
class Host {
	readonly #directory = mkdtempSync(join(tmpdir(), "proxmox-access-"));

	constructor() {
		symlinkSync(pveum, join(this.#directory, "pveum"));
		onTestFinished(() => rmSync(this.#directory, { recursive: true }));
	}

	/** @returns the output of the script */
	async run(stack: StackConfig): Promise<string> {
		const script = join(this.#directory, "access.sh");
		writeFileSync(script, accessScript(functions, proxmoxAccess(stack)));
		return (await execute("bash", [script], { env: this.#environment })).stdout;
	}

	async pveum(...words: string[]): Promise<void> {
		await execute(pveum, words, { env: this.#environment });
	}

	/** The changes since the last call. */
	takeChanges(): string[] {
		const changes = this.lines("changes");
		writeFileSync(join(this.#directory, "changes"), "");
		return changes;
	}

	/** Records of pveum: `PATH ROLE USER PROPAGATE`, `ROLE PRIVILEGES`, `USER TOKEN PRIVSEP`. */
	lines(file: "acl" | "roles" | "tokens" | "users" | "changes"): string[] {
		return readFileSync(join(this.#directory, file), "utf8").trimEnd().split("\n").sort();
	}

	/** Rights of the user, by path. */
	get granted() {
		const roles = Object.fromEntries(this.lines("roles").map((line) => line.split(" ")));
		const own = this.lines("acl")
			.map((line) => line.split(" "))
			.filter(([, , holder]) => holder === user);
		return own.map(([path, role = "", , propagate]) => ({
			path,
			role,
			privileges: roles[role].split(","),
			propagate: propagate === "1",
		}));
	}

	get #environment() {
		return { PATH: `${this.#directory}:${process.env.PATH}`, PVEUM_STATE: this.#directory };
	}
}

test.each([
	["the lab", labStack()],
	["a stack with everything switched on", everything],
])("%s: the script grants the token exactly the privileges of the stack", async (_, stack) => {
	const host = new Host();
	await host.run(stack);
	expect(host.granted).toEqual(proxmoxAccess(stack).grants.toSorted(byPath));
	expect(host.lines("tokens")).toEqual([`${tokenId(stack.cluster.name).replace("!", " ")} 0`]);
});

test("the script lets only Proxmox print the secret, and only when it creates the token", async () => {
	const host = new Host();
	const lines = (await host.run(everything)).trim().split("\n");
	expect(lines.filter((line) => line.includes(secret))).toEqual([`value: ${secret}`]);
	expect(lines).toContain(`${user} may on /nodes: Sys.AccessNetwork`);
	const again = await host.run(everything);
	expect(again).not.toContain(secret);
	expect(again).toContain(`The token ${user}!pulumi is there already`);
});

test("the script changes nothing when it runs again", async () => {
	const host = new Host();
	const kept = () => (["users", "roles", "acl", "tokens"] as const).map((file) => host.lines(file));
	await host.run(everything);
	const before = kept();
	await host.run(everything);
	expect(kept()).toEqual(before);
});

test("the script revokes rights that the stack file does not need, and leaves other users unchanged", async () => {
	const host = new Host();
	await host.run(everything);
	await host.pveum("user", "add", "admin@pam");
	await host.pveum("role", "add", "machines", "--privs", "VM.Console");
	for (const holder of [user, "admin@pam"]) {
		await host.pveum("acl", "modify", "/vms", "--users", holder, "--roles", "machines");
	}
	host.takeChanges();
	const printed = await host.run(labStack());
	expect(host.takeChanges().filter((line) => line.startsWith("acl delete"))).toEqual([
		`acl delete / --users ${user} --roles rke2-astronomy-lab-datacenter`,
		`acl delete /mapping/pci --users ${user} --roles rke2-astronomy-lab-mappings`,
		`acl delete /mapping/pci/rtx-a4000 --users ${user} --roles rke2-astronomy-lab-own-cards`,
		`acl delete /pool --users ${user} --roles rke2-astronomy-lab-pool`,
		`acl delete /vms --users ${user} --roles machines`,
	]);
	expect(printed).toContain(`${user} is no longer machines on /vms`);
	expect(host.granted).toEqual(proxmoxAccess(labStack()).grants.toSorted(byPath));
	expect(host.lines("acl")).toContain("/vms machines admin@pam 1");
});

test("the script stops when pveum refuses, prints the reason, and creates no token", async () => {
	const host = new Host();
	const stack = labStack();
	await expect(host.run({ ...stack, network: { ...stack.network, bridge: "no/bridge" } })).rejects.toThrow(
		"invalid ACL path '/sdn/zones/localnetwork/no/bridge/20'",
	);
	expect(host.lines("tokens")).toEqual([""]);
});

function byPath(a: { path: string }, b: { path: string }): number {
	return a.path < b.path ? -1 : 1;
}
