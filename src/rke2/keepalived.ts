import type { NodeConfig, StackConfig } from "../config/schema/stack.ts";
import { apiPort, nodeInterface, registrationPort } from "../facts/network.ts";
import { paths } from "./paths.ts";

/**
 * After `fall` failures of a check in a row, each after `timeout` seconds at most, the node gives up the address. With the
 * time that VRRP takes to elect another holder, the address moves within 10 s.
 */
const check = { interval: 2, timeout: 3, fall: 3, rise: 2 };

/**
 * keepalived.conf of a control plane: it may hold the API's address while its own API server and the registration of
 * nodes answer. All control planes are equal, none takes the address from a working one, and none has a list of the
 * others: a server that joins needs no change of the others' files.
 *
 * @param name name of the node, a key of `stack.nodes`
 */
export function keepalivedConfig(
	api: StackConfig["cluster"]["api"],
	name: string,
	node: Pick<NodeConfig, "address">,
): string {
	return [
		...block("global_defs", [
			`router_id ${name}`,
			// The checks read the kubelet's key, which only root may. keepalived runs no command that another user can change.
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
			// keepalived repeats its ARP announcement after these seconds. Neighbours ignore one that follows another too soon.
			"garp_master_delay 2",
			// No weight: a failed check gives up the address. A lower priority would change nothing under nopreempt.
			...block("track_script", ["api", "registration"]),
		]),
	]
		.map((line) => `${line}\n`)
		.join("");
}

/** The API server refuses anonymous requests: the check uses the kubelet's certificate, which may read the readiness. */
function answers(url: string): string[] {
	const { agent } = paths;
	const identity = `--cacert ${agent}/server-ca.crt --cert ${agent}/client-kubelet.crt --key ${agent}/client-kubelet.key`;
	return [
		`script "/usr/bin/curl --silent --fail --output /dev/null --max-time 2 ${identity} ${url}"`,
		...Object.entries(check).map(([key, value]) => `${key} ${value}`),
		// The node may hold the address only after a first success.
		"init_fail",
	];
}

function block(head: string, lines: readonly string[]): string[] {
	return [`${head} {`, ...lines.map((line) => `\t${line}`), "}"];
}
