import { expect, test } from "vitest";
import { rke2AnonymousAccess } from "../../../../../policies/rules/rke2/anonymous-access.ts";
import { commandWith } from "../../bundle.ts";
import { violations } from "../../run-rule.ts";

const path = "/etc/rancher/rke2/authentication.yaml";

test("passes an authentication configuration that does not set anonymous access or switches it off", () => {
	const kind = "kind: AuthenticationConfiguration\n";
	expect(violations(rke2AnonymousAccess, commandWith({ [path]: `${kind}jwt: []\n` }))).toEqual([]);
	expect(violations(rke2AnonymousAccess, commandWith({ [path]: `${kind}anonymous: { enabled: false }\n` }))).toEqual(
		[],
	);
	expect(violations(rke2AnonymousAccess, commandWith({ [path]: "anonymous: { enabled: true }\n" }))).toEqual([]);
});

test("refuses an authentication configuration that allows anonymous requests, in any file", () => {
	const content = "kind: AuthenticationConfiguration\nanonymous:\n  enabled: true\n";
	const [message] = violations(rke2AnonymousAccess, commandWith({ [path]: content }));
	expect(message).toMatch(
		/^\/etc\/rancher\/rke2\/authentication\.yaml in .* enables anonymous access to the API; remove it\.$/,
	);
});
