/** The rehearsal cannot run on this machine as it is; nothing was changed. The command ends with `exitCode`. */
export class Refusal extends Error {
	override readonly name = "Refusal";
	readonly exitCode = 2;
}
