/** What stops a rehearsal before anything is installed or changed. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";

const script = new URL("../../../rehearsal/preflight.sh", import.meta.url).pathname;
const directories: string[] = [];

afterEach(async () => {
	await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })));
});

/** A directory for PATH in which one command answers as on another machine. */
async function machineWhere(command: string, answer: string): Promise<string> {
	const directory = await mkdtemp(join(tmpdir(), "preflight-"));
	directories.push(directory);
	await writeFile(join(directory, command), `#!/bin/sh\necho ${answer}\n`);
	await chmod(join(directory, command), 0o755);
	return directory;
}

test.each([
	["uname", "Darwin", "The rehearsal needs Linux: it boots its machines with systemd-nspawn. This is Darwin.\n"],
	["id", "1000", "The rehearsal needs root: it makes network namespaces and boots machines. Run it again with sudo.\n"],
])("preflight.sh prints one sentence and ends with 2 when %s prints %s", async (command, answer, sentence) => {
	const directory = await machineWhere(command, answer);
	const attempt = promisify(execFile)("sh", [script], { env: { PATH: `${directory}:${process.env.PATH}` } });
	await expect(attempt).rejects.toMatchObject({ code: 2, stderr: sentence, stdout: "" });
});
