/** Examines what a first `up` needs, everything at once, and changes nothing. */
import { neededSecrets } from "../config/checks/secrets.ts";
import { type Secrets, type StackConfig, secretsSchema } from "../config/schema/stack.ts";
import { NoConnection, ProxmoxApi, ProxmoxRefusal } from "../proxmox/api.ts";
import { workstationMistakes, workstationWarnings } from "../workstation/checks.ts";
import type { Workstation } from "../workstation/workstation.ts";
import { checkAddresses } from "./checks/addresses.ts";
import { checkBridges } from "./checks/bridges.ts";
import { checkConnection } from "./checks/connection.ts";
import { checkDownloads } from "./checks/downloads.ts";
import { checkGpus } from "./checks/gpus.ts";
import { checkHosts, checkRoom } from "./checks/hosts.ts";
import { checkMachines } from "./checks/machines.ts";
import { checkNames } from "./checks/names.ts";
import { checkPrivileges } from "./checks/privileges.ts";
import { checkStorages } from "./checks/storages.ts";
import { type Finding, findingsAbout, inProxmox, type Part, parts } from "./finding.ts";
import { existingNodes, type Guest, type Subject } from "./subject.ts";
import type { Surroundings } from "./surroundings.ts";

export interface DoctorInput {
	/** Path of the stack file. */
	file: string;
	stack: StackConfig;
	/** Keys of the secrets that the stack file has. */
	secrets: readonly string[];
	/** Proxmox API token, or the reason why it cannot be read. */
	token: { value: string } | { missing: string };
	workstation: Workstation;
	surroundings: Surroundings;
}

export interface Diagnosis {
	/** In the order of {@link parts}. */
	findings: Finding[];
	/** Whether Proxmox answered; otherwise nothing in it was examined. */
	answers: boolean;
}

export async function examine(input: DoctorInput): Promise<Diagnosis> {
	const { stack, surroundings, workstation } = input;
	const aboutWorkstation = findingsAbout("workstation");
	const split = (sentence: string): [string, string] => {
		const colon = sentence.lastIndexOf(": ");
		return [sentence.slice(0, colon), sentence.slice(colon + 2).replace(/\.$/, "")];
	};
	const [proxmox, names] = await Promise.all([examineProxmox(input), checkNames(stack, surroundings)]);
	const addresses = await checkAddresses(stack, surroundings, proxmox.existing);
	const all = [
		...workstationMistakes(workstation, stack).map((sentence) => aboutWorkstation.mistake(...split(sentence))),
		...workstationWarnings(workstation, stack).map((sentence) => aboutWorkstation.warning(...split(sentence))),
		...checkSecrets(input),
		...proxmox.findings,
		...names,
		...addresses,
	];
	const order = Object.keys(parts);
	const findings = all.toSorted((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
	return { findings, answers: proxmox.answers };
}

function checkSecrets({ stack, secrets }: DoctorInput): Finding[] {
	const always = Object.entries(secretsSchema.shape)
		.filter(([, schema]) => !schema.safeParse(undefined).success)
		.map(([key]) => key as keyof Secrets);
	return [...always, ...neededSecrets(stack)]
		.filter((key) => !secrets.includes(key))
		.map((key) =>
			findingsAbout("secrets").mistake(
				`${key} is not in the stack file`,
				key === "clusterToken"
					? "run `openssl rand -hex 32 | pulumi config set --secret clusterToken`"
					: `run \`pulumi config set --secret ${key}\``,
			),
		);
}

interface ProxmoxFindings extends Diagnosis {
	/** Nodes whose VM an earlier `up` made; undefined when Proxmox did not say it. */
	existing: ReadonlySet<string> | undefined;
}

async function examineProxmox({ file, stack, token, surroundings }: DoctorInput): Promise<ProxmoxFindings> {
	if ("missing" in token) {
		const wrong = `Proxmox was not examined: ${token.missing}`;
		const mend =
			"set PROXMOX_API_TOKEN to user@realm!name=uuid, or set the secret proxmoxApiToken and log in to Pulumi";
		return { findings: [findingsAbout("connection").mistake(wrong, mend)], answers: false, existing: undefined };
	}
	const api = new ProxmoxApi(stack.proxmox.endpoint, token.value);
	let connection: Diagnosis | undefined;
	try {
		connection = await checkConnection(stack, api);
		if (!connection.answers) {
			return { ...connection, existing: undefined };
		}
		const { findings: aboutHosts, hosts } = await checkHosts(stack, api);
		const guests = await api.get<Guest[]>("/cluster/resources", { type: "vm" });
		const subject: Subject = { file, stack, api, surroundings, hosts, guests };
		const found = await Promise.all([
			attempt("privileges", () => checkPrivileges(subject)),
			attempt("hosts", async () => checkRoom(subject)),
			attempt("storages", () => checkStorages(subject)),
			attempt("gpus", () => checkGpus(subject)),
			attempt("bridges", () => checkBridges(subject)),
			attempt("machines", () => checkMachines(subject)),
			attempt("downloads", () => checkDownloads(subject)),
		]);
		return {
			findings: [...connection.findings, ...aboutHosts, ...found.flat()],
			answers: true,
			existing: existingNodes(subject),
		};
	} catch (error) {
		const unexamined = inProxmox.map((part) => unread(part, error));
		return { findings: [...(connection?.findings ?? []), ...unexamined], answers: true, existing: undefined };
	} finally {
		api.close();
	}
}

/** One part that cannot be examined does not keep the others from it. */
async function attempt(part: Part, check: () => Promise<Finding[]>): Promise<Finding[]> {
	try {
		return await check();
	} catch (error) {
		return [unread(part, error)];
	}
}

function unread(part: Part, error: unknown): Finding {
	if (!(error instanceof ProxmoxRefusal) && !(error instanceof NoConnection)) {
		throw error;
	}
	return findingsAbout(part).unchecked(
		`${part}: Proxmox does not answer (${error.message})`,
		"mend the other findings, and run the doctor again",
	);
}
