import { expect, test } from "vitest";
import { vmNoPassword } from "../../../../../policies/rules/vm/no-password.ts";
import { unknown, violations } from "../../run-rule.ts";

const machine = (initialization: unknown) => ({
	type: "proxmoxve:index/vmLegacy:VmLegacy",
	name: "proj-k8sw01",
	props: { initialization },
});

test("keys that are not known yet pass, because the rule does not read them", () => {
	expect(violations(vmNoPassword, machine({ userAccount: { username: "ops", keys: [unknown] } }))).toEqual([]);
});

test("a password is refused and not repeated", () => {
	const [violation, ...others] = violations(vmNoPassword, machine({ userAccount: { password: "hunter2" } }));
	expect(violation).toBe("Machine proj-k8sw01 sets a password in cloud-init; remove it and give SSH keys.");
	expect(others).toEqual([]);
});

test("a user-data file, which may set a password, is refused", () => {
	expect(violations(vmNoPassword, machine({ userDataFileId: "local:snippets/user.yaml" }))).toEqual([
		"Machine proj-k8sw01 takes its cloud-init from a file on the host; remove userDataFileId and give SSH keys.",
	]);
});

test("a password that is unknown at preview is refused, not skipped", () => {
	expect(violations(vmNoPassword, machine({ userAccount: { password: unknown } }))).toEqual([
		expect.stringContaining("initialization.userAccount.password is not known at preview"),
	]);
});
