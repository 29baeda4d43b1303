/**
 * `npm run init`: asks what a stack needs, or takes it from flags, reads from Proxmox what it can, and writes a commented stack
 * file without a secret. Proxmox' token comes from PROXMOX_API_TOKEN or a hidden question, and is not kept.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { policyPackWarnings } from "../config/checks/policy-pack.ts";
import { neededSecrets } from "../config/checks/secrets.ts";
import { warnings } from "../config/checks/warnings.ts";
import { parseStack } from "../config/read/parse.ts";
import { ConfigurationError } from "../config/read/problems.ts";
import type { StackConfig } from "../config/schema/stack.ts";
import { ask, GivenUp, terminal, withAssumed } from "../init/ask.ts";
import { type Datacenter, readDatacenter } from "../init/datacenter.ts";
import { stackFileDocument } from "../init/document.ts";
import { type Kept, keptOf } from "../init/kept.ts";
import { type Answers, type Known, type QuestionName, questionNames, questions } from "../init/questions.ts";
import { stackValues } from "../init/stack-values.ts";
import { currentVersions } from "../init/versions.ts";
import { ProxmoxApi } from "../proxmox/api.ts";
import { progress, resultFor, runCommand, sayTo, UsageError } from "./command.ts";
import { createText, FileError, readText, replaceText } from "./files.ts";
import { projectName } from "./stack-from-file.ts";

await runCommand("init", async () => {
	const { values: flags } = parseArgs({
		options: {
			...Object.fromEntries(questionNames.map((name) => [name, { type: "string" } as const])),
			force: { type: "boolean" },
			json: { type: "string" },
		},
	}) as { values: Answers & { force?: boolean; json?: string } };
	const { force = false, json, ...given } = flags;
	const writeResult = resultFor(json);
	const say = sayTo(json);
	const atTerminal = Boolean(process.stdin.isTTY && process.stderr.isTTY);
	const known = await answerAll(given, force, atTerminal, say);
	const file = fileOf(known.answers);
	const made = stackValues(known);
	if ("malformed" in made) {
		throw new UsageError(made.malformed.map(({ name, message }) => `--${name} ${message}`).join("; "));
	}
	const { value: stack, problems } = parseStack(made.values);
	if (!stack) {
		writeResult({ file, ok: false, problems, warnings: [], secrets: [], next: [] });
		throw new Error(`${file} would not be accepted\n${new ConfigurationError(problems).message}`);
	}
	const kept = force && existsSync(file) ? keepFrom(file) : undefined;
	const write = kept ? replaceText : createText;
	write(file, stackFileDocument(projectName(), made.values, kept));
	const found = [...warnings(stack), ...policyPackWarnings(stack)];
	const secrets = secretCommands(stack, file, kept);
	const next = [`npm run doctor -- ${file}`, "pulumi up --policy-pack policies"];
	writeResult({ file, ok: true, problems: [], warnings: found, secrets, next });
	const stayed = Object.keys(kept?.secrets ?? {});
	say(`${file} is written, ${stayed.length === 0 ? "without a secret" : `with its encrypted ${stayed.join(", ")}`}.`);
	for (const { key, message } of found) {
		say(`Warning: ${key}: ${message}`);
	}
	say(
		["", "Make the stack, the Proxmox token and the secrets:", ...secrets.map((command) => `  ${command}`)].join("\n"),
	);
	say(["", "Then:", ...next.map((command) => `  ${command}`)].join("\n"));
	return true;
});

/** @throws UsageError with every missing flag when nobody can be asked */
async function answerAll(
	given: Answers,
	force: boolean,
	atTerminal: boolean,
	say: (line: string) => void,
): Promise<Known> {
	const versions = currentVersions();
	const first: QuestionName[] = ["stack", "endpoint"];
	const asked = atTerminal ? await ask(first, { answers: given, versions }, terminal) : given;
	if (asked.stack !== undefined && existsSync(fileOf(asked)) && !force) {
		throw new FileError(`${fileOf(asked)} exists; --force writes it anew, and keeps its secrets.`);
	}
	const token = process.env.PROXMOX_API_TOKEN || (atTerminal ? await askToken() : undefined);
	const datacenter = token && asked.endpoint ? await readFrom(asked.endpoint, token, say) : undefined;
	const known = { answers: asked, datacenter, versions };
	if (atTerminal) {
		return { ...known, answers: await ask(questionNames, known, terminal) };
	}
	const { answers, missing } = withAssumed(known);
	if (missing.length > 0) {
		const list = missing.map((name) => `--${name} ${questions[name].placeholder} (${questions[name].is})`);
		throw new UsageError(`Nobody can be asked here, and these are missing: ${list.join(", ")}`);
	}
	return { ...known, answers };
}

/** @throws GivenUp */
async function askToken(): Promise<string> {
	const token = await terminal.hidden(
		"Proxmox API token (user@realm!name=uuid) to read hosts, storages, bridges and GPUs; it is not kept. Empty to go without",
	);
	if (token === undefined) {
		throw new GivenUp("Nothing was written");
	}
	return token;
}

/** @throws FileError when a secret of the file could not stay */
function keepFrom(file: string): Kept {
	const { kept, problems } = keptOf(readText(file), projectName());
	if (problems.length > 0) {
		throw new FileError(`${file} stays as it is: ${problems.join("; ")}.`);
	}
	return kept;
}

/** What cannot be read has to be answered; it is no failure. */
async function readFrom(endpoint: string, token: string, say: (line: string) => void): Promise<Datacenter | undefined> {
	progress(`Reading ${endpoint} ...`);
	const api = new ProxmoxApi(endpoint, token);
	try {
		const datacenter = await readDatacenter(api);
		for (const sentence of datacenter.unread) {
			say(`Not read: ${sentence}`);
		}
		return datacenter;
	} catch (error) {
		say(`Not read: ${endpoint} (${(error as Error).message}).`);
		return undefined;
	} finally {
		api.close();
	}
}

function fileOf({ stack }: Answers): string {
	return `Pulumi.${stack}.yaml`;
}

/** Each reads its secret from standard input. */
function secretCommands(stack: StackConfig, file: string, kept?: Kept): string[] {
	const { name } = stack.cluster;
	const set = (key: string) => !(key in (kept?.secrets ?? {}));
	return [
		`pulumi stack init ${name}`,
		`npm run --silent proxmox:access -- ${file} > access.sh`,
		...(set("proxmoxApiToken") ? ["pulumi config set --secret proxmoxApiToken"] : []),
		...(set("clusterToken") ? ["openssl rand -hex 32 | pulumi config set --secret clusterToken"] : []),
		...neededSecrets(stack)
			.filter(set)
			.map((key) => `pulumi config set --secret ${key}`),
	];
}
