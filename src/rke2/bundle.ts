/**
 * Files for a node in one text, which a person can read in a preview and a policy can check:
 *
 *     file /etc/rancher/rke2/config.yaml 0600 root:root
 *     | profile: cis
 *     | node-ip: 10.25.20.4
 *
 * A bar and a blank precede every line of content; an empty line of content is the bar alone. Empty lines separate files.
 * scripts/unpack.sh writes the files on the node.
 */
export interface NodeFile {
	/** Absolute, without blanks, and without parts that are empty or dots: policies recognize a file by its one path. */
	path: string;
	/** Four octal digits, e.g. `0600`. */
	mode: string;
	/** `user:group` */
	owner: string;
	/** Lines that each end in a line feed; empty for an empty file. */
	content: string;
}

const header =
	/^file (?<path>(?:\/(?!\.{1,2}[/ ])[^\s/]+)+) (?<mode>0[0-7]{3}) (?<owner>[a-z_][a-z0-9_-]*:[a-z_][a-z0-9_-]*)$/;

/**
 * Beside tabs and line feeds, a character that ends a line for some parsers of YAML and not for others, or that a terminal does not show.
 * unpack.sh writes each as it is, so a rule and the node could read another file.
 */
const unreadable = /[^\P{Cc}\t\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;

/** @throws RangeError when parsing the bundle would not give the same files */
export function renderBundle(files: readonly NodeFile[]): string {
	return files.map(renderFile).join("\n");
}

/** @throws SyntaxError naming the line that does not belong into a bundle */
export function parseBundle(text: string): NodeFile[] {
	const files: NodeFile[] = [];
	if (text !== "" && !text.endsWith("\n")) {
		throw new SyntaxError("the last line of the bundle must end in a line feed.");
	}
	const hidden = text.search(unreadable);
	if (hidden !== -1) {
		const line = text.slice(0, hidden).split("\n").length;
		throw new SyntaxError(`line ${line} of the bundle has a control character or another line break than a line feed.`);
	}
	for (const [index, line] of text.split("\n").entries()) {
		const file = files.at(-1);
		if (line.startsWith("file ")) {
			files.push(parseHeader(line, index + 1));
		} else if (file && (line === "|" || line.startsWith("| "))) {
			file.content += `${line.slice(2)}\n`;
		} else if (line !== "") {
			throw new SyntaxError(`line ${index + 1} of the bundle is neither a file, nor content, nor empty.`);
		}
	}
	return files;
}

function renderFile({ path, mode, owner, content }: NodeFile): string {
	const head = `file ${path} ${mode} ${owner}`;
	if (!header.test(head)) {
		throw new RangeError(`${head}: not a path, a mode and an owner that a bundle can carry.`);
	}
	if ((content !== "" && !content.endsWith("\n")) || unreadable.test(content)) {
		throw new RangeError(
			`${path}: the last line must end in a line feed, and no line may hold a control character or another line break.`,
		);
	}
	const lines = content.split("\n").slice(0, -1);
	return [head, ...lines.map((line) => (line === "" ? "|" : `| ${line}`)), ""].join("\n");
}

function parseHeader(line: string, number: number): NodeFile {
	const groups = header.exec(line)?.groups;
	if (!groups) {
		throw new SyntaxError(`line ${number} of the bundle must be: file PATH MODE USER:GROUP.`);
	}
	return { path: groups.path!, mode: groups.mode!, owner: groups.owner!, content: "" };
}
