import pRetry from "p-retry";

/** How long the API may be away while its address moves to another server. */
const absenceSeconds = 60;

/** Asks again while the API gives no answer, or cannot reach etcd. */
export function whenAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
	const options = { retries: absenceSeconds, factor: 1, minTimeout: 1_000, maxRetryTime: absenceSeconds * 1_000 };
	return pRetry(ask, { ...options, shouldRetry: ({ error }) => (statusOf(error) ?? 500) >= 500 });
}

/** HTTP status of an answer; nothing when there was no answer. */
export function statusOf(error: unknown): number | undefined {
	// Errors of the connection have a text there, such as ECONNREFUSED.
	const { code } = error as { code?: unknown };
	return typeof code === "number" ? code : undefined;
}
