import type { StackConfig } from "../schema/stack.ts";

/** Where clients find the API and nodes register: the fixed address, or the name where there is none. */
export function apiHost({ api }: StackConfig["cluster"]): string {
	return api.address ?? api.hostname;
}
