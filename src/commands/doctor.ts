/**
 * `npm run doctor -- FILE`: examines from this workstation what a first `up` with a stack file needs, and says how to mend what
 * is wrong. It changes nothing, neither here nor in Proxmox.
 */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { type DoctorInput, examine } from "../doctor/examine.ts";
import { type Finding, inProxmox, parts } from "../doctor/finding.ts";
import { theseSurroundings } from "../doctor/surroundings.ts";
import { pulumi } from "../state/pulumi.ts";
import { thisWorkstation } from "../workstation/workstation.ts";
import { onlyFile, progress, resultFor, runCommand, sayTo } from "./command.ts";
import { findingsIn, stackFromFile } from "./stack-from-file.ts";

await runCommand("doctor", async () => {
	const { values: options, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
	const file = onlyFile(positionals, "Pulumi.lab.yaml");
	const writeResult = resultFor(options.json);
	const say = sayTo(options.json);
	const { problems, stack, secrets } = findingsIn(file);
	if (!stack) {
		writeResult({ file, ok: false, problems, findings: [] });
		stackFromFile(file);
		return false;
	}
	progress("Reading the token ...");
	const token = await tokenFor(file, secrets);
	progress(`Asking ${stack.proxmox.endpoint}, the publishers and the nodes' network ...`);
	const workstation = thisWorkstation();
	const { findings, answers } = await examine({
		file,
		stack,
		secrets,
		token,
		workstation,
		surroundings: theseSurroundings(),
	});
	const mistakes = findings.filter(({ kind }) => kind === "mistake").length;
	writeResult({ file, ok: mistakes === 0, problems: [], findings });
	for (const line of report(findings, answers)) {
		say(line);
	}
	say(conclusion(file, findings));
	return mistakes === 0;
});

/** Never from an argument, which every user of the machine could read. */
async function tokenFor(file: string, secrets: readonly string[]): Promise<DoctorInput["token"]> {
	const value = process.env.PROXMOX_API_TOKEN;
	if (value) {
		return { value };
	}
	const stack = /^Pulumi\.(.+)\.yaml$/.exec(basename(file))?.[1];
	if (stack === undefined || !secrets.includes("proxmoxApiToken")) {
		return { missing: "PROXMOX_API_TOKEN is not set, and the stack file has no proxmoxApiToken" };
	}
	try {
		return { value: (await pulumi(["config", "get", "proxmoxApiToken", "--stack", stack])).trim() };
	} catch (error) {
		return { missing: (error as Error).message };
	}
}

/** One line for each finding, and for each part without one. */
function report(findings: readonly Finding[], answers: boolean): string[] {
	const words = { mistake: "wrong", warning: "warning", unchecked: "unchecked" };
	return Object.entries(parts).flatMap(([part, what]) => {
		const own = findings.filter((finding) => finding.part === part);
		const unexamined = !answers && (inProxmox as readonly string[]).includes(part);
		return own.length === 0
			? [`${unexamined ? "unchecked" : "ok       "}  ${what}`]
			: own.map(({ kind, wrong, mend }) => `${words[kind].padEnd(9)}  ${wrong}: ${mend}.`);
	});
}

function conclusion(file: string, findings: readonly Finding[]): string {
	const count = (kind: Finding["kind"]) => findings.filter((finding) => finding.kind === kind).length;
	const mistakes = count("mistake");
	const further = `warnings: ${count("warning")}, unchecked: ${count("unchecked")}`;
	if (mistakes === 0 && count("unchecked") > 0) {
		return `${file}: nothing that was examined keeps a first \`up\` from working (${further}).`;
	}
	return mistakes === 0
		? `${file}: nothing keeps a first \`up\` from working (${further}).`
		: `${file}: ${mistakes} of these would stop a first \`up\` (${further}). Nothing was changed.`;
}
