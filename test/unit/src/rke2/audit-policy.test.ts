import { expect, test } from "vitest";
import { parse } from "yaml";
import { filesOf } from "./rendered-files.ts";

test("the audit policy records no secret content, and has the rules for secrets before those for noise", () => {
	const { rules } = parse(filesOf("proj-k8sm01").get("/etc/rancher/rke2/audit-policy.yaml")!.content);
	expect(rules[0]).toEqual({
		level: "Metadata",
		resources: [
			{ group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
			{ group: "authentication.k8s.io", resources: ["tokenreviews"] },
		],
	});
	expect(rules.at(-1)).toEqual({ level: "Metadata" });
});
