/** What a YAML parser says is wrong, and where, without a full stop. Its further lines quote the text, which is left out. */
export function yamlMistake({ message }: Error): string {
	const [line = ""] = message.split("\n", 1);
	return line.replace(/:$/, "");
}
