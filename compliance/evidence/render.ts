/** An assessment as Markdown and as one HTML page. */
import { subjectOf } from "../../policies/lib/rules/exceptions.ts";
import type { Frameworks } from "../../policies/lib/rules/rule.ts";
import type { AcceptedException, AssessedControl, AssessedRule, Assessment } from "./assess.ts";
import type { Result } from "./finding.ts";

const results: readonly Result[] = ["pass", "fail", "accepted", "not seen", "open", "not applicable"];

const header = ["Control", "Level", "Asks that", "Decided by", "Result", "Evidence", "Serves"];
const beyondTitle = "Rules beyond the benchmark";
const beyondHeader = ["Policy", "Violations block", "Asks that", "Result", "Evidence", "Serves"];
const exceptionsTitle = "Exceptions and deviations in force";

export function renderMarkdown({ benchmark, controls, beyond, exceptions }: Assessment): string {
	const row = (cells: string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
	return [
		`# ${benchmark}`,
		"",
		`${summary(controls)}.`,
		"",
		row(header),
		row(header.map(() => "---")),
		...controls.map((control) => row(cells(control))),
		"",
		`## ${beyondTitle}`,
		"",
		row(beyondHeader),
		row(beyondHeader.map(() => "---")),
		...beyond.map((rule) => row(beyondCells(rule))),
		"",
		`## ${exceptionsTitle}`,
		"",
		...(exceptions.length === 0
			? ["None."]
			: exceptions.map((exception) => `- \`${exception.policy}\` ${escapeMarkdown(exceptionText(exception))}`)),
		"",
	].join("\n");
}

export function renderHtml({ benchmark, controls, beyond, exceptions }: Assessment): string {
	const row = (tag: "td" | "th", cells: string[]) =>
		`<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
	const table = (head: string[], rows: string[][]) =>
		["<table>", row("th", head), ...rows.map((one) => row("td", one)), "</table>"].join("\n");
	const list = exceptions
		.map((exception) => `<li><code>${escapeHtml(exception.policy)}</code> ${escapeHtml(exceptionText(exception))}</li>`)
		.join("\n");
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(benchmark)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color-scheme: light dark; }
table { border-collapse: collapse; }
td, th { border: 1px solid; padding: .3rem .6rem; text-align: left; vertical-align: top; }
</style>
</head>
<body>
<h1>${escapeHtml(benchmark)}</h1>
<p>${escapeHtml(summary(controls))}.</p>
${table(header, controls.map(cells))}
<h2>${beyondTitle}</h2>
${table(beyondHeader, beyond.map(beyondCells))}
<h2>${exceptionsTitle}</h2>
<ul>
${list}
</ul>
</body>
</html>
`;
}

/** e.g. `131 controls: 88 pass, 0 fail, ...` */
export function summary(controls: readonly AssessedControl[]): string {
	const counts = results.map((result) => `${controls.filter((control) => control.result === result).length} ${result}`);
	return `${controls.length} controls: ${counts.join(", ")}`;
}

function cells({ id, level, title, decidedBy, result, evidence, serves }: AssessedControl): string[] {
	return [id, `${level}`, title, decidedBy, result, evidence.join(" "), servesText(serves)];
}

function beyondCells({ policy, mandatory, title, result, evidence, serves }: AssessedRule): string[] {
	return [policy, mandatory ? "yes" : "no", title, result, evidence.join(" "), servesText(serves)];
}

/** Under the names and versions by which docs/compliance cites them. */
function servesText({ cisControls, iso27001, nist80053 }: Frameworks): string {
	const parts = [
		["CIS Controls v8.1", cisControls],
		["ISO/IEC 27001:2022", iso27001],
		["NIST SP 800-53 r5", nist80053],
	] as const;
	return parts
		.filter(([, ids]) => ids.length > 0)
		.map(([name, ids]) => `${name}: ${ids.join(", ")}`)
		.join("; ");
}

function exceptionText(exception: AcceptedException): string {
	const { chart, control, reason, expires } = exception;
	const of = `${chart ? ` of the chart ${chart}` : ""}${control ? ` (control ${control})` : ""}`;
	return `for ${subjectOf(exception)}${of} until ${expires}: ${reason}`;
}

/** As text within a line: https://github.github.com/gfm/#backslash-escapes */
function escapeMarkdown(text: string): string {
	const lines = text.split(/[\r\n]/).map((line) => line.trim());
	const line = lines.filter((part) => part !== "").join(" ");
	return line.replace(/[\\`*_~<>&|[\]#]/g, "\\$&");
}

function escapeHtml(text: string): string {
	return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
