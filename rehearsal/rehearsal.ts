/** One rehearsal from the outside: a datacenter that is up, and a program that is run against it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prefixLength } from "../src/config/addresses.ts";
import type { Secrets, StackConfig } from "../src/config/schema.ts";
import { tokenId } from "../src/proxmox/privileges.ts";
import { describeDatacenter, imageSha256 } from "./datacenter/lab.ts";
import { countLeftovers, type Leftovers } from "./datacenter/leftovers.ts";
import { type MemoryWatch, watchMemory } from "./datacenter/memory.ts";
import { createNetwork, openNetwork } from "./datacenter/network.ts";
import { DatacenterProcess } from "./datacenter/process.ts";
import { describeRun, destroyRun, type Run } from "./datacenter/run.ts";
import { describeServices } from "./datacenter/services.ts";
import type { Diagnostic, EngineResult, EngineStep, StackOutput } from "./engine/engine.ts";
import { writeKept } from "./kept.ts";
import { packageCharts, standInCharts } from "./mirrors/charts.ts";
import { createServerCertificate } from "./proxmox/certificate.ts";
import { buildRelease } from "./rke2/release.ts";
import type { PowerAction } from "./session/power.ts";
import type { EngineName, EngineRequest } from "./session/protocol.ts";
import { Session } from "./session/session.ts";
import { sshArguments } from "./session/ssh.ts";
import { run as execute } from "./setup/command.ts";
import { setUp } from "./setup/index.ts";
import type { Toolbox } from "./setup/toolbox.ts";
import { mergePatch } from "./stack/merge-patch.ts";
import { createOverlay, describeOverlay, type Overlay } from "./stack/overlay.ts";
import { engineConfig, projectName, resolveStack, stackValues } from "./stack/stack.ts";
import type { ClusterReport } from "./verify/cluster.ts";

export interface RehearsalOptions {
	/** Default `lab`. Rehearsals of different names may be up at once, as far as memory goes. */
	name?: string;
	engine?: EngineName;
	/** Names the stack file, `Pulumi.<stack>.yaml`. */
	stack: string;
	/** Merge patch (RFC 7396) over the stack file, for scenarios. */
	change?: Record<string, unknown>;
	/** Progress for a person. */
	say: (line: string) => void;
	onStep?: (step: EngineStep) => void;
	onDiagnostic?: (diagnostic: Diagnostic) => void;
}

const project = fileURLToPath(new URL("..", import.meta.url));
const mirrorPort = 8880;

export class Rehearsal {
	readonly run: Run;
	readonly stack: StackConfig;
	readonly engine: { name: EngineName; description: string };
	readonly #parts: Parts;
	readonly #memory: MemoryWatch;

	private constructor(parts: Parts, engine: Rehearsal["engine"], memory: MemoryWatch) {
		this.run = parts.run;
		this.stack = parts.stack;
		this.engine = engine;
		this.#parts = parts;
		this.#memory = memory;
	}

	/** Sets the machine up where needed, boots the datacenter and finds an engine. */
	static async open(options: RehearsalOptions): Promise<Rehearsal> {
		const toolbox = await setUp(options.say);
		const run = describeRun(options.name);
		const parts = await prepare(options, run, toolbox);
		try {
			const engine = await parts.session.call("engine", { name: options.engine, project });
			return new Rehearsal(parts, engine, watchMemory(run));
		} catch (error) {
			await parts.session.close();
			await destroyRun(run);
			throw error;
		}
	}

	get stackName(): string {
		return this.#parts.stackName;
	}

	/** The overlay as a person reads it. */
	get overlayText(): string {
		return describeOverlay(this.#parts.overlay);
	}

	/**
	 * @param change further merge patch over the stack, for this call only
	 * @param secrets further secrets or others, for this call only
	 */
	preview(change?: Record<string, unknown>, secrets?: Partial<Secrets>): Promise<EngineResult> {
		return this.#parts.session.call("preview", this.#request(change, secrets));
	}

	up(change?: Record<string, unknown>, secrets?: Partial<Secrets>): Promise<EngineResult> {
		return this.#parts.session.call("up", this.#request(change, secrets));
	}

	destroy(): Promise<EngineResult> {
		return this.#parts.session.call("destroy", this.#request());
	}

	outputs(): Promise<Record<string, StackOutput>> {
		return this.#parts.session.call("outputs", this.#request());
	}

	async verify(): Promise<ClusterReport> {
		const { kubeconfig } = await this.outputs();
		return this.#parts.session.call("verify", {
			stack: this.stack,
			kubeconfig: String(kubeconfig?.value),
			helm: join(this.#parts.toolbox.binaries, "helm"),
			identity: this.#parts.identity,
		});
	}

	/** Cuts the power of a node's machine or switches it on, through the Proxmox API. */
	async power(node: string, action: PowerAction): Promise<void> {
		const { proxmox, nodes } = this.stack;
		const { host, vmId } = nodes[node]!;
		const apiToken = this.#parts.overlay.secrets.proxmoxApiToken;
		await this.#parts.session.call("power", { endpoint: proxmox.endpoint, apiToken, host, vmId, action });
	}

	/** Runs kubectl as the cluster's administrator, where its kubeconfig finds the API, and returns what it printed. */
	async kubectl(...parameters: string[]): Promise<string> {
		const kubectl = join(this.#parts.toolbox.binaries, "kubectl");
		return execute(
			openNetwork(this.run).enterWithNames([kubectl, "--kubeconfig", await this.#kubeconfigFile(), ...parameters]),
		);
	}

	/** Runs a command on a node as root and returns what it printed. */
	onNode(node: string, command: string): Promise<string> {
		const login = sshArguments(this.stack, node, this.#parts.identity);
		return execute(openNetwork(this.run).enter(["ssh", ...login, "sudo", command]));
	}

	get datacenter(): DatacenterProcess {
		return this.#parts.datacenter;
	}

	/** Leaves everything up for `exec`, `ssh` and `down`. */
	async detach(): Promise<RehearsalEnd> {
		const file = await this.#kubeconfigFile();
		await writeKept(this.run.directory, {
			binaries: this.#parts.toolbox.binaries,
			kubeconfig: file,
			identity: this.#parts.identity,
			stack: this.stack,
		});
		const holdings = await this.#parts.datacenter.holdings();
		const peakMemoryMiB = await this.#memory.stop();
		await this.#parts.session.close();
		this.#parts.datacenter.detach();
		return { peakMemoryMiB, leftovers: { ...holdings, ...countLeftovers(this.run) } };
	}

	/** Takes the datacenter down, whatever is in it, and counts what was left before and after. */
	async close(): Promise<RehearsalEnd> {
		const holdings = await this.#parts.datacenter.holdings();
		const peakMemoryMiB = await this.#memory.stop();
		await this.#parts.session.close();
		await this.#parts.datacenter.stop();
		await destroyRun(this.run);
		return { peakMemoryMiB, leftovers: { ...holdings, ...countLeftovers(this.run) } };
	}

	async #kubeconfigFile(): Promise<string> {
		const { kubeconfig } = await this.outputs();
		const file = join(this.run.directory, "kubeconfig");
		await writeFile(file, String(kubeconfig?.value), { mode: 0o600 });
		return file;
	}

	#request(change: Record<string, unknown> = {}, secrets: Partial<Secrets> = {}): EngineRequest {
		const { values, stackName, environment, run } = this.#parts;
		const overlay = { ...this.#parts.overlay, secrets: { ...this.#parts.overlay.secrets, ...secrets } };
		return {
			projectDirectory: project,
			stack: stackName,
			config: engineConfig(projectName(project), mergePatch(values, change) as Record<string, unknown>, overlay),
			stateDirectory: join(run.directory, "engine"),
			policyPack: join(project, "policies"),
			environment,
		};
	}
}

export interface RehearsalEnd {
	/** At its highest, over the whole rehearsal. */
	peakMemoryMiB: number;
	leftovers: Leftovers & { vms: number; volumes: number };
}

interface Parts {
	run: Run;
	toolbox: Toolbox;
	stackName: string;
	stack: StackConfig;
	/** Plain values of the stack file, without the overlay. */
	values: Record<string, unknown>;
	overlay: Overlay;
	datacenter: DatacenterProcess;
	session: Session;
	environment: Record<string, string>;
	identity: string;
}

async function prepare(options: RehearsalOptions, run: Run, toolbox: Toolbox): Promise<Parts> {
	const values = mergePatch(stackValues(project, options.stack), options.change ?? {}) as StackFileValues;
	const artifacts = join(run.directory, "artifacts");
	const charts = join(run.directory, "charts");
	const identity = join(run.directory, "id_ed25519");
	await destroyStale(run);
	await mkdir(run.directory, { recursive: true, mode: 0o700 });
	const release = await buildRelease({ version: values.cluster.version, directory: artifacts });
	await packageCharts(standInCharts, charts);
	const overlay = createOverlay({
		mirror: `http://${values.network.gateway}:${mirrorPort}`,
		artifactSha256: release.sha256,
		imageSha256: imageSha256(values.proxmox.image.url),
		tokenId: tokenId(values.cluster.name),
		authorizedKey: await createIdentity(identity),
	});
	const stack = resolveStack(values, overlay.values);
	const endpoint = new URL(stack.proxmox.endpoint);
	const certificate = await createServerCertificate(endpoint.hostname);
	const trust = join(run.directory, "proxmox-ca.pem");
	await writeFile(trust, certificate.caPem);
	const services = describeServices(stack);
	const network = await createNetwork(
		run,
		[
			{ ...segment(stack), cidr: `${stack.network.gateway}/${prefixLength(stack.network.cidr)}` },
			{ bridge: "management", cidr: `${endpoint.hostname}/24` },
			// In their segment or through their gateway, the nodes reach these wherever they are.
			...[...services.names.servers, services.loadBalancer?.address ?? []]
				.flat()
				.map((address) => ({ ...segment(stack), cidr: `${address}/32` })),
		],
		services.names.servers,
	);
	const datacenter = await DatacenterProcess.start({
		run,
		toolbox,
		datacenter: describeDatacenter(stack, overlay.secrets.proxmoxApiToken),
		services,
		proxmox: { address: endpoint.hostname, port: Number(endpoint.port || 443), certificate },
		mirror: { address: stack.network.gateway, port: mirrorPort, artifacts, charts },
	});
	// Go programs and Node read the extra authority from different places; the real plugins are Go, the embedded host is Node.
	const environment = {
		SSL_CERT_FILE: trust,
		NODE_EXTRA_CA_CERTS: trust,
		PATH: `${toolbox.binaries}:${process.env.PATH}`,
	};
	const session = new Session(network, environment, options);
	return { run, toolbox, stackName: options.stack, stack, values, overlay, datacenter, session, environment, identity };
}

/** The few values that are needed before the stack can be checked as a whole. */
type StackFileValues = Record<string, unknown> & {
	cluster: { name: string; version: string };
	network: { gateway: string };
	proxmox: { image: { url: string } };
};

function segment({ network }: StackConfig): { bridge: string; tag: number } {
	return { bridge: network.bridge, tag: network.vlan };
}

/** What a crashed rehearsal left would be in the way; one that is up is not touched. */
async function destroyStale(run: Run): Promise<void> {
	const { processes } = countLeftovers(run);
	if (processes > 0) {
		throw new Error(`The rehearsal "${run.name}" is up already. \`npm run rehearse -- down\` takes it down.`);
	}
	await destroyRun(run);
}

async function createIdentity(path: string): Promise<string> {
	await execute(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rehearsal", "-f", path]);
	return (await execute(["ssh-keygen", "-y", "-f", path])).trim();
}
