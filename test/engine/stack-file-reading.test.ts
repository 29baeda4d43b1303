/**
 * `npm run check` and Pulumi read a stack file alike. Pulumi's own loader says how: `pulumi config --json` prints what a
 * program would get.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { fromConfigText } from "../../src/config/read/config-keys.ts";
import { ConfigurationError } from "../../src/config/read/problems.ts";
import { encrypted } from "../../src/config/read/readable.ts";
import { readStackFile } from "../../src/config/read/stack-file.ts";
import { stackFileText } from "../../src/config/read/stack-file-text.ts";
import { home } from "./harness.ts";

const directory = mkdtempSync(join(tmpdir(), "reading-test-"));
const file = join(directory, "Pulumi.lab.yaml");
mkdirSync(join(directory, "state"));
writeFileSync(join(directory, "Pulumi.yaml"), "name: rke2-lab\nruntime: nodejs\n");
afterAll(() => rmSync(directory, { recursive: true }));

pulumi("stack", "init", "lab");
pulumi("config", "set", "--secret", "clusterToken", "correct-horse");
const { encryptionsalt, config } = parse(readFileSync(file, "utf8"));
const ciphertext = config["rke2-lab:clusterToken"].secure as string;

function pulumi(...args: string[]) {
	return spawnSync(join(home, "bin/pulumi"), [...args, "--non-interactive"], {
		cwd: directory,
		encoding: "utf8",
		env: {
			...process.env,
			PULUMI_HOME: join(directory, "home"),
			PULUMI_BACKEND_URL: `file://${directory}/state`,
			PULUMI_CONFIG_PASSPHRASE: "reading",
			PULUMI_SKIP_UPDATE_CHECK: "1",
		},
	});
}

/** What the program would get, by key with the namespace, or that Pulumi does not read it. */
function readByPulumi(bytes: string | Uint8Array): Record<string, unknown> | "refused" {
	writeFileSync(file, bytes);
	const { status, stdout } = pulumi("config", "--json", "--show-secrets", "--stack", "lab");
	if (status !== 0) {
		return "refused";
	}
	const entries = Object.entries(JSON.parse(stdout) as Record<string, { value: string }>);
	return Object.fromEntries(entries.map(([key, { value }]) => [key, fromConfigText(value)]));
}

/** The same by the check, or the problems that it finds in the text. */
function readByCheck(bytes: string | Uint8Array): Record<string, unknown> | string[] {
	try {
		const { values, problems } = readStackFile(stackFileText(Buffer.from(bytes)), "rke2-lab");
		return problems.length > 0
			? sentences(problems)
			: Object.fromEntries(Object.entries(values).map(([key, value]) => [`rke2-lab:${key}`, value]));
	} catch (error) {
		return sentences((error as ConfigurationError).problems);
	}
}

const sentences = (problems: readonly { key: string; message: string }[]) =>
	problems.map(({ key, message }) => `${key}: ${message}`);

/** A stack file with these lines under `config`, two spaces before each. */
function stackFile(...lines: string[]): string {
	return ["config:", ...lines.map((line) => `  ${line}`), `encryptionsalt: ${encryptionsalt}`, ""].join("\n");
}

describe("the check reads what Pulumi reads:", () => {
	test.each<[what: string, text: string]>([
		[
			"numbers of YAML 1.2",
			"{ a: 0o20, b: 0x1f, c: 1e3, d: 1.0, e: +5, f: -0, g: .5, h: 1., i: 08, j: -.5, k: 9.5e1 }",
		],
		["numbers of YAML 1.1", "{ a: 0b11, b: 1_000, c: 0X1F, d: -0x1, e: 0b12, f: _1, g: 1_000.5, h: 0x_1 }"],
		["times", "{ a: 10:30, b: 1:30, c: '2026-01-01', d: 2026-01, e: 2026-01-01x }"],
		["words", "{ a: yes, b: on, c: True, d: NO, e: y, f: ~, g: , h: null, i: 'true', j: FALSE }"],
		["names that are no text", "{ 1: a, true: b, 08: c, 1.50: d }"],
		["texts over several lines", "\n    a: |\n      x\n      y\n    b: >-\n      x\n      y\n    c: 'a\n\n      b'"],
		["escapes", "{ a: \"a\\0b\\u00e9\\x41\", b: 'it''s' }"],
		["JSON in a text", '\'{"vlan": 20, "nameservers": ["10.25.20.3"]}\''],
		["a number", "5"],
		["a word", "true"],
		["a list", "[1, a]"],
		["nothing", ""],
		["a tag that says text", "{ a: !!str 5 }"],
		["a map whose secret is none", "{ secure: 5 }"],
		["a secret with something beside it", "{ secure: abc, b: 1 }"],
		["a map named like a property of JavaScript", "{ __proto__: { a: 1 } }"],
	])("%s", (_, text) => {
		const bytes = stackFile(`rke2-lab:network: ${text}`);
		expect(readByCheck(bytes)).toEqual(readByPulumi(bytes));
	});

	test.each<[what: string, bytes: string | Uint8Array]>([
		["keys without a namespace", stackFile("network: { vlan: 20 }", "ssh: { user: ops }")],
		["keys with config in them", stackFile("rke2-lab:config:network: { vlan: 20 }")],
		["a key set without --path", stackFile("rke2-lab:network.vlan: 20")],
		["an unknown section", stackFile("rke2-lab:acces: { oidc: {} }")],
		[
			"merge keys",
			`x: &x { a: 1, b: 2 }\n${stackFile("rke2-lab:network: { <<: *x, b: 3 }", "rke2-lab:ssh: { c: 1, <<: [*x, { d: 4, a: 9 }] }")}`,
		],
		["anchors", stackFile("rke2-lab:network: &n { a: 1 }", "rke2-lab:ssh: *n")],
		["one document with its marks", `---\n${stackFile("rke2-lab:network: { a: 1 }")}...\n`],
		["a byte order mark", `\ufeff${stackFile("rke2-lab:network: { a: 1 }")}`],
		["lines of Windows", stackFile("rke2-lab:network: { a: 1 }").replaceAll("\n", "\r\n")],
		["other alphabets", stackFile("rke2-lab:inventory: { owner: Büro 東京 }")],
	])("%s", (_, bytes) => {
		expect(readByCheck(bytes)).toEqual(readByPulumi(bytes));
	});

	test("encrypted values, where Pulumi alone knows them", () => {
		const bytes = stackFile(
			`rke2-lab:clusterToken: { secure: "${ciphertext}" }`,
			`rke2-lab:network: { nameservers: [{ secure: "${ciphertext}" }], vlan: 20 }`,
			`rke2-lab:ssh: { secure: "${ciphertext}" }`,
		);
		expect(readByPulumi(bytes)).toEqual({
			"rke2-lab:clusterToken": "correct-horse",
			"rke2-lab:network": { nameservers: ["correct-horse"], vlan: 20 },
			"rke2-lab:ssh": "correct-horse",
		});
		const read = readStackFile(bytes, "rke2-lab");
		expect(read.problems).toEqual([]);
		expect(read.encrypted).toEqual(["clusterToken", "network", "ssh"]);
		expect(read.values).toEqual({ network: { nameservers: [encrypted], vlan: 20 }, ssh: encrypted });
	});
});

describe("the check refuses what Pulumi refuses, in one sentence:", () => {
	const one = stackFile("rke2-lab:network: { a: 1 }");
	test.each<[what: string, bytes: string | Uint8Array, sentence: string]>([
		[
			"Latin-1",
			Buffer.from(stackFile("# a comment", "rke2-lab:inventory: { owner: B\u00fcro }"), "latin1"),
			"stack file: is not UTF-8: line 3 has a byte of another encoding such as Latin-1; save it as UTF-8.",
		],
		["a NUL byte", `${one}\0`, "stack file: has a control character (U+0000) in line 4, which no YAML file may have."],
		[
			"UTF-16 without a mark",
			Buffer.from(one, "utf16le"),
			"stack file: has a control character (U+0000) in line 1, which no YAML file may have.",
		],
		[
			"a name twice",
			stackFile("rke2-lab:network: { a: 1, a: 2 }"),
			"network.a: is there twice; every name may occur once.",
		],
		[
			"a section twice",
			stackFile("rke2-lab:network: { a: 1 }", "rke2-lab:network: { a: 2 }"),
			"network: is there twice; every name may occur once.",
		],
		[
			"a name with two colons",
			stackFile("rke2-lab:a:network: { a: 1 }", "rke2-lab:ssh: {}"),
			"rke2-lab:a:network: has one colon too many.",
		],
		[
			"a number that is none",
			stackFile("rke2-lab:network: { a: .nan }"),
			"network.a: is not a number that Pulumi reads; put it in quotes or remove it.",
		],
		[
			"a cron that begins with a star",
			stackFile("rke2-lab:cluster:", "  etcdSnapshots: { retention: 5 }", "  schedule: */6 * * * *"),
			'stack file: has a value that begins with a star in line 4; put it in quotes, such as "*/6 * * * *", because YAML reads it as an alias otherwise.',
		],
		[
			"an alias of nothing",
			stackFile("rke2-lab:network: *hunter2"),
			"stack file: has an alias (a value that begins with a star) without its anchor; a text that begins with a star needs quotes.",
		],
		[
			"a tab before a key",
			"config:\n\trke2-lab:network: { a: 1 }\n",
			"stack file: is not YAML in line 2: there is a tab in the indentation; use spaces.",
		],
		[
			"brackets that are not closed",
			"config:\n  rke2-lab:network: [1\n  rke2-lab:ssh: 5\n",
			"stack file: is not YAML in line 3: the indentation does not fit the lines above, or a bracket is not closed.",
		],
		["a list", "- a\n- b\n", "stack file: is not a Pulumi stack file, which is a map with the key config."],
		["a text", "hello\n", "stack file: is not a Pulumi stack file, which is a map with the key config."],
		["a config that is a list", "config: [a]\n", "stack file: has a config that is not a map."],
	])("%s", (_, bytes, sentence) => {
		expect(readByCheck(bytes)).toEqual([sentence]);
		expect(readByPulumi(bytes)).toBe("refused");
	});
});

describe("the check refuses in one sentence a value that Pulumi parses differently than intended:", () => {
	const one = stackFile("rke2-lab:network: { a: 1 }");
	test.each<[what: string, bytes: string | Uint8Array, sentence: string, byPulumi: Record<string, unknown>]>([
		[
			"a leading zero",
			stackFile("rke2-lab:network: { vlan: 020 }"),
			"network.vlan: is written 020, which Pulumi reads as the octal number 16; write 16, or 20 where that is meant.",
			{ "rke2-lab:network": { vlan: 16 } },
		],
		[
			"a leading zero in a machine's id",
			stackFile("rke2-lab:nodes: { a: { vmId: 0104 } }"),
			"nodes.a.vmId: is written 0104, which Pulumi reads as the octal number 68; write 68, or 104 where that is meant.",
			{ "rke2-lab:nodes": { a: { vmId: 68 } } },
		],
		[
			"a date",
			stackFile("rke2-lab:inventory: { owner: 2026-01-01 }"),
			"inventory.owner: is a date for Pulumi, which changes its form; put it in quotes.",
			{ "rke2-lab:inventory": { owner: "2026-01-01 00:00:00 +0000 UTC" } },
		],
		[
			"a second document",
			`${one}---\nconfig: {}\n`,
			"stack file: is not YAML in line 4: there is more than one document (---), of which Pulumi reads the first; remove the others.",
			{ "rke2-lab:network": { a: 1 } },
		],
		[
			"a key with the project's name and without it",
			stackFile("rke2-lab:network: { a: 1 }", "network: { a: 2 }"),
			"network: is there twice, with the project's name and without it; keep one of them.",
			{ "rke2-lab:network": { a: expect.any(Number) } },
		],
		[
			"a section of another project",
			stackFile("rke2-lab:network: { a: 1 }", "rke2-astronomy:ssh: { user: ops }"),
			"rke2-astronomy:ssh: belongs to the project rke2-astronomy, but this one is rke2-lab, which never reads it; did you mean rke2-lab:ssh?",
			{ "rke2-lab:network": { a: 1 }, "rke2-astronomy:ssh": { user: "ops" } },
		],
		[
			"a tag",
			stackFile("rke2-lab:network: { a: !!binary aGVsbG8= }"),
			"network.a: has a YAML tag (!); remove it, and write the value as it is.",
			{ "rke2-lab:network": { a: "hello" } },
		],
		[
			"a directive",
			`%YAML 1.1\n---\n${stackFile("rke2-lab:network: { a: yes }")}`,
			"stack file: has a %YAML directive, which Pulumi does not follow; remove that line.",
			{ "rke2-lab:network": { a: "yes" } },
		],
		[
			"a section beside config",
			`${one}rke2-lab:ssh: { user: ops }\n`,
			"rke2-lab:ssh: is beside config; indent it by two more spaces, so that it is under config.",
			{ "rke2-lab:network": { a: 1 } },
		],
		[
			"UTF-16",
			Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(one, "utf16le")]),
			"stack file: is UTF-16; save it as UTF-8.",
			{ "rke2-lab:network": { a: 1 } },
		],
		["an empty file", "", "stack file: is empty.", {}],
		["comments only", "# nothing yet\n", "stack file: is empty.", {}],
		[
			"a file of something else",
			"apiVersion: v1\nkind: ConfigMap\n",
			"stack file: is not a Pulumi stack file: it has no key config; found apiVersion, kind.",
			{},
		],
		[
			"a misspelled config",
			"confg: { a: 1 }\n",
			"stack file: is not a Pulumi stack file: it has no key config; confg is not a key of a stack file; did you mean config?",
			{},
		],
		[
			"the stack file of another project",
			"config:\n  aws:region: eu-central-1\n",
			"stack file: has no key of the project rke2-lab under config; found aws:region.",
			{ "aws:region": "eu-central-1" },
		],
	])("%s", (_, bytes, sentence, byPulumi) => {
		expect(readByCheck(bytes)).toEqual([sentence]);
		expect(readByPulumi(bytes)).toEqual(byPulumi);
	});
});

test.each([
	["gzip", [0x1f, 0x8b, 0x08], "is compressed with gzip; unpack it first."],
	["zip", [0x50, 0x4b, 0x03, 0x04], "is a zip archive; unpack it first."],
])("a file that is packed with %s is refused in one sentence", (_, bytes, sentence) => {
	expect(() => stackFileText(Uint8Array.from(bytes))).toThrow(
		new ConfigurationError([{ key: "stack file", message: sentence }]),
	);
});
