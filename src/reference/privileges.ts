/** The table of privileges in docs/proxmox-privileges.md. */
import { requirements } from "../proxmox/privileges.ts";

const begin =
	"<!-- Written by `npm run docs` from `src/proxmox/privileges.ts`; a test fails when it is out of date. -->";
const end = "<!-- end of the table -->";

/** @throws RangeError when the document has no place for the table */
export function withPrivilegesTable(document: string): string {
	const [before, after] = [document.split(begin)[0], document.split(end)[1]];
	if (before === undefined || after === undefined) {
		throw new RangeError(`The document must have a line "${begin}" and a line "${end}".`);
	}
	return [before, begin, "\n\n", table(), "\n\n", end, after].join("");
}

function table(): string {
	const rows = requirements.flatMap(({ path, propagate = true, privileges }) =>
		privileges.map(({ names, why, when }, index) => [
			index > 0 ? "" : `\`${path}\`${propagate ? "" : ", not propagated"}`,
			names.map((name) => `\`${name}\``).join(", "),
			when ? `only with ${when.text}: ${why}` : why,
		]),
	);
	return ["| Path | Privilege | Why |", "|---|---|---|", ...rows.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}
