/** drain.sh with an API of its own: what it asks, how often, and when it gives up. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = new URL("../../../../src/rke2/scripts/drain.sh", import.meta.url).pathname;

interface Drain {
	pods: readonly string[];
	/** Seconds. */
	limit: number;
	/** Bash that answers for the API when a pod is asked to leave. */
	evict: string;
}

/** Drains a node whose pods never leave. Returns what was asked, what was said, and how long it took. */
function drain({ pods, limit, evict }: Drain) {
	const state = mkdtempSync(join(tmpdir(), "drain-test-"));
	onTestFinished(() => rmSync(state, { recursive: true }));
	writeFileSync(join(state, "pods"), pods.map((pod) => `apps ${pod} 30 no\n`).join(""));
	writeFileSync(join(state, "asked"), "");
	const program = `
		set -Eeuo pipefail
		STATE=${state} node=worker
		say() { echo "$*"; }
		fail() { say "$*"; exit 1; }
		within() { local end=$((SECONDS + $1)); shift; until "$@"; do ((SECONDS < end)) || return 1; sleep 0.5; done; }
		. ${script}
		node_kubectl() { case "$*" in *"get pods"*) cat "$STATE/pods" ;; esac; }
		evict() { echo "$2" >>"$STATE/asked"; ${evict}; }
		drain_node ${limit} 10`;
	const began = Date.now();
	const { stdout, status } = spawnSync("bash", ["-c", program], { encoding: "utf8" });
	const asked = readFileSync(join(state, "asked"), "utf8").split("\n").filter(Boolean);
	return { asked, said: stdout, status, seconds: (Date.now() - began) / 1000 };
}

const refusal = "The disruption budget web needs 1 healthy pods and has 1 currently";

test("a pod that a budget keeps is asked again after some seconds, and the error names the budget", () => {
	const { asked, said, status } = drain({ pods: ["web"], limit: 4, evict: `echo "${refusal}"` });
	expect(asked).toEqual(["web"]);
	expect(status).toBe(1);
	expect(said).toContain(
		`these pods have not left within 4 s, so the node takes pods again and nothing was changed; apps/web: ${refusal}`,
	);
	expect(drain({ pods: ["web"], limit: 7, evict: `echo "${refusal}"` }).asked).toEqual(["web", "web"]);
});

test("the limit holds in the middle of a round, and the error names the pods that were not asked", () => {
	const { asked, said, seconds } = drain({ pods: ["a", "b", "c", "d", "e", "f"], limit: 2, evict: "sleep 1" });
	// Bash counts whole seconds of the clock.
	expect(["a", "a b", "a b c"]).toContain(asked.join(" "));
	expect(seconds).toBeLessThan(5);
	expect(said).toMatch(/nothing was changed(; apps\/[a-f]){6}; let them leave/);
});
