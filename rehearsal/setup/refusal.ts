/** The rehearsal cannot run on this computer. Nothing was changed. The command ends with `exitCode`. */
export class Refusal extends Error {
	override readonly name = "Refusal";
	readonly exitCode = 2;
}
