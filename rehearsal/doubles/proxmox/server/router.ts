import type { Access } from "../auth/access.ts";
import { ApiError } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

export interface Call {
	access: Access;
	parameters: Parameters;
}

/** Returns the `data` of the answer. */
type Handler = (call: Call) => unknown;

export interface Route {
	method: "GET" | "POST" | "PUT" | "DELETE";
	/** `/nodes/{node}/qemu/{vmid}`; `{name*}` matches the rest of the path, including slashes. */
	path: string;
	handle: Handler;
}

export type Router = (method: string, path: string, parameters: Parameters) => Handler;

/** Matches a decoded path and adds its parts to the parameters. A trailing slash is allowed, because the provider sends one on DELETE. */
export function createRouter(routes: Route[]): Router {
	const compiled = routes.map((route) => ({ ...route, pattern: compile(route.path) }));
	return (method, path, parameters) => {
		for (const route of compiled) {
			const match = route.method === method ? route.pattern.exec(path) : null;
			if (match === null) {
				continue;
			}
			for (const [name, value] of Object.entries(match.groups ?? {})) {
				parameters.add(name, value);
			}
			return route.handle;
		}
		throw new ApiError(501, `Method '${method} ${path}' not implemented`);
	};
}

function compile(path: string): RegExp {
	const pattern = path.replace(/\{(\w+)(\*?)\}/g, (_, name, rest) => `(?<${name}>${rest === "*" ? ".+?" : "[^/]+"})`);
	return new RegExp(`^${pattern}/?$`);
}
