import { fileURLToPath } from "node:url";

/** The repository's root. */
export const project = fileURLToPath(new URL("..", import.meta.url));
