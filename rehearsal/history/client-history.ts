/** A client that writes and reads through the API's address while servers change, and the verdict on what it saw. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { KubeConfig } from "@kubernetes/client-node";
import { registrationPort } from "../../src/facts/network.ts";
import type { Network } from "../doubles/network/network.ts";
import { execute } from "../setup/command.ts";

/** Verdict of `client-history check`. Operations have up to two attempts: the retry comes a second after a failure. */
export interface ClientVerdict {
	seconds: number;
	operations: number;
	perSecond: number;
	/** Operations whose first attempt failed. */
	failedAttempts: number;
	/** Operations whose retry failed too. */
	failedOperations: number;
	/** Attempts without an answer, which may have had an effect. */
	unknown: number;
	/** Acknowledged writes without an effect at the end. */
	lostWrites: number;
	/** Reads of a state that was older than one acknowledged before they began. */
	staleReads: number;
	/** Registers and sets whose operations no order explains. */
	notLinearizable: string[];
	/** Registers and sets for which no answer was found in time. */
	undecided: string[];
	/** Longest time between two successful operations, in milliseconds. */
	longestGap: number;
	/** Requests to the port at which nodes register. */
	registration: { operations: number; failedAttempts: number; failedOperations: number };
	/** One line for each failed attempt. */
	failures: string[];
}

export interface ClientAccess {
	/** Directory with the program. */
	binaries: string;
	network: Network;
	/** Text of the administrator's kubeconfig. */
	kubeconfig: string;
	/** The file for the history. It contains no secret. */
	file: string;
}

/** Fewer operations a second would leave gaps unseen. */
const leastPerSecond = 20;

/** A running client. */
export class ClientHistory {
	readonly #child: ChildProcess;
	readonly #errors: Promise<string>;
	readonly #access: ClientAccess;

	private constructor(child: ChildProcess, access: ClientAccess) {
		this.#child = child;
		this.#access = access;
		this.#errors = text(child.stderr!);
	}

	/** Resolves when the client works. */
	static async start(access: ClientAccess): Promise<ClientHistory> {
		const [program, ...args] = access.network.enter([programIn(access), "record", access.file]);
		const child = spawn(program, args, { stdio: "pipe" });
		const history = new ClientHistory(child, access);
		// By standard input: arguments and files can be read by others.
		child.stdin.write(`${JSON.stringify(credentials(access.kubeconfig))}\n`);
		const ready = once(createInterface(child.stdout), "line");
		await Promise.race([ready, once(child, "close").then(() => history.#refuse())]);
		return history;
	}

	/** Ends the client after a last read of everything, and judges what it saw. */
	async stop(): Promise<ClientVerdict> {
		const closed = this.#child.exitCode === null ? once(this.#child, "close") : undefined;
		this.#child.stdin!.end();
		await closed;
		if (this.#child.exitCode !== 0) {
			await this.#refuse();
		}
		return judgeHistory(this.#access.binaries, this.#access.file);
	}

	async #refuse(): Promise<never> {
		throw new Error(`The client of the API ended: ${(await this.#errors).trim()}`);
	}
}

export async function judgeHistory(binaries: string, file: string): Promise<ClientVerdict> {
	return JSON.parse(await execute([programIn({ binaries }), "check", file]));
}

/** Sentences; empty when no write was lost, no read was stale, and every operation succeeded at its retry at the latest. */
export function clientProblems(verdict: ClientVerdict): string[] {
	const counts: [number, string][] = [
		[verdict.lostWrites, "acknowledged writes were lost"],
		[verdict.staleReads, "reads were stale"],
		[verdict.failedOperations, "operations failed at their retry too"],
		[verdict.registration.failedOperations, "requests for registration failed at their retry too"],
	];
	const problems = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
	return [
		...problems,
		...verdict.notLinearizable.map((key) => `no order of its operations explains what the client read from ${key}`),
		...verdict.undecided.map((key) => `the history of ${key} was not decided in time`),
		...(verdict.perSecond < leastPerSecond
			? [`the client made ${verdict.perSecond.toFixed(1)} operations a second instead of ${leastPerSecond}`]
			: []),
		...(problems.length > 0 ? verdict.failures : []),
	];
}

/** One line for people. */
export function describeVerdict(verdict: ClientVerdict): string {
	const { operations, perSecond, failedAttempts, failedOperations, lostWrites, staleReads, longestGap } = verdict;
	return (
		`${operations} operations (${perSecond.toFixed(0)} a second), ${failedAttempts} failed once, ` +
		`${failedOperations} twice, ${lostWrites} lost writes, ${staleReads} stale reads, longest gap ${longestGap} ms`
	);
}

function credentials(kubeconfig: string) {
	const config = new KubeConfig();
	config.loadFromString(kubeconfig);
	const { server, caData } = config.getCurrentCluster()!;
	const { certData, keyData } = config.getCurrentUser()!;
	const decode = (value = "") => Buffer.from(value, "base64").toString();
	return {
		server,
		registration: `https://${new URL(server).hostname}:${registrationPort}`,
		authority: decode(caData),
		certificate: decode(certData),
		key: decode(keyData),
	};
}

function programIn({ binaries }: Pick<ClientAccess, "binaries">): string {
	return join(binaries, "client-history");
}
