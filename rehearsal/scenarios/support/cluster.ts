/** The cluster of the scenarios: three servers and two workers of the lab. */
import assert from "node:assert/strict";
import { apply as mergePatch } from "tiny-merge-patch";
import type { Secrets } from "../../../src/config/schema/stack.ts";
import type { EngineResult, EngineStep } from "../../engine/engine.ts";
import type { CallOptions } from "../../options.ts";
import { Rehearsal } from "../../rehearsal.ts";
import { complaints } from "../../report/complaints.ts";
import type { Listeners } from "../../report/page/witness.ts";
import { changeCount } from "../../report/result.ts";
import type { PowerAction } from "../../session/power.ts";
import { nodesOnly } from "../../stack/nodes-only.ts";
import { etcdLeader, moveLeadership } from "../../verify/etcd.ts";
import { Diagnostics } from "./diagnostics.ts";
import { eventually } from "./eventually.ts";

export type Change = Record<string, unknown>;

/** What one `up` of a scenario brings. */
export interface ScenarioUp {
	/** Merge patch over the stack file. */
	change?: Change;
	secrets?: Partial<Secrets>;
}

/** Long enough for a machine that boots, or for an election of etcd. */
const recoverySeconds = 180;

export const [firstServer, secondServer, thirdServer] = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"] as const;
export const [firstWorker, secondWorker] = ["proj-k8sw01", "proj-k8sw02"] as const;
export const servers: readonly string[] = [firstServer, secondServer, thirdServer];
export const workers: readonly string[] = [firstWorker, secondWorker];

export class ScenarioCluster {
	readonly rehearsal: Rehearsal;
	readonly #diagnostics: Diagnostics;
	readonly #listeners: Listeners | undefined;
	/** Gets the steps of the running operation. */
	onStep: ((step: EngineStep) => void) | undefined;
	/** What the scenarios so far changed in the stack file. */
	#change: Change = {};
	/** What they changed in the stack's secrets. */
	#secrets: Partial<Secrets> = {};
	#changes = 0;

	private constructor(rehearsal: Rehearsal, diagnostics: Diagnostics, listeners?: Listeners) {
		this.rehearsal = rehearsal;
		this.#diagnostics = diagnostics;
		this.#listeners = listeners;
	}

	/**
	 * Starts a datacenter and its cluster.
	 *
	 * @param name name of the rehearsal
	 * @param listeners get what happens from now on
	 */
	static async open(name: string, say: (line: string) => void, listeners?: Listeners): Promise<ScenarioCluster> {
		const diagnostics = new Diagnostics();
		let cluster: ScenarioCluster | undefined;
		const rehearsal = await Rehearsal.open({
			name,
			// A scenario may kill a run.
			checkpoints: true,
			stack: "lab",
			change: nodesOnly(...servers, ...workers),
			say,
			...listeners,
			onStep: (step) => {
				listeners?.onStep(step);
				cluster?.onStep?.(step);
			},
			onDiagnostic: (diagnostic) => {
				listeners?.onDiagnostic(diagnostic);
				diagnostics.tell(diagnostic);
			},
		});
		cluster = new ScenarioCluster(rehearsal, diagnostics, listeners);
		try {
			await cluster.upSucceeds();
		} catch (error) {
			await rehearsal.close();
			throw error;
		}
		return cluster;
	}

	/** @param change merge patch, which stays in the stack file, as the secrets of the options do */
	up(change: Change = {}, { secrets = {}, ...options }: CallOptions = {}): Promise<EngineResult> {
		this.#change = mergePatch(this.#change, change) as Change;
		this.#secrets = { ...this.#secrets, ...secrets };
		return this.rehearsal.up(this.#change, { ...options, secrets: this.#secrets });
	}

	async upSucceeds(change?: Change, options?: CallOptions): Promise<EngineResult> {
		const up = await this.up(change, options);
		assert.equal(complaints(up), "");
		return up;
	}

	/** @returns one line for each error of the `up`, which has to fail */
	async upFails(change?: Change, options?: CallOptions): Promise<string> {
		const up = await this.up(change, options);
		assert.equal(up.succeeded, false, "`up` succeeded although it should have been refused");
		return complaints(up);
	}

	/** Asserts that a preview with this change, which does not stay in the stack file, is refused with the sentence. */
	async previewFails(change: Change, sentence: RegExp): Promise<void> {
		const preview = await this.rehearsal.preview(mergePatch(this.#change, change) as Change);
		assert.equal(preview.succeeded, false, "a preview succeeded although it should have been refused");
		assert.match(complaints(preview), sentence);
	}

	/**
	 * A change that restarts RKE2 on every server and on no worker.
	 *
	 * @param more further keys of `cluster`
	 */
	changeOfServers(more: Change = {}): Change {
		this.#changes += 1;
		return { cluster: { etcdSnapshots: { retention: 28 + this.#changes }, ...more } };
	}

	/** A change that restarts RKE2 on every node. */
	changeOfAllNodes(): Change {
		this.#changes += 1;
		const endpoints = [`https://mirror-${this.#changes}.lab.internal`];
		return { cluster: { registries: { mirrors: { "docker.io": { endpoints } } } } };
	}

	/** The RKE2 process of each node: one that was restarted is another one. A node without power has none. */
	async processes(): Promise<Record<string, string>> {
		const entries = [...servers, ...workers].map(async (node) => {
			const show = `systemctl show --property MainPID --value ${serviceOf(node)}`;
			return [node, (await this.rehearsal.onNode(node, show).catch(() => "")).trim()] as const;
		});
		return Object.fromEntries(await Promise.all(entries));
	}

	/** Asserts that RKE2 was restarted on these nodes and on no other since then. */
	async restartedSince(before: Record<string, string>, expected: readonly string[]): Promise<void> {
		const now = await this.processes();
		assert.deepEqual(
			Object.keys(before).filter((node) => now[node] !== before[node]),
			expected,
			"RKE2 was restarted on other nodes than expected",
		);
	}

	/** The nodes in the order in which their RKE2 started. */
	async startOrder(): Promise<string[]> {
		const started = [...servers, ...workers].map(async (node) => {
			const show = `systemctl show --property ActiveEnterTimestampMonotonic --value ${serviceOf(node)}`;
			return { node, at: Number(await this.rehearsal.onNode(node, show)) };
		});
		return (await Promise.all(started)).sort((one, other) => one.at - other.at).map(({ node }) => node);
	}

	/** The release of RKE2 in the stack file, after the scenarios so far. */
	get version(): string {
		return (
			(this.#change as { cluster?: { version?: string } }).cluster?.version ?? this.rehearsal.stack.cluster.version
		);
	}

	/** The Proxmox host of a node in the stack file, after the scenarios so far. */
	hostOf(node: string): string {
		const { nodes } = this.#change as { nodes?: Record<string, { host?: string } | undefined> };
		return nodes?.[node]?.host ?? this.rehearsal.stack.nodes[node]!.host;
	}

	/** As that of the rehearsal, where a scenario may have moved the machine. */
	power(node: string, action: PowerAction): Promise<void> {
		return this.rehearsal.power(node, action, this.hostOf(node));
	}

	deleteMachine(node: string): Promise<void> {
		return this.rehearsal.deleteMachine(node, this.hostOf(node));
	}

	/** The release that the kubelet of each node reports. */
	async kubelets(): Promise<Record<string, string>> {
		const { items } = JSON.parse(await this.rehearsal.kubectl("get", "nodes", "--output", "json"));
		return Object.fromEntries(
			items.map((node: { metadata: { name: string }; status: { nodeInfo: { kubeletVersion: string } } }) => [
				node.metadata.name,
				node.status.nodeInfo.kubeletVersion,
			]),
		);
	}

	/** Resolves when the running operation prints such a line. */
	says(line: RegExp): Promise<void> {
		return this.#diagnostics.wait(`the line ${line}`, ({ message }) => line.test(message));
	}

	/** The server that holds the API's address. */
	async holder(): Promise<string> {
		const { address } = this.rehearsal.stack.cluster.api;
		for (const server of servers) {
			const addresses = await this.rehearsal.onNode(server, "ip -brief address show").catch(() => "");
			if (addresses.includes(` ${address}/`)) {
				return server;
			}
		}
		throw new Error(`no server holds ${address}`);
	}

	/** A server that neither is this one nor holds the API's address, and does not lead etcd. */
	async bystander(server: string): Promise<string> {
		const holder = await this.holder();
		await this.lead(server);
		return servers.find((other) => other !== server && other !== holder)!;
	}

	leader(): Promise<string> {
		return etcdLeader(servers, (node, command) => this.rehearsal.onNode(node, command));
	}

	/** Makes a server etcd's leader. */
	async lead(server: string): Promise<void> {
		await moveLeadership(server, servers, (node, command) => this.rehearsal.onNode(node, command));
		await eventually(async () => assert.equal(await this.leader(), server));
	}

	/** Stops a program of a node, or lets it go on. */
	async signal(node: string, signal: "STOP" | "CONT", program: string): Promise<void> {
		this.#listeners?.onFault(`${program} on ${node} gets SIG${signal}.`);
		await this.rehearsal.onNode(node, `sh -c 'kill -${signal} $(pidof ${program})'`);
	}

	/** Nodes that take no new pods. */
	async cordoned(): Promise<string[]> {
		const selector = ["get", "nodes", "--field-selector", "spec.unschedulable=true", "--output", "name"];
		return (await this.rehearsal.kubectl(...selector))
			.split("\n")
			.filter(Boolean)
			.map((name) => name.replace("node/", ""));
	}

	/** Waits until the cluster is as its stack file requires, as seen from outside. */
	async becomesHealthy(): Promise<void> {
		await eventually(async () => {
			const { problems, etcdVoters } = await this.rehearsal.verify();
			assert.deepEqual(problems, []);
			assert.equal(etcdVoters, servers.length);
		}, recoverySeconds);
	}

	/** Asserts that the next `up` would change nothing. */
	async isLikeItsStackFile(): Promise<void> {
		assert.equal(
			changeCount(await this.rehearsal.preview(this.#change, { secrets: this.#secrets })),
			0,
			"a preview shows changes",
		);
	}

	/** Takes a snapshot of etcd on a server, as `cluster.restore` names it. */
	async saveEtcd(server: string): Promise<object> {
		const said = await this.rehearsal.onNode(server, "sh -c '/usr/local/bin/rke2 etcd-snapshot save --name kept 2>&1'");
		return { server, snapshot: /Snapshot (kept-\S+) saved/.exec(said)![1]! };
	}

	async close(): Promise<void> {
		await this.rehearsal.close();
	}
}

function serviceOf(node: string): string {
	return servers.includes(node) ? "rke2-server.service" : "rke2-agent.service";
}
