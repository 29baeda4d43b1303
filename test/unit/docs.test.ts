/** The pages for people: every link leads somewhere, the README is one page, and the indexes are complete. */
import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));
const read = (page: string) => readFileSync(join(project, page), "utf8");
const pages = ["README.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md", { cwd: project })].filter((page) =>
	existsSync(join(project, page)),
);

/** Code blocks hold `#` comments and brackets that are neither headings nor links. One may begin behind the number of a list. */
const withoutCode = (text: string) => text.replaceAll(/^ *(?:\d+\. )?```.*?^ *```/gms, "");

/** As GitHub makes them of headings: lower case, no punctuation, hyphens for spaces, a number for a repeated one. */
function anchors(text: string): string[] {
	const seen = new Map<string, number>();
	return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
		const anchor = heading
			.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
			.toLowerCase()
			.replaceAll(/[^\p{L}\p{N} _-]/gu, "")
			.replaceAll(" ", "-");
		const count = seen.get(anchor) ?? 0;
		seen.set(anchor, count + 1);
		return count === 0 ? anchor : `${anchor}-${count}`;
	});
}

/** Relative links of a page that lead nowhere. */
function brokenLinks(page: string): string[] {
	const targets = [...withoutCode(read(page)).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, to = ""]) => to);
	return targets.filter((target) => {
		const [path = "", anchor] = target.split("#");
		const file = path === "" ? page : relative(project, join(project, dirname(page), decodeURIComponent(path)));
		if (!existsSync(join(project, file))) {
			return true;
		}
		return anchor !== undefined && !(file.endsWith(".md") && anchors(read(file)).includes(anchor));
	});
}

test.each(pages)("%s has no broken link", (page) => {
	expect(brokenLinks(page)).toEqual([]);
});

test.each(pages)("%s names only files and folders that exist", (page) => {
	const names = [
		...read(page).matchAll(
			/`((?:src|components|policies|compliance|rehearsal|test|tools|bench|examples)\/[^`\s*<]+)`/g,
		),
	];
	expect(names.map(([, name = ""]) => name).filter((name) => !existsSync(join(project, name)))).toEqual([]);
});

describe("README.md", () => {
	const readme = read("README.md");

	test("has at most 100 lines", () => {
		expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(100);
	});

	test.each(readdirSync(join(project, "examples")))("names the example %s", (example) => {
		expect(readme).toContain(`(examples/${example})`);
	});

	test("leads to every page of docs, directly or by an index", () => {
		const linked = (page: string) =>
			[...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, to = ""]) => join(dirname(page), to));
		const reached = new Set(["README.md"]);
		for (const page of reached) {
			for (const target of linked(page)) {
				if (target.endsWith(".md") && existsSync(join(project, target)) && statSync(join(project, target)).isFile()) {
					reached.add(target);
				}
			}
		}
		expect(pages.filter((page) => !reached.has(page))).toEqual([]);
	});
});

test("docs/adr/README.md lists every decision by its number and title", () => {
	const decisions = globSync("docs/adr/0*.md", { cwd: project }).sort();
	const rows = decisions.map((page) => {
		const [, number, title] = /^# (\d+)\. (.+)$/m.exec(read(page))!;
		return `| [${number}](${page.replace("docs/adr/", "")}) | ${title} |`;
	});
	expect(read("docs/adr/README.md").match(/^\| \[.*$/gm)).toEqual(rows);
});

test("docs/operations/README.md lists every procedure", () => {
	const index = read("docs/operations/README.md");
	const procedures = readdirSync(join(project, "docs/operations")).filter((page) => page !== "README.md");
	expect(procedures.filter((page) => !index.includes(`(${page}`))).toEqual([]);
});

test("docs/troubleshooting.md quotes messages that the program really prints", () => {
	/** Of Pulumi, gRPC, Proxmox, Go, the API server and registries. */
	const others = [
		/^x509: /,
		/^the stack is currently locked$/,
		/^Failed to connect to proxy$/,
		/^VM 104 /,
		/^429 /,
		/^Unauthorized$/,
		/^\[mandatory\]$/,
	];
	const sources = globSync("{src,components,rehearsal}/**/*.{ts,sh}", { cwd: project }).map(read).join("\n");
	const rows = [...read("docs/troubleshooting.md").matchAll(/^\| ([^|]*) \|/gm)].map(([, cell = ""]) => cell);
	const quoted = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message));
	expect(quoted.length).toBeGreaterThan(30);
	const ours = quoted.filter((message) => !others.some((pattern) => pattern.test(message)));
	expect(ours.filter((message) => !sources.includes(message))).toEqual([]);
});
