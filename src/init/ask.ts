/** Questions at a terminal. */
import { isCancel, multiselect, password, select, text } from "@clack/prompts";
import { type Answers, type Known, type Question, type QuestionName, questionNames, questions } from "./questions.ts";

/** The ways to ask, which answer with nothing when the person gives up. */
export interface Prompter {
	text(message: string, initial: string, mayBeEmpty: boolean): Promise<string | undefined>;
	choose(message: string, choices: readonly Choice[], initial: string): Promise<string | undefined>;
	chooseSeveral(message: string, choices: readonly Choice[]): Promise<string[] | undefined>;
	/** Shows nothing of what is typed, which may be empty. */
	hidden(message: string): Promise<string | undefined>;
}

interface Choice {
	value: string;
	hint?: string;
}

/** On standard error, because standard output may have the JSON. */
const output = process.stderr;

export const terminal: Prompter = {
	text: (message, initial, mayBeEmpty) =>
		answered(
			text({
				message,
				initialValue: initial,
				output,
				validate: (value) => (value || mayBeEmpty ? undefined : "An answer is needed."),
			}),
		),
	choose: (message, choices, initialValue) =>
		answered(select({ message, options: options(choices), initialValue, output })),
	chooseSeveral: (message, choices) =>
		answered(multiselect({ message, options: options(choices), required: false, output })),
	hidden: async (message) => {
		const value = await password({ message, output });
		return isCancel(value) ? undefined : (value ?? "");
	},
};

function options(choices: readonly Choice[]) {
	return choices.map(({ value, hint }) => ({ value, label: value, ...(hint !== undefined && { hint }) }));
}

async function answered<T>(answer: Promise<T>): Promise<Exclude<T, symbol> | undefined> {
	const value = await answer;
	return isCancel(value) ? undefined : (value as Exclude<T, symbol>);
}

/** The person gave up. */
export class GivenUp extends Error {}

/**
 * Answers every question whose answer is known or can be assumed.
 *
 * @returns the answers, and the questions that only a person can answer
 */
export function withAssumed(known: Known): { answers: Answers; missing: QuestionName[] } {
	const answers: Answers = { ...known.answers };
	const missing: QuestionName[] = [];
	for (const name of questionNames) {
		answers[name] ??= questions[name].assumed?.({ ...known, answers });
		if (answers[name] === undefined) {
			missing.push(name);
			// What follows from it is not missing as well.
			answers[name] = "?";
		}
	}
	return { answers, missing };
}

/**
 * Asks every question of the list that has no answer yet.
 *
 * @throws GivenUp
 */
export async function ask(names: readonly QuestionName[], known: Known, prompter: Prompter): Promise<Answers> {
	const answers: Answers = { ...known.answers };
	for (const name of names) {
		answers[name] ??= await askOne(questions[name], { ...known, answers }, prompter);
	}
	return answers;
}

async function askOne({ is, assumed, choices, several }: Question, known: Known, prompter: Prompter): Promise<string> {
	const initial = assumed?.(known);
	const message = is.charAt(0).toUpperCase() + is.slice(1);
	const from = choices?.(known) ?? [];
	const answer =
		from.length === 0
			? await prompter.text(message, initial ?? "", initial === "")
			: several
				? (await prompter.chooseSeveral(message, from))?.join(",")
				: await prompter.choose(message, from, initial ?? "");
	if (answer === undefined) {
		throw new GivenUp("Nothing was written");
	}
	return answer.trim();
}
