/** The comparison of a node's files by the real script, and what the state and the next preview say of it. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { convergedStateIn } from "../../../../components/cluster/converged-state.ts";
import { comparison, parseComparison } from "../../../../src/drift/compare.ts";
import { recordDrift } from "../../../../src/drift/record.ts";
import { type RecordedStep, recordedNodes } from "../../../../src/drift/recorded-node.ts";
import { parseBundle, renderBundle } from "../../../../src/rke2/bundle.ts";
import { reasonsToRestart } from "../../../../src/rke2/rollout.ts";
import { asSecret, type Exported, revealed } from "../../../../src/state/exported.ts";

const owner = ["-un", "-gn"].map((flag) => execFileSync("id", [flag], { encoding: "utf8" }).trim()).join(":");

describe("the comparison on the node", () => {
	const config = "profile: cis\nnode-name: cp1\n";

	/** @param change of a directory that has the files as they were written */
	function compare(change: (directory: string) => void, secret: string[] = []) {
		const directory = mkdtempSync(join(tmpdir(), "drift-"));
		onTestFinished(() => rmSync(directory, { recursive: true }));
		const names = ["config.yaml", "token", "empty"];
		const contents = [config, "K10abc::server:hush\n", ""];
		const files = names.map((name, index) => ({
			...{ path: join(directory, "rke2", name), mode: "0600", owner, content: contents[index]! },
		}));
		for (const { path, content } of files) {
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, content, { mode: 0o600 });
		}
		change(join(directory, "rke2"));
		const before = readdirSync(join(directory, "rke2"));
		const steps: RecordedStep[] = files.map((file, index) => ({
			...{ files: [file], secret: secret.includes(names[index]!), mark: () => undefined },
		}));
		const { parameters, input } = comparison(steps);
		const output = execFileSync("bash", parameters, { input, encoding: "utf8" });
		expect(readdirSync(join(directory, "rke2"))).toEqual(before);
		const { files: found, unfinished } = parseComparison(output);
		expect(unfinished).toBe(true);
		return { output, found: found.map(({ path, what }) => `${path.slice(directory.length)} ${what}`) };
	}

	test("finds nothing when nothing differs", () => {
		expect(compare(() => undefined).found).toEqual([]);
	});

	test("names a missing file, a link in its place, and another mode", () => {
		const { found } = compare((directory) => {
			rmSync(join(directory, "config.yaml"));
			rmSync(join(directory, "token"));
			symlinkSync("/etc/passwd", join(directory, "token"));
			chmodSync(join(directory, "empty"), 0o4666);
		});
		expect(found).toEqual([
			"/rke2/config.yaml is missing",
			"/rke2/token is a symbolic link",
			`/rke2/empty has mode 4666 and owner ${owner}`,
		]);
	});

	test("names the lines that lack, and only the keys of those that nobody wants", () => {
		const { output, found } = compare((directory) =>
			writeFileSync(
				join(directory, "config.yaml"),
				"profile: etcd\nnode-name: cp1\nagent-token: hush\nhush\naHVzaA==\n",
			),
		);
		expect(found).toEqual([
			"/rke2/config.yaml lacks a line: profile: cis; has 4 lines that nobody wants, with profile | agent-token",
		]);
		expect(output).not.toMatch(/hush|aHVzaA/);
	});

	test("names lines in another order, and a last line feed that lacks, as other contents", () => {
		for (const text of ["node-name: cp1\nprofile: cis\n", config.trimEnd()]) {
			const { found } = compare((directory) => writeFileSync(join(directory, "config.yaml"), text));
			expect(found).toEqual(["/rke2/config.yaml has other contents"]);
		}
	});

	test("prints no line of a secret file", () => {
		const { output, found } = compare((directory) => writeFileSync(join(directory, "token"), "other\n"), ["token"]);
		expect(found).toEqual(["/rke2/token has other contents"]);
		expect(output).not.toMatch(/hush|K10|other/);
	});

	test("prints nothing that a terminal takes for a command", () => {
		const { files } = parseComparison("contents /a\n+ key\u001b[2J\u202e\n");
		expect(files).toEqual([{ path: "/a", what: "has a line that nobody wants, with key[2J" }]);
	});
});

describe("the state", () => {
	const [config, audit] = ["config.yaml", "audit-policy.yaml"].map((name) => `/etc/rancher/rke2/${name}`);
	const file = (path: string, content: string) => ({ path, mode: "0600", owner: "root:root", content });
	const bundle = renderBundle([file(config!, "profile: cis\n"), file(audit!, "kind: Policy\n")]);
	const revision = "a".repeat(64);

	function stateOf(node: string): Exported {
		const inputsOf = {
			toolkit: {
				create: "bash -s",
				stdin: `#!/bin/bash\nunpack\n${renderBundle([file("/usr/local/lib/a.sh", "true\n")])}`,
			},
			prepare: { create: "prepare.sh", stdin: renderBundle([file("/etc/sysctl.d/a.conf", "a = 1\n")]) },
			registries: { create: "registries.sh", stdin: asSecret("mirrors: {}\n") },
			token: { create: `/x/token.sh ${node} server abc`, stdin: asSecret("agent\nserver") },
			converge: { create: `/x/converge.sh ${node} server v1.35.7+rke2r1 4 8 50 120 60 ${revision}`, stdin: bundle },
		};
		const resources = Object.entries(inputsOf).map(([step, inputs]) => ({
			urn: `urn:pulumi:lab::rke2-lab::command:remote:Command::${node}-${step}`,
			type: "command:remote:Command",
			parent: `urn:pulumi:lab::rke2-lab::rke2-lab:cluster:Cluster$rke2-lab:cluster:Node::${node}`,
			inputs: { ...inputs, connection: asSecret({ host: "10.0.0.4", port: 22 }) },
			outputs: { ...inputs },
		}));
		return { version: 3, deployment: { resources } };
	}

	/** Inputs by step, after a record; the outputs are the same. */
	function recorded(files: { path: string; what: string }[], unfinished = false) {
		const state = stateOf("cp1");
		const [node] = recordedNodes(state);
		recordDrift(node!, { node: "cp1", files, unfinished });
		const steps = state.deployment.resources!.map(({ urn, inputs, outputs }) => {
			expect(outputs!.stdin).toEqual(inputs!.stdin);
			return [urn.split("-").at(-1)!, inputs!] as const;
		});
		return { state, steps: Object.fromEntries(steps) };
	}

	test("has the files of each step, with the tokens in the form in which a node has them", () => {
		const [node, ...others] = recordedNodes(stateOf("cp1"));
		expect(others).toEqual([]);
		expect([node!.node, node!.connection]).toEqual(["cp1", { host: "10.0.0.4", port: 22 }]);
		expect(
			node!.steps.map(({ files, secret }) => [files.map(({ path, content }) => `${path} ${content}`), secret]),
		).toEqual([
			[["/usr/local/lib/a.sh true\n"], false],
			[["/etc/sysctl.d/a.conf a = 1\n"], false],
			[["/etc/rancher/rke2/registries.yaml mirrors: {}\n"], true],
			[["/etc/rancher/rke2/agent-token K10abc::node:agent\n", "/etc/rancher/rke2/token K10abc::server:server\n"], true],
			[[`${config} profile: cis\n`, `${audit} kind: Policy\n`], false],
		]);
	});

	test("has no files of a node that was never converged", () => {
		const state = stateOf("cp1");
		state.deployment.resources!.pop();
		expect(recordedNodes(state)).toEqual([]);
	});

	test("is the same after a comparison that found nothing", () => {
		expect(recorded([]).state).toEqual(stateOf("cp1"));
	});

	test("gets a mark in the file that differs, and in no other step", () => {
		const { steps } = recorded([{ path: config!, what: "has mode 0666 and owner root:root" }]);
		const mark = `# On the node: ${config} has mode 0666 and owner root:root\n`;
		expect(parseBundle(String(steps.converge!.stdin))).toEqual([
			file(config!, `profile: cis\n${mark}`),
			file(audit!, "kind: Policy\n"),
		]);
		const before = stateOf("cp1").deployment.resources!;
		expect(Object.values(steps).slice(0, 4)).toEqual(before.slice(0, 4).map(({ inputs }) => inputs));
	});

	test("gives the next preview the difference as the reason to restart, and no other one", () => {
		const { steps } = recorded([{ path: audit!, what: "is missing" }], true);
		const [runs, wanted] = [steps.converge, stateOf("cp1").deployment.resources!.at(-1)!.inputs].map(convergedStateIn);
		expect(reasonsToRestart(runs!, wanted!)).toEqual([
			"the last convergence of this node has not ended",
			`${audit} is missing`,
		]);
	});

	test("marks a script of the toolkit and keeps the script before it, without a restart", () => {
		const { steps } = recorded([{ path: "/usr/local/lib/a.sh", what: "is missing" }]);
		expect(String(steps.toolkit!.stdin)).toMatch(
			/^#!\/bin\/bash\nunpack\nfile \/usr\/local\/lib\/a\.sh 0600 root:root\n\| true\n\| # On/,
		);
		expect(steps.converge!.stdin).toBe(bundle);
	});

	test("marks a secret file as a secret, and gives RKE2 a reason to restart", () => {
		const { state, steps } = recorded([{ path: "/etc/rancher/rke2/token", what: "has other contents" }]);
		const text = "agent\nserver\n# On the node: /etc/rancher/rke2/token has other contents\n";
		expect(steps.token!.stdin).toEqual(asSecret(text));
		expect(String(steps.converge!.stdin)).toContain("| # On the node: /etc/rancher/rke2/token has other contents");
		expect(revealed(steps.registries!.stdin)).toBe("mirrors: {}\n");
		// A second comparison, before the next `up`, has the same wanted files.
		expect(recordedNodes(state)[0]!.steps.map(({ files }) => files)).toEqual(
			recordedNodes(stateOf("cp1"))[0]!.steps.map(({ files }) => files),
		);
	});
});
