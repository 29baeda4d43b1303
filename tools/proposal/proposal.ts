/**
 * The part of a pull request that a preview with the stack's secrets may use: the stack file, and no code. The program, the
 * pack and the packages stay those of the checkout, which reviewers have seen.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readStackFile } from "../../src/config/read/stack-file.ts";
import { secretsSchema } from "../../src/config/schema/stack.ts";

/**
 * Writes the stack file of `commit`, merged with that of the checkout, into the checkout, unless there is a reason against
 * it.
 *
 * @param checkout git checkout of the trusted commit, with `commit` and the history of both
 * @param file stack file, relative to the checkout, e.g. `Pulumi.lab.yaml`
 * @param project name in Pulumi.yaml
 * @returns the reasons against it, each one sentence; empty when the file was written
 */
export function takeStackFile(checkout: string, commit: string, file: string, project: string): string[] {
	const git = (...parameters: string[]) =>
		execFileSync("git", parameters, { cwd: checkout, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

	const changed = git("diff", "--name-only", "--no-renames", "-z", `HEAD...${commit}`).split("\0").filter(Boolean);
	const code = changed.filter((path) => path !== file && !path.endsWith(".md"));
	if (code.length > 0) {
		return [`Beside ${file} it changes ${code.join(", ")}: code gets the secrets of the stack only after its merge.`];
	}
	// Pulumi would follow a link, and quote the other file in its messages.
	if (!git("ls-tree", commit, "--", file).startsWith("100644 blob ")) {
		return [`${file} is missing or is not a plain file.`];
	}
	const tree = attempt(() => git("merge-tree", "--write-tree", "--no-messages", "HEAD", commit));
	if (tree === undefined) {
		return [`${file} conflicts with the target branch: merge that into the proposal first.`];
	}
	const text = git("show", `${tree.trim()}:${file}`);
	const before = destinations(git("show", `HEAD:${file}`), project);
	const after = destinations(text, project);
	const moved = Object.keys({ ...before, ...after }).filter((key) => before[key] !== after[key]);
	if (moved.length > 0) {
		return [`It changes ${moved.join(", ")}: a preview would send or open the secrets of the stack in another way.`];
	}
	const carried = encrypted((parse(text) as { config?: unknown }).config).filter((path) => !isSecret(path, project));
	if (carried.length > 0) {
		return [`It has a secret in ${carried.join(", ")}, where a preview would show it.`];
	}
	writeFileSync(join(checkout, file), text);
	return [];
}

/** Values that decide where a preview sends secrets and how Pulumi decrypts them: by key, as comparable text. */
function destinations(text: string, project: string): Record<string, string> {
	const { config, ...encryption } = (parse(text) ?? {}) as Record<string, unknown>;
	const { proxmox } = readStackFile(text, project).values as { proxmox?: { endpoint?: unknown } };
	const found = { ...encryption, "proxmox.endpoint": proxmox?.endpoint };
	return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, JSON.stringify(value) ?? ""]));
}

/**
 * Keys in `value` with an encrypted value. Copying one to another key needs no passphrase.
 *
 * @param path of `value`
 */
function encrypted(value: unknown, path = ""): string[] {
	if (typeof value !== "object" || value === null) {
		return [];
	}
	const here = "secure" in value ? [path] : [];
	const below = Object.entries(value).flatMap(([key, item]) => encrypted(item, path ? `${path}.${key}` : key));
	return [...here, ...below];
}

function isSecret(path: string, project: string): boolean {
	return Object.keys(secretsSchema.shape).some((key) => path === `${project}:${key}`);
}

/** git ends with 1 when a merge conflicts. */
function attempt(run: () => string): string | undefined {
	try {
		return run();
	} catch (error) {
		if ((error as { status?: number }).status === 1) {
			return undefined;
		}
		throw error;
	}
}
