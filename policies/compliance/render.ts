/** An assessment as Markdown and as one HTML page. */
import type { AssessedControl, Assessment, Result } from "./assess.ts";

const results: readonly Result[] = ["pass", "fail", "accepted", "open", "not applicable"];

const header = ["Control", "Level", "Asks that", "Decided by", "Result", "Evidence"];

export function renderMarkdown({ benchmark, controls, exceptions }: Assessment): string {
	const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
	const row = (cells: string[]) => `| ${cells.map(cell).join(" | ")} |`;
	return [
		`# ${benchmark}`,
		"",
		`${summary(controls)}.`,
		"",
		row(header),
		row(header.map(() => "---")),
		...controls.map((control) => row(cells(control))),
		"",
		"## Exceptions in force",
		"",
		...(exceptions.length === 0
			? ["None."]
			: exceptions.map(
					({ policy, resource, reason, expires }) => `- \`${policy}\` for ${resource} until ${expires}: ${reason}`,
				)),
		"",
	].join("\n");
}

export function renderHtml({ benchmark, controls, exceptions }: Assessment): string {
	const row = (tag: "td" | "th", cells: string[]) =>
		`<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
	const table = [row("th", header), ...controls.map((control) => row("td", cells(control)))].join("\n");
	const list = exceptions
		.map(
			({ policy, resource, reason, expires }) =>
				`<li><code>${escapeHtml(policy)}</code> for ${escapeHtml(resource)} until ${escapeHtml(expires)}: ${escapeHtml(reason)}</li>`,
		)
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
<table>
${table}
</table>
<h2>Exceptions in force</h2>
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

function cells({ id, level, title, decidedBy, result, evidence }: AssessedControl): string[] {
	return [id, `${level}`, title, decidedBy, result, evidence.join(" ")];
}

function escapeHtml(text: string): string {
	return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
