/** certificates.sh on a server whose certificates have ended. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const scripts = new URL("../../../../src/rke2/scripts/", import.meta.url).pathname;

/** @param openssl the body of a function in its place */
function refuse(openssl: string, { present = true } = {}) {
	const directory = mkdtempSync(join(tmpdir(), "certificates-test-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	mkdirSync(join(directory, "server/tls/etcd"), { recursive: true });
	if (present) {
		writeFileSync(join(directory, "server/tls/etcd/server-client.crt"), "");
	}
	const constants = `STATE=${directory} RKE2_CONFIG=${directory} RKE2_DATA=${directory} node=server-1 script=converge`;
	const program = `${constants}; . ${scripts}lib.sh; . ${scripts}certificates.sh; openssl() { ${openssl}; }; refuse_ended_certificates`;
	return spawnSync("bash", ["-c", program], { encoding: "utf8" });
}

const ended = 'if [ "$2" = -checkend ]; then return 1; fi; echo "notAfter=Jan  1 00:00:00 2025 GMT"';

test("a server whose certificates have ended is refused, with the day and what to do", () => {
	const { status, stderr } = refuse(ended);
	expect(status).toBe(1);
	expect(stderr).toContain(
		"RKE2's certificates on this server ended on Jan  1 00:00:00 2025 GMT, so nothing was changed; restart RKE2 on all control planes at the same time, as docs/operations/kubeconfig.md says, and run `up` again",
	);
});

test("a server with valid certificates, or without any yet, goes on", () => {
	expect(refuse("return 0")).toMatchObject({ status: 0, stderr: "" });
	expect(refuse(ended, { present: false })).toMatchObject({ status: 0, stderr: "" });
});
