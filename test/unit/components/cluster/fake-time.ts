import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, vi } from "vitest";

/** Time that a test moves on, and a log that a test reads. Call it once in a file. */
export function useFakeTimeAndLog(): void {
	beforeEach(() => {
		vi.useFakeTimers();
		for (const severity of ["info", "warn"] as const) {
			vi.spyOn(pulumi.log, severity).mockResolvedValue(undefined);
		}
	});

	afterEach(() => {
		vi.useRealTimers();
		vi.restoreAllMocks();
	});
}
