/** One mistake in a stack file, with the key as the user wrote it. */
export interface Problem {
	/** Dotted path, e.g. `nodes.proj-k8sw04.gpu.mapping`. */
	key: string;
	/** One sentence: what was found, what is allowed, what to do. It never contains a secret value. */
	message: string;
}

/** Every mistake of a stack file at once. */
export class ConfigurationError extends Error {
	readonly problems: readonly Problem[];

	constructor(problems: readonly Problem[]) {
		const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
		super(
			[
				`The stack configuration has ${count}; nothing was touched.`,
				...problems.map(({ key, message }) => `  ${key}: ${message}`),
			].join("\n"),
		);
		this.name = "ConfigurationError";
		this.problems = problems;
	}
}
