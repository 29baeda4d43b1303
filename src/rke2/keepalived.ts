import type { NodeConfig, StackConfig } from "../config/schema/stack.ts";
import { apiPort, nodeInterface, registrationPort } from "../facts/network.ts";
import { paths } from "./paths.ts";

/**
 * Checks that give the address away: `fall` failures in a row, each after `timeout` seconds at most. With the time that
 * VRRP takes to elect another holder it has moved within 10 s.
 */
const check = { interval: 2, timeout: 3, fall: 3, rise: 2 };

/**
 * keepalived.conf of a control plane: it may hold the API's address while its own API server and the registration of
 * nodes answer. All control planes are equal, none takes the address from one that works, and none has a list of the
 * others: a server that joins hears who holds the address before anybody else is told of it.
 *
 * @param name name of the node, a key of `stack.nodes`
 */
export function keepalivedConfig({ cluster: { api } }: StackConfig, name: string, node: NodeConfig): string {
	return [
		...block("global_defs", [
			`router_id ${name}`,
			// The checks read the kubelet's key, which is root's. No command runs that anybody else could have changed.
			"script_user root",
			"enable_script_security",
		]),
		...block("vrrp_script api", answers(`https://127.0.0.1:${apiPort}/readyz`)),
		...block("vrrp_script registration", answers(`https://127.0.0.1:${registrationPort}/cacerts`)),
		...block("vrrp_instance api", [
			"state BACKUP",
			"nopreempt",
			`interface ${nodeInterface}`,
			`virtual_router_id ${api.virtualRouterId}`,
			"priority 100",
			"advert_int 1",
			`mcast_src_ip ${node.address}`,
			...block("virtual_ipaddress", [`${api.address}/32 dev ${nodeInterface}`]),
			// A neighbour ignores a correction that follows another too closely: it is repeated after so many seconds.
			"garp_master_delay 2",
			// Without a weight: one that fails lets go of the address. A lower priority would change nothing under nopreempt.
			...block("track_script", ["api", "registration"]),
		]),
	]
		.map((line) => `${line}\n`)
		.join("");
}

/** Nobody is anonymous to the API server: the check shows the kubelet's certificate, as kubelets may ask for readiness. */
function answers(url: string): string[] {
	const { agent } = paths;
	const identity = `--cacert ${agent}/server-ca.crt --cert ${agent}/client-kubelet.crt --key ${agent}/client-kubelet.key`;
	return [
		`script "/usr/bin/curl --silent --fail --output /dev/null --max-time 2 ${identity} ${url}"`,
		...Object.entries(check).map(([key, value]) => `${key} ${value}`),
		// It has to answer before the node may hold the address, not to fail first.
		"init_fail",
	];
}

function block(head: string, lines: readonly string[]): string[] {
	return [`${head} {`, ...lines.map((line) => `\t${line}`), "}"];
}
