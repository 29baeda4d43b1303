import { expect, test } from "vitest";
import { unixText } from "../../../../components/cluster/scripts.ts";
import { workstationMistakes, workstationWarnings } from "../../../../src/workstation/checks.ts";
import type { Workstation } from "../../../../src/workstation/workstation.ts";
import { labStack } from "../../../fixtures/lab.ts";

const stack = labStack();
const sound: Workstation = {
	platform: "linux",
	node: "24.11.1",
	environment: { HOME: "/home/me" },
	temporary: "/tmp",
	now: Date.parse("2026-11-28T12:00:00Z"),
	checkedOut: Date.parse("2026-11-28T11:00:00Z"),
	pinned: { "@pulumi/pulumi": "3.276.0", zod: "4.6.7" },
	installed: { "@pulumi/pulumi": "3.276.0", zod: "4.6.7" },
	isWritable: () => true,
	isSocket: () => true,
	hasCommand: () => true,
};

test("workstationMistakes accepts a good workstation, an SSH agent, a kubeconfig, and packages of another tool", () => {
	expect(workstationMistakes(sound, stack)).toEqual([]);
	const environment = { SSH_AUTH_SOCK: "/run/agent", KUBECONFIG: "/none", PULUMI_K8S_CLIENT_QPS: "50" };
	expect(workstationMistakes({ ...sound, environment, installed: undefined }, stack)).toEqual([]);
	expect(workstationWarnings(sound, stack)).toEqual([]);
});

test.each<[string, Partial<Workstation>, RegExp]>([
	["Windows", { platform: "win32" }, /^This is Windows/],
	["an old Node", { node: "22.21.0" }, /^Node is 22\.21\.0; the program needs 24/],
	[
		"packages of another commit",
		{ installed: { "@pulumi/pulumi": "3.270.0" } },
		/\(@pulumi\/pulumi 3\.270\.0 in place of 3\.276\.0, zod \(missing\) in place of 4\.6\.7\): run `npm ci/,
	],
	["a clock of years ago", { now: 0 }, /^The clock says 1970-01-01T00:00:00\.000Z, and /],
	["no OpenSSH", { hasCommand: (name) => name !== "ssh-keyscan" }, /^PATH has no ssh-keyscan, /],
	["no directory for temporary files", { isWritable: () => false }, /^\/tmp is not writable, .* set TMPDIR /],
	[
		"an agent that has ended",
		{ environment: { SSH_AUTH_SOCK: "/gone" }, isSocket: () => false },
		/^SSH_AUTH_SOCK is not a socket/,
	],
	[
		"certificates that are not verified",
		{ environment: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } },
		/^NODE_TLS_REJECT_UNAUTHORIZED is 0/,
	],
	[
		"another way to Proxmox",
		{ environment: { PROXMOX_VE_INSECURE: "true", PROXMOX_VE_PASSWORD: "hunter2" } },
		/^PROXMOX_VE_INSECURE, PROXMOX_VE_PASSWORD: set here, .*`unset PROXMOX_VE_INSECURE PROXMOX_VE_PASSWORD`/,
	],
	[
		"another way with the cluster",
		{ environment: { PULUMI_K8S_DELETE_UNREACHABLE: "true" } },
		/^PULUMI_K8S_DELETE_UNREACHABLE: set here, /,
	],
])("%s is the one mistake, and no value is printed", (_, change, sentence) => {
	const found = workstationMistakes({ ...sound, ...change }, stack);
	expect(found).toEqual([expect.stringMatching(sentence)]);
	expect(found.join()).not.toContain("hunter2");
});

test("workstationMistakes requires curl only for the guest agent and for snapshots of VMs", () => {
	const withoutCurl = { ...sound, hasCommand: (name: string) => name !== "curl" };
	expect(workstationMistakes(withoutCurl, stack)).toEqual([]);
	for (const change of [{ ssh: { hostKeySource: "guest-agent" } }, { proxmox: { snapshotsBeforeChange: {} } }]) {
		expect(workstationMistakes(withoutCurl, labStack(change))).toEqual([expect.stringMatching(/^PATH has no curl, /)]);
	}
});

test.each([
	["", ["10.16.207.61", "10.25.20.29"]],
	["10.16.207.61", ["10.25.20.29"]],
	["localhost, 10.0.0.0/8", []],
	["*", []],
	[".lab.internal", ["10.16.207.61", "10.25.20.29"]],
	["10.16.207.61:8006, 10.25.20.29:6443", []],
	["10.16.207.61:443, 10.25.20.29:443", ["10.16.207.61", "10.25.20.29"]],
])("behind a proxy with NO_PROXY %j, those that the proxy is asked for are named: %j", (exceptions, hosts) => {
	const environment = { HTTPS_PROXY: "http://me:hunter2@proxy.test:3128", NO_PROXY: exceptions };
	const found = workstationWarnings({ ...sound, environment }, stack);
	expect(found.map((sentence) => /does not have (\S+):/.exec(sentence)?.[1])).toEqual(hosts);
	expect(found.join()).not.toContain("hunter2");
});

test("workstationWarnings names a proxy that is none, and not its value", () => {
	const environment = { https_proxy: "http://me:hunter2#b@proxy.test:3128", no_proxy: "10.25.20.29" };
	expect(workstationWarnings({ ...sound, environment }, stack)).toEqual([
		"https_proxy is not the address of an HTTP proxy, and NO_PROXY does not have 10.16.207.61: add 10.16.207.61 to NO_PROXY when it is reached directly; otherwise write HOST:PORT, http://HOST:PORT or https://HOST:PORT, with %XX for each special character of a user and a password.",
	]);
});

test("workstationWarnings accepts a name whose domain is in NO_PROXY", () => {
	const named = labStack({ proxmox: { endpoint: "https://pve.lab.internal:8006/" } });
	const environment = { HTTPS_PROXY: "http://proxy.test:3128", NO_PROXY: "lab.internal,10.25.20.29" };
	expect(workstationWarnings({ ...sound, environment }, named)).toEqual([]);
});

test("a script whose lines end as on Windows is refused before it is sent", () => {
	expect(unixText("lib.sh", "set -e\n")).toBe("set -e\n");
	expect(() => unixText("lib.sh", "set -e\r\n")).toThrow("src/rke2/scripts/lib.sh has lines that end in CR LF");
});
