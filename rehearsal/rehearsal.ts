/** One rehearsal: a running datacenter, and the operations of the program against it. */
import { randomUUID } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apply as mergePatch } from "tiny-merge-patch";
import type { Secrets, StackConfig } from "../src/config/schema/stack.ts";
import type { Exported } from "../src/state/exported.ts";
import type { Inventory } from "./datacenter/control.ts";
import type { DatacenterProcess } from "./datacenter/datacenter-process.ts";
import { destroyRun } from "./datacenter/destroy-run.ts";
import { countLeftovers, type Leftovers } from "./datacenter/leftovers.ts";
import { openNetwork } from "./doubles/network/network.ts";
import type { CommandResult } from "./engine/cli.ts";
import type { ConfigValue, EngineResult, ImportedResource, StackOutput } from "./engine/engine.ts";
import { ClientHistory } from "./history/client-history.ts";
import { writeKeptRun } from "./kept-run.ts";
import type { CallOptions, RehearsalOptions } from "./options.ts";
import { type Parts, prepare } from "./prepare.ts";
import { project } from "./project.ts";
import { describeRun, type Run } from "./run/run.ts";
import type { PowerAction } from "./session/power.ts";
import type { EngineRequest } from "./session/protocol.ts";
import type { MachineAccess } from "./session/proxmox-api.ts";
import { sshArguments } from "./session/ssh.ts";
import { type Command, execute } from "./setup/command.ts";
import { setUp } from "./setup/index.ts";
import { describeOverlay, overlayOf } from "./stack/overlay.ts";
import { engineConfig, projectName } from "./stack/stack.ts";
import type { ClusterReport } from "./verify/cluster.ts";

export class Rehearsal {
	readonly run: Run;
	readonly stack: StackConfig;
	/** The CLI and the plugins, and the origin of each. */
	readonly pulumi: string;
	readonly #parts: Parts;
	readonly #checkpoints: boolean;
	readonly #policies: boolean;
	readonly #onFault: (text: string) => void;
	/** Operations that run and may change the outputs. */
	#operations = 0;
	/** Outputs of the last operation, because reading them takes two calls of the CLI. */
	#outputs: Promise<Record<string, StackOutput>> | undefined;

	private constructor(parts: Parts, pulumi: string, options: RehearsalOptions) {
		this.run = parts.run;
		this.stack = parts.stack;
		this.pulumi = pulumi;
		this.#parts = parts;
		this.#policies = options.policies ?? true;
		this.#onFault = options.onFault ?? (() => undefined);
		this.#checkpoints = options.checkpoints ?? process.env.PULUMI_SKIP_CHECKPOINTS !== "true";
	}

	/** Sets up this computer where needed, and starts the datacenter. */
	static async open(options: RehearsalOptions): Promise<Rehearsal> {
		const toolbox = await setUp(options.say);
		const run = describeRun(options.name);
		const parts = await prepare(options, run, toolbox);
		try {
			return new Rehearsal(parts, await parts.session.call("open", toolbox.pulumi), options);
		} catch (error) {
			await parts.session.close();
			await destroyRun(run);
			throw error;
		}
	}

	get stackName(): string {
		return this.#parts.stackName;
	}

	/** The stack's secrets of this run. No scenario prints them. */
	get secrets(): Secrets {
		return this.#parts.overlay.secrets;
	}

	/** The overlay as text, without the secrets' values. */
	get overlayText(): string {
		return describeOverlay(this.#parts.overlay);
	}

	/** The configuration that a call gets. It has the secrets of the run in clear text. */
	config(change?: Record<string, unknown>, options?: CallOptions): Record<string, ConfigValue> {
		return this.#request(change, options).config;
	}

	/** @param change further merge patch over the stack, for this call only */
	preview(change?: Record<string, unknown>, options: CallOptions = {}): Promise<EngineResult> {
		// A preview saves no state. The CLI prepares it at each step all the same, which takes a quarter of the processor time
		// (measured with `--profiling`).
		const environment = { ...options.environment, PULUMI_SKIP_CHECKPOINTS: "true" };
		return this.#parts.session.call("preview", this.#request(change, { ...options, environment }));
	}

	up(change?: Record<string, unknown>, options?: CallOptions): Promise<EngineResult> {
		return this.#changing(() => this.#parts.session.call("up", this.#request(change, options)));
	}

	refresh(options?: CallOptions): Promise<EngineResult> {
		return this.#changing(() => this.#parts.session.call("refresh", this.#request({}, options)));
	}

	import(resources: ImportedResource[]): Promise<EngineResult> {
		return this.#changing(() => this.#parts.session.call("import", { request: this.#request(), resources }));
	}

	destroy(): Promise<EngineResult> {
		return this.#changing(() => this.#parts.session.call("destroy", this.#request()));
	}

	/** Runs `npm run reach`, or `npm run drift` with options, and returns its output. */
	command(name: "reach" | "drift", change?: Record<string, unknown>, ...options: string[]): Promise<CommandResult> {
		return this.#parts.session.call("command", { name, request: this.#request(change), options });
	}

	/** Interrupts the running operation, as Ctrl+C does. */
	async interrupt(): Promise<void> {
		await this.#parts.session.call("interrupt", null);
	}

	/**
	 * Kills the running operation: the CLI only, or the CLI with its plugins, as a crash of the workstation does.
	 *
	 * @throws Error when the CLI does not save the state at each step: the state would lack all that the operation did
	 */
	async kill(what: "cli" | "everything"): Promise<void> {
		if (!this.#checkpoints) {
			throw new Error("A rehearsal whose operations are killed has to be opened with `checkpoints: true`.");
		}
		this.#onFault(`The operation is killed: ${what}.`);
		await this.#parts.session.call("kill", what);
	}

	/** Releases the lock of an operation that did not end. */
	async cancel(): Promise<void> {
		await this.#parts.session.call("cancel", this.#request());
	}

	outputs(): Promise<Record<string, StackOutput>> {
		const read = () => this.#parts.session.call("outputs", this.#request());
		if (this.#operations > 0) {
			return read();
		}
		this.#outputs ??= read().catch((error) => {
			this.#outputs = undefined;
			throw error;
		});
		return this.#outputs;
	}

	/** The stack's state, with encrypted secrets. */
	state(): Promise<Exported> {
		return this.#parts.session.call("state", this.#request());
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

	/** Offers a further release of RKE2 on the mirror. A call with that `cluster.version` gets its digest. */
	async offerRelease(version: string): Promise<void> {
		await this.#parts.releases.offer(version, () => undefined);
	}

	/** Starts a client that writes and reads through the API's address until it is stopped. */
	async startClient(): Promise<ClientHistory> {
		const { kubeconfig } = await this.outputs();
		return ClientHistory.start({
			binaries: this.#parts.toolbox.binaries,
			network: openNetwork(this.run),
			kubeconfig: String(kubeconfig?.value),
			file: join(this.run.directory, `client-history-${randomUUID()}.jsonl`),
		});
	}

	/** Cuts the power of a node's machine, starts it or reboots it, through the Proxmox API. The default host is that of the stack. */
	async power(node: string, action: PowerAction, host?: string): Promise<void> {
		this.#onFault(`Proxmox gets the order for the machine of ${node}: ${action}.`);
		await this.#parts.session.call("power", { ...this.#machine(node), ...(host && { host }), action });
	}

	/** Deletes a node's machine with its disks, through the Proxmox API. The default host is that of the stack. */
	async deleteMachine(node: string, host?: string): Promise<void> {
		this.#onFault(`The machine of ${node} is deleted in Proxmox.`);
		await this.#parts.session.call("deleteMachine", { ...this.#machine(node), ...(host && { host }) });
	}

	/** Changes the configuration of a node's machine through the Proxmox API. The settings have the API's names and values. */
	async configure(node: string, settings: Record<string, string>): Promise<void> {
		await this.#parts.session.call("configure", { ...this.#machine(node), settings });
	}

	/** Runs kubectl with the administrator's kubeconfig and returns its output. */
	async kubectl(...args: string[]): Promise<string> {
		return execute(await this.kubectlCommand(...args));
	}

	/** The command of {@link kubectl}, for one that runs for longer. */
	async kubectlCommand(...args: string[]): Promise<Command> {
		const kubectl = join(this.#parts.toolbox.binaries, "kubectl");
		return openNetwork(this.run).enterWithNames([kubectl, "--kubeconfig", await this.#kubeconfigFile(), ...args]);
	}

	/** Runs a command on a node as root and returns its output. */
	onNode(node: string, command: string): Promise<string> {
		const login = sshArguments(this.stack, node, this.#parts.identity);
		return execute(openNetwork(this.run).enter(["ssh", ...login, "sudo", command]));
	}

	get datacenter(): DatacenterProcess {
		return this.#parts.datacenter;
	}

	/** Keeps everything running for `exec`, `ssh` and `down`. */
	async detach(): Promise<RehearsalEnd> {
		const file = await this.#kubeconfigFile();
		await writeKeptRun(this.run.directory, {
			binaries: this.#parts.toolbox.binaries,
			kubeconfig: file,
			identity: this.#parts.identity,
			stack: this.stack,
		});
		const inventory = await this.#parts.datacenter.inventory();
		await this.#parts.session.close();
		this.#parts.datacenter.detach();
		return { ...inventory, ...countLeftovers(this.run) };
	}

	/** Removes the datacenter with all its contents. Counts its inventory before, and the leftovers after. */
	async close(): Promise<RehearsalEnd> {
		const inventory = await this.#parts.datacenter.inventory();
		await this.#parts.session.close();
		await this.#parts.datacenter.stop();
		await destroyRun(this.run);
		return { ...inventory, ...countLeftovers(this.run) };
	}

	async #changing<R>(operation: () => Promise<R>): Promise<R> {
		this.#operations += 1;
		try {
			return await operation();
		} finally {
			this.#operations -= 1;
			this.#outputs = undefined;
		}
	}

	#machine(node: string): MachineAccess {
		const { host, vmId } = this.stack.nodes[node]!;
		const apiToken = this.#parts.overlay.secrets.proxmoxApiToken;
		return { endpoint: this.stack.proxmox.endpoint, apiToken, host, vmId };
	}

	async #kubeconfigFile(): Promise<string> {
		const { kubeconfig } = await this.outputs();
		const file = join(this.run.directory, "kubeconfig");
		// Complete at any moment: kubectl without a server in its kubeconfig asks localhost.
		const partial = `${file}.${randomUUID()}`;
		await writeFile(partial, String(kubeconfig?.value), { mode: 0o600 });
		await rename(partial, file);
		return file;
	}

	#request(
		change: Record<string, unknown> = {},
		{ secrets = {}, environment = {}, ...adjustments }: CallOptions = {},
	): EngineRequest {
		const { stackName, run, overlay, releases } = this.#parts;
		const values = mergePatch(this.#parts.values, change) as Parts["values"];
		const adjusted = overlayOf(overlay, values.cluster, releases.digestOf(values.cluster.version));
		return {
			projectDirectory: project,
			stack: stackName,
			config: engineConfig(projectName(project), values, {
				values: adjusted,
				secrets: { ...overlay.secrets, ...secrets },
			}),
			stateDirectory: join(run.directory, "engine"),
			...(this.#policies && { policyPack: join(project, "policies") }),
			environment: {
				...this.#parts.environment,
				PULUMI_SKIP_CHECKPOINTS: String(!this.#checkpoints),
				...environment,
			},
			...adjustments,
		};
	}
}

/** What is there at the end of a rehearsal, and what it leaves behind. */
export type RehearsalEnd = Leftovers & Inventory;
