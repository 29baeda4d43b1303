import { expect, test } from "vitest";
import { type LabStack, labStack } from "../../../../fixtures/lab.ts";
import type { Registration } from "../../recorder.ts";
import { lab, named, platform, platformOf } from "../platform-lab.ts";

const remoteCommand = "command:remote:Command";
/** Without the GPU nodes, which have taints. */
const workers = [7, 8, 9].map((last, index) => [`proj-k8sw0${index + 1}`, `10.25.20.${last}`]);
const checks = (resources: Registration[]) =>
	resources.filter(({ type, name }) => type === remoteCommand && name.endsWith("-ingress"));

/** Words of the first check's command line after the name of the script. */
async function question(change: (stack: LabStack) => void): Promise<string[]> {
	return wordsOf(checks(await platform(change))[0]!);
}

function wordsOf({ inputs }: Registration): string[] {
	return String(inputs.create).split("ingress.sh ")[1]!.split(" ");
}

test("the ingress check asks from every server, after Traefik and its certificate", () => {
	expect(checks(lab).map(({ name }) => name)).toEqual(["proj-k8sm01-ingress", "proj-k8sm02-ingress"]);
	expect(checks(lab).map(({ parent, deletedWith }) => [parent, deletedWith])).toEqual(
		Array(2).fill(["ingress-check", "cluster"]),
	);
	// A server that is made anew asks over another connection.
	expect(checks(lab).map(({ replacementTrigger }) => replacementTrigger)).toEqual([
		"identity of proj-k8sm01",
		"identity of proj-k8sm02",
	]);
	// A child is registered after its parent, and the parent after everything that it depends on.
	const { dependsOn } = named(lab, "rke2-lab:platform:IngressCheck", "ingress-check");
	expect(dependsOn).toEqual(expect.arrayContaining(["traefik", "wildcard-tls"]));
});

test("the ingress check asks each worker for the host of the wildcard certificate", () => {
	const words = wordsOf(checks(lab)[0]!);
	expect([words[0], ...words.slice(2, 4), ...words.slice(5)]).toEqual([
		"proj-k8sm01",
		"issued",
		"480",
		...workers.map(([name, address]) => `${name}=${address}:443`),
	]);
	expect(words[1]).toMatch(/^ingress-check\.[a-z0-9.-]+$/);
});

test("the ingress check asks node ports, or the addresses of MetalLB, when the exposure is another one", async () => {
	const ports = await question((stack) => {
		stack.platform.traefik.exposure = "nodePort";
	});
	expect(ports.slice(5)).toEqual(workers.map(([name, address]) => `${name}=${address}:30443`));
	const balanced = await question((stack) => {
		stack.platform.traefik.exposure = "loadBalancer";
	});
	expect(balanced.slice(5)).toEqual(["service"]);
});

test("the ingress check leaves out nodes that no pod of Traefik accepts", async () => {
	const words = await question((stack) => {
		stack.nodes["proj-k8sw01"]!.taints = ["lab.internal/reserved=yes:NoSchedule"];
	});
	expect(words.slice(5)).toEqual(workers.slice(1).map(([name, address]) => `${name}=${address}:443`));
});

test("the ingress check accepts any certificate when the stack has no cert-manager", async () => {
	const [check] = checks(await platformOf(labStack({ platform: { certManager: null } })));
	expect(wordsOf(check!).slice(1, 3)).toEqual(["ingress-check.invalid", "any"]);
});

test("the ingress check runs again when the settings of Traefik change, and waits as long as the stack file says", async () => {
	const plain = await question(() => undefined);
	const changed = await question((stack) => {
		stack.platform.traefik.version = "41.9.0";
		stack.platform.checks.timeoutSeconds = 10;
	});
	expect(changed[4]).not.toBe(plain[4]);
	expect(changed[3]).toBe("10");
});

test("a stack without checks has no ingress check", async () => {
	const resources = await platform((stack) => {
		stack.platform.checks.enabled = false;
	});
	expect(checks(resources)).toEqual([]);
});
