/** Whether a proxy is between this workstation and a server, as the clients in Go see it: the providers, Pulumi and Helm. */
import { contains, isAddress } from "../config/formats/addresses.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param host name or address of a server that is called over HTTPS
 * @returns the variable that names the proxy for it; nothing when it is called directly
 */
export function proxyVariableFor(host: string, environment: Environment): string | undefined {
	const exceptions = (environment.NO_PROXY ?? environment.no_proxy ?? "").split(",").map((entry) => entry.trim());
	return exceptions.some((exception) => covers(exception, host))
		? undefined
		: ["HTTPS_PROXY", "https_proxy"].find((variable) => environment[variable]);
}

/** Whether an entry of NO_PROXY covers a host, by the rules of Go's clients: https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config */
function covers(exception: string, host: string): boolean {
	if (exception === "*" || exception === host) {
		return true;
	}
	if (isAddress(host)) {
		return /^[\d.]+\/\d+$/.test(exception) && contains(exception, host);
	}
	return exception !== "" && host.endsWith(`.${exception.replace(/^\./, "")}`);
}
