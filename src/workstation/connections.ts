/** Connections of the commands that people run on this workstation, through its proxy wherever Go's clients use it. */
import type { ConnectionOptions } from "node:tls";
import { Agent, Pool, ProxyAgent } from "undici";
import { type Environment, proxyFor, proxyForms } from "./proxy.ts";

/** Code of the error of a request if a variable names a proxy in a form that is not allowed. */
export const unusableProxy = "UNUSABLE_PROXY";

/** The message does not have the value of the variable. */
class UnusableProxy extends Error {
	readonly code = unusableProxy;

	constructor(variable: string) {
		super(`${variable} is not the address of an HTTP proxy; allowed are ${proxyForms}`);
	}
}

/** The server of an image answers Proxmox before Proxmox answers here. */
const timeoutMs = 30_000;

/**
 * Node's own clients take a proxy only in a part of the releases of Node 24, go without it when its address has no scheme, and
 * print its password when they do not understand it.
 *
 * @param tls for servers, and for proxies that speak HTTPS
 * @param environment with HTTPS_PROXY, HTTP_PROXY and NO_PROXY
 * @returns what a request takes as its dispatcher; a request may fail with the code {@link unusableProxy}
 */
export function connections(tls: ConnectionOptions, environment: Environment): Agent {
	const limits = { connections: 8, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, allowH2: false };
	return new Agent({
		factory: (origin) => {
			const proxy = proxyFor(new URL(origin), environment);
			if (proxy === undefined) {
				return new Pool(origin, { ...limits, connect: { ...tls, timeout: timeoutMs } });
			}
			if (proxy.url === undefined) {
				throw new UnusableProxy(proxy.variable);
			}
			return new ProxyAgent({ ...limits, uri: proxy.url, requestTls: tls, proxyTls: tls, connectTimeout: timeoutMs });
		},
	});
}
