import { apiPort } from "../../src/facts/network.ts";
import type { Connect } from "./api-client.ts";

const answerSeconds = 10;

/**
 * Whether a server's own API server answers, which asks its own etcd: the answer proves a quorum.
 *
 * @param address of the server, never the shared one
 */
export async function serverAnswers(connect: Connect, address: string): Promise<boolean> {
	const core = await connect(({ CoreV1Api }) => CoreV1Api, `https://${address}:${apiPort}`);
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
