/** The mistake that a YAML parser reports, with its place, without a full stop and without the lines that quote the text. */
export function yamlMistake({ message }: Error): string {
	const [line = ""] = message.split("\n", 1);
	return line.replace(/:$/, "");
}
