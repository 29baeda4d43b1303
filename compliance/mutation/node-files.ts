/** Changes of the texts that commands carry: the files of a node and their headers, line by line. */
import fc from "fast-check";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import { nodeStepOf } from "../../src/facts/resource-names.ts";
import { type ChangeKind, type Mutant, valueFor } from "./mutant.ts";
import { replacementsOf } from "./values.ts";

/** Lines that somebody might add to a file, for its readers: YAML, systemd, shell, and formats with one value a line. */
const added = fc.constantFrom(
	"added: true",
	"- added",
	"  - added",
	"kube-apiserver-arg+: [anonymous-auth=true]",
	"private-registry: /tmp/registries.yaml",
	"ExecStartPre=/bin/sh -c id",
	"HTTPS_PROXY=http://mallory.example:3128",
	"nameserver 203.0.113.9",
	"kernel.core_pattern = |/tmp/x",
	"---",
	"kind: ClusterRoleBinding",
	"# added",
	"",
);

/** @param seed of the values at random */
export function changesOfLines(stack: string, resource: Resource, seed: number): Mutant[] {
	const { stdin } = resource.props;
	return typeof stdin === "string" ? [...ofText(stack, resource, stdin.split("\n"), seed)] : [];
}

function* ofText(stack: string, resource: Resource, lines: readonly string[], seed: number): Generator<Mutant> {
	const step = nodeStepOf(resource.name) ?? "command";
	let file = "stdin";
	for (const [index, line] of lines.entries()) {
		file = /^file (?<path>\S+)/.exec(line)?.groups?.path ?? file;
		// The script before the first file is one text, and so is one among the files: some of its lines are enough.
		if (isScript(file) && index % 25 > 0) {
			continue;
		}
		let count = 0;
		const text = `${resource.type} ${resource.name} ${file} ${index} ${line}`;
		const mutant = (kind: ChangeKind, replacement: () => readonly string[]): Mutant => ({
			stack,
			type: resource.type,
			resource: resource.name,
			place: isScript(file) ? file : `${step} ${file}: ${keyOf(lines, index)}`,
			kind,
			key: `${file} ${line} ${count++}`,
			make: () => {
				const stdin = [...lines.slice(0, index), ...replacement(), ...lines.slice(index + 1)].join("\n");
				return { ...resource, props: { ...resource.props, stdin } };
			},
			original: resource,
		});
		yield mutant("line removed", () => []);
		yield mutant("line doubled", () => [line, line]);
		yield mutant("line added", () => [line, `| ${indentOf(line)}${valueFor(added, seed, text)}`]);
		yield mutant("line added", () => [
			line,
			valueFor(
				fc.oneof(
					added.map((one) => `| ${one}`),
					headers,
				),
				seed,
				`${text} 2`,
			),
		]);
		const [, head = "", value = ""] = /^((?:\| )?\s*(?:- )?(?:[\w./"-]+(?:: |=| = | ))?)(.*)$/.exec(line) ?? [];
		if (value !== "" && value !== "|") {
			for (const other of replacementsOf(value, seed, text)) {
				yield mutant("line changed", () => [`${head}${other.value()}`]);
			}
		}
	}
}

const headers = fc.constantFrom(
	"file /etc/cron.d/added 0644 root:root",
	"file /var/lib/rancher/rke2/server/manifests/added.yaml 0600 root:root",
	"file /etc/rancher/rke2/config.yaml.d/99-added.yaml 0600 root:root",
	"file /root/.ssh/authorized_keys 0600 root:root",
);

function isScript(file: string): boolean {
	return file === "stdin" || file.endsWith(".sh");
}

function indentOf(line: string): string {
	return /^\| (?<blanks>\s*)/.exec(line)?.groups?.blanks ?? "";
}

/** What a reader calls the line: its key, or the key of its list. */
function keyOf(lines: readonly string[], index: number): string {
	const line = lines[index]!;
	if (line.startsWith("file ")) {
		return "header";
	}
	const element = /^\| \s*- (?<key>[\w./-]+(?=: ))?/.exec(line);
	if (!element) {
		return /^\|?\s*"?(?<key>[^\s:=";]+)/.exec(line)?.groups?.key ?? "";
	}
	const indent = indentOf(line).length;
	const above = lines
		.slice(0, index)
		.findLastIndex((other) => /^\| \s*[\w./-]+:$/.test(other) && indentOf(other).length <= indent);
	const list = above === -1 ? "" : keyOf(lines, above);
	return `${list}[]${element.groups?.key ? `.${element.groups.key}` : ""}`;
}
