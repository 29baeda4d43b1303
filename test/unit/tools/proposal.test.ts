/** Pull requests that a preview with the stack's secrets accepts, on git repositories of the test. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { takeStackFile } from "../../../tools/proposal/proposal.ts";

const file = "Pulumi.lab.yaml";
const stack = [
	"encryptionsalt: v1:salt",
	"config:",
	"  rke2-lab:cluster: { name: astronomy-lab, version: v1.35.7+rke2r1 }",
	"  rke2-lab:proxmox:",
	"    endpoint: https://10.16.207.61:8006/",
	"  rke2-lab:clusterToken: { secure: v1:before }",
	"",
].join("\n");

let checkout: string;
const git = (...parameters: string[]) => execFileSync("git", parameters, { cwd: checkout, encoding: "utf8" }).trim();
const text = () => readFileSync(join(checkout, file), "utf8");

beforeEach(() => {
	checkout = mkdtempSync(join(tmpdir(), "proposal-"));
	onTestFinished(() => rmSync(checkout, { recursive: true }));
	git("init", "--quiet", "--initial-branch=main");
	git("config", "user.name", "A reviewer");
	git("config", "user.email", "reviewer@example.com");
	commit({ [file]: stack, "src/index.ts": "trusted", "README.md": "before" });
});

/** @returns a new commit with these files on the current branch */
function commit(files: Record<string, string>): string {
	for (const [path, content] of Object.entries(files)) {
		mkdirSync(dirname(join(checkout, path)), { recursive: true });
		writeFileSync(join(checkout, path), content);
	}
	git("add", "--all");
	git("commit", "--quiet", "--message=A step");
	return git("rev-parse", "HEAD");
}

/** @returns the last commit of a pull request; the checkout is back on main */
function propose(make: () => string): string {
	git("switch", "--quiet", "--create=proposal");
	const proposed = make();
	git("switch", "--quiet", "main");
	return proposed;
}

const take = (proposed: string) => takeStackFile(checkout, proposed, file, "rke2-lab");

describe("takeStackFile takes the stack file of a proposal", () => {
	const newer = stack.replace("v1.35.7", "v1.35.8");

	test("with the code of the checkout, when the proposal changes data and documents only", () => {
		const proposed = propose(() => commit({ [file]: newer, "README.md": "after" }));
		expect(take(proposed)).toEqual([]);
		expect(text()).toBe(newer);
		expect(readFileSync(join(checkout, "README.md"), "utf8")).toBe("before");
	});

	test("with later changes of the target branch", () => {
		const proposed = propose(() => commit({ [file]: newer }));
		commit({ [file]: stack.replace("v1:before", "v1:rotated"), "src/index.ts": "trusted too" });
		expect(take(proposed)).toEqual([]);
		expect(text()).toBe(newer.replace("v1:before", "v1:rotated"));
	});
});

describe("takeStackFile refuses a proposal, and leaves the checkout unchanged, when it", () => {
	const refused: [name: string, make: () => string, reason: string][] = [
		[
			"changes code",
			() => commit({ [file]: `${stack}# a word\n`, "src/index.ts": "steals", "package.json": "{}" }),
			"Beside Pulumi.lab.yaml it changes package.json, src/index.ts: code gets the secrets of the stack only after its merge.",
		],
		[
			"makes the stack file a link",
			() => {
				rmSync(join(checkout, file));
				symlinkSync("/etc/passwd", join(checkout, file));
				return commit({});
			},
			"Pulumi.lab.yaml is missing or is not a plain file.",
		],
		[
			"deletes the stack file",
			() => {
				rmSync(join(checkout, file));
				return commit({});
			},
			"Pulumi.lab.yaml is missing or is not a plain file.",
		],
		[
			"sends the Proxmox token to another host",
			() => commit({ [file]: stack.replace("10.16.207.61", "203.0.113.9") }),
			"It changes proxmox.endpoint: a preview would send or open the secrets of the stack in another way.",
		],
		[
			"copies an encrypted value to a key that a preview shows",
			() => commit({ [file]: stack.replace("astronomy-lab", "{ secure: v1:before }") }),
			"It has a secret in rke2-lab:cluster.name, where a preview would show it.",
		],
		[
			"has another encryption",
			() => commit({ [file]: `secretsprovider: hashivault://203.0.113.9\n${stack.replace("v1:salt", "v1:other")}` }),
			"It changes encryptionsalt, secretsprovider: a preview would send or open the secrets of the stack in another way.",
		],
	];

	test.each(refused)("%s", (_name, make, reason) => {
		expect(take(propose(make))).toEqual([reason]);
		expect(text()).toBe(stack);
		expect(lstatSync(join(checkout, file)).isFile()).toBe(true);
	});

	test("conflicts with the target branch", () => {
		const proposed = propose(() => commit({ [file]: stack.replace("v1.35.7", "v1.35.8") }));
		const ours = stack.replace("v1.35.7", "v1.35.9");
		commit({ [file]: ours });
		expect(take(proposed)).toEqual([
			"Pulumi.lab.yaml conflicts with the target branch: merge that into the proposal first.",
		]);
		expect(text()).toBe(ours);
	});
});
