/**
 * The proxy between this workstation and a server, as the clients in Go choose it: the providers, Pulumi and Helm.
 * Their rules: https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
import { BlockList, isIP } from "node:net";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Proxy {
	/** The variable that names the proxy. */
	variable: string;
	/** With a scheme, and with the user and the password, so no message may have it. Nothing if {@link proxyForms} has no such form. */
	url: string | undefined;
}

/** How a variable may name a proxy. */
export const proxyForms =
	"HOST:PORT, http://HOST:PORT or https://HOST:PORT, with %XX for each special character of a user and a password";

/** @returns the proxy for a server; nothing if clients reach it directly */
export function proxyFor(server: URL, environment: Environment): Proxy | undefined {
	const names = server.protocol === "http:" ? ["HTTP_PROXY", "http_proxy"] : ["HTTPS_PROXY", "https_proxy"];
	const variable = names.find((name) => environment[name]);
	if (variable === undefined || isReachedDirectly(server, environment.NO_PROXY || environment.no_proxy || "")) {
		return undefined;
	}
	return { variable, url: proxyUrl(environment[variable]!) };
}

/** @returns nothing for another scheme, and for a value that Go's clients do not understand either */
function proxyUrl(value: string): string | undefined {
	const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
	if (!/^https?:\/\/[^/]/i.test(text) || !/^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/.test(text) || !URL.canParse(text)) {
		return undefined;
	}
	const { href, username, password, pathname, search, hash } = new URL(text);
	// An unencoded character of a password ended the host too early.
	return `${pathname}${search}${hash}`.includes("@") || !canDecode(`${username}${password}`) ? undefined : href;
}

function canDecode(text: string): boolean {
	try {
		decodeURIComponent(text);
		return true;
	} catch {
		return false;
	}
}

function isReachedDirectly({ hostname, port, protocol }: URL, exceptions: string): boolean {
	const host = hostname.replace(/^\[|\]$/g, "");
	if (host === "localhost" || isIn("127.0.0.0", "8", host) || isIn("::1", "128", host)) {
		return true;
	}
	const entries = exceptions.split(",").map((entry) => entry.trim().toLowerCase());
	const usedPort = port || (protocol === "http:" ? "80" : "443");
	return entries.includes("*") || entries.some((entry) => covers(entry, host, usedPort));
}

/** Whether an entry of NO_PROXY, in lower case, covers a host. */
function covers(entry: string, host: string, port: string): boolean {
	const [network, prefix] = entry.split("/");
	if (prefix !== undefined) {
		return isIn(network!, prefix, host);
	}
	const [, name = entry, onlyPort = ""] = /^(\[[^\]]*\]|[^:]*):([^:]*)$/.exec(entry) ?? [];
	if (name === "" || (onlyPort !== "" && onlyPort !== port)) {
		return false;
	}
	if (isIP(host)) {
		const address = name === entry ? name : name.replace(/^\[|\]$/g, "");
		return isIn(address, isIP(host) === 6 ? "128" : "32", host);
	}
	const domain = name.replace(/^\*\./, ".");
	return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** Whether a host is an address in a network. An IPv4 address is in no network of IPv6. */
function isIn(network: string, prefix: string, host: string): boolean {
	const version = isIP(host);
	const bits = version === 6 ? 128 : 32;
	if (version === 0 || isIP(network) !== version || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
		return false;
	}
	const family = version === 6 ? "ipv6" : "ipv4";
	const list = new BlockList();
	list.addSubnet(network, Number(prefix), family);
	return list.check(host, family);
}
