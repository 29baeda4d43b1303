import { apiPort } from "../../src/facts/network.ts";
import type { Connect } from "./api-client.ts";

const answerSeconds = 10;

/**
 * Whether an API server answers, which asks its own etcd: the answer proves a quorum.
 *
 * @param address of one server; without it the API's own address is asked
 */
export async function serverAnswers(connect: Connect, address?: string): Promise<boolean> {
	const core = await connect(
		({ CoreV1Api }) => CoreV1Api,
		address === undefined ? undefined : `https://${address}:${apiPort}`,
	);
	try {
		await Promise.race([core.readNamespace({ name: "kube-system" }), refuseAfter(answerSeconds)]);
		return true;
	} catch {
		return false;
	}
}

function refuseAfter(seconds: number): Promise<never> {
	return new Promise((_, reject) => {
		setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1_000).unref();
	});
}
