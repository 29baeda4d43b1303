import { expect, test } from "vitest";
import { parse } from "yaml";
import { filesOf } from "./rendered-files.ts";

test("the admission configuration has Pod Security and event rate limits, and exempts only kube-system", () => {
	const { plugins } = parse(filesOf("proj-k8sm01").get("/etc/rancher/rke2/admission.yaml")!.content);
	expect(plugins.map(({ name }: { name: string }) => name)).toEqual(["PodSecurity", "EventRateLimit"]);
	expect(plugins[0].configuration).toMatchObject({
		defaults: { enforce: "restricted", audit: "restricted", warn: "restricted" },
		exemptions: { usernames: [], runtimeClasses: [], namespaces: ["kube-system"] },
	});
	expect(plugins[1].configuration.limits.map(({ type }: { type: string }) => type)).toEqual(["Server", "Namespace"]);
});
