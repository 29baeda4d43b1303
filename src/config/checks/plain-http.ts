/**
 * Rules for URLs without TLS. Everybody between the two ends can replace what a server answers: a chart, an image, or the directory of a
 * certificate authority. The archives of RKE2 and the cloud image have digests, and a proxy carries TLS of others.
 */
import { acmeOf } from "../derived/issuing.ts";
import { isLoopback } from "../formats/hosts.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry, eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkPlainHttp(stack: StackConfig): Problem[] {
	return applyRules(stack, servers, mirrors);
}

function servers(stack: StackConfig): Problem[] {
	return eachEntry(readServers(stack), (key, read) => plain(stack, key, read()));
}

function readServers(stack: StackConfig): Record<string, () => string | undefined> {
	return {
		"platform.chartMirror": () => stack.platform.chartMirror,
		"platform.certManager.acmeServer": () => acmeOf(stack)?.acmeServer,
		"platform.certManager.stagingAcmeServer": () => acmeOf(stack)?.stagingAcmeServer,
		"platform.certManager.dns01.acmeDNS.host": () => acmeOf(stack)?.dns01.acmeDNS?.host,
	};
}

/** The servers and mirrors of a valid stack file by their keys. */
export function serversOf(stack: StackConfig): Record<string, string> {
	const servers = Object.entries(readServers(stack)).map(([key, read]) => [key, read()] as const);
	const mirrors = Object.entries(stack.cluster.registries.mirrors).flatMap(([name, { endpoints }]) =>
		endpoints.map((url, index) => [`cluster.registries.mirrors.${name}.endpoints.${index}`, url] as const),
	);
	return Object.fromEntries([...servers, ...mirrors].flatMap(([key, url]) => (url === undefined ? [] : [[key, url]])));
}

/** A registry on the node itself crosses no network. */
function mirrors(stack: StackConfig): Problem[] {
	return eachEntry(stack.cluster.registries.mirrors, (name, { endpoints }) =>
		eachItem(endpoints, (url, index) =>
			isLoopback(new URL(url).hostname)
				? []
				: plain(stack, `cluster.registries.mirrors.${name}.endpoints.${index}`, url),
		),
	);
}

function plain({ network }: StackConfig, key: string, text: string | undefined): Problem[] {
	const url = text === undefined ? undefined : new URL(text);
	if (url?.protocol !== "http:" || network.plainHttp.includes(url.host)) {
		return [];
	}
	return [
		{
			key,
			message: `${url.origin} has no TLS, so that everybody on the way can replace what it answers; use https, or accept the host on purpose: network.plainHttp: ["${url.host}"].`,
		},
	];
}
