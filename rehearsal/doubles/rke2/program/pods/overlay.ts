import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";

const run = promisify(execFile);

const deviceName = "flannel.1";
const annotationPrefix = "flannel.alpha.coreos.com";
const linkFiles = "/etc/systemd/network";

interface Node extends KubeObject {
	spec?: { podCIDR?: string };
	status?: { addresses?: { type: string; address: string }[] };
}

interface Endpoint {
	/** Network of the node's pods. */
	podCidr: string;
	/** Address of the machine. */
	address: string;
	/** Link-layer address of its VXLAN device. */
	linkAddress: string;
}

/** A pod on a node, with the data that CoreDNS and kube-proxy have of it. */
export interface PlacedPod {
	phase: string;
	hostname: string;
	subdomain: string;
	/** Address of its node's VXLAN device, because pods have no addresses of their own here. */
	address: string;
}

interface PodObject extends KubeObject {
	spec: { nodeName?: string; hostname?: string; subdomain?: string };
	status?: { phase?: string };
}

/** A client with Canal's privileges, which include every pod. Undefined before Canal runs on this node. */
let canal: KubeClient | undefined;

export async function placedPods(namespace: string): Promise<PlacedPod[]> {
	if (!canal) {
		return [];
	}
	const nodes = await canal.get<{ items: Node[] }>("/api/v1/nodes?resourceVersion=0");
	const pods = await canal.get<{ items: PodObject[] }>(`/api/v1/namespaces/${namespace}/pods?resourceVersion=0`);
	return pods.items.flatMap(({ spec, status }) => {
		const podCidr = nodes.items.find(({ metadata }) => metadata.name === spec.nodeName)?.spec?.podCIDR;
		const { hostname = "", subdomain = "" } = spec;
		return podCidr === undefined
			? []
			: [{ phase: status?.phase ?? "", hostname, subdomain, address: firstOf(podCidr) }];
	});
}

/** The entries that the kernel has, as JSON. */
let applied = "";

/**
 * Sets up the VXLAN overlay as flannel does: a device, its address in the annotations of the node, and for every other node a
 * route, a neighbour entry and a forwarding entry.
 * https://github.com/flannel-io/flannel/blob/master/pkg/backend/vxlan/vxlan_network.go
 */
export async function joinOverlay(api: KubeClient, name: string): Promise<void> {
	canal = api;
	const { items } = await api.get<{ items: Node[] }>("/api/v1/nodes?resourceVersion=0");
	const own = items.find(({ metadata }) => metadata.name === name);
	const podCidr = own?.spec?.podCIDR;
	const address = own?.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
	if (!own || podCidr === undefined || address === undefined) {
		return;
	}
	const linkAddress = (await linkAddressOf(deviceName)) ?? (await makeDevice(address, firstOf(podCidr)));
	if (endpointOf(own)?.linkAddress !== linkAddress) {
		await api.patch(`/api/v1/nodes/${name}`, {
			metadata: {
				annotations: {
					[`${annotationPrefix}/backend-type`]: "vxlan",
					[`${annotationPrefix}/backend-data`]: JSON.stringify({ VNI: 1, VtepMAC: linkAddress }),
					[`${annotationPrefix}/public-ip`]: address,
				},
			},
		});
	}
	const others = items.filter((node) => node !== own).flatMap((node) => endpointOf(node) ?? []);
	const wanted = JSON.stringify([linkAddress, others]);
	if (wanted !== applied) {
		for (const other of others) {
			await addRoute(other);
		}
		applied = wanted;
	}
}

async function makeDevice(local: string, address: string): Promise<string> {
	const kind = ["type", "vxlan", "id", "1", "local", local, "dstport", "8472", "nolearning"];
	await run("ip", ["link", "add", deviceName, ...kind]);
	await applyLinkFile();
	await run("ip", ["address", "replace", `${address}/32`, "dev", deviceName]);
	await run("ip", ["link", "set", deviceName, "up"]);
	log.info(`flannel: made ${deviceName} with ${address}`);
	return (await linkAddressOf(deviceName)) ?? "";
}

/** Does the work of udev, which does not run in a container: the first file that matches the device sets its offload. */
async function applyLinkFile(): Promise<void> {
	const files = readdirSync(linkFiles).filter((file) => file.endsWith(".link"));
	const texts = files.sort().map((file) => readFileSync(`${linkFiles}/${file}`, "utf8"));
	const text = texts.find((text) => new RegExp(`^OriginalName=${deviceName}$`, "m").test(text));
	const offload = /^TransmitChecksumOffload=(yes|no)$/m.exec(text ?? "")?.[1];
	if (offload !== undefined) {
		await run("ethtool", ["--features", deviceName, "tx-checksum-ip-generic", offload === "yes" ? "on" : "off"]);
	}
}

async function addRoute({ podCidr, address, linkAddress }: Endpoint): Promise<void> {
	const gateway = firstOf(podCidr);
	await run("ip", ["neighbour", "replace", gateway, "lladdr", linkAddress, "dev", deviceName, "nud", "permanent"]);
	await run("bridge", ["fdb", "replace", linkAddress, "dev", deviceName, "dst", address]);
	await run("ip", ["route", "replace", podCidr, "via", gateway, "dev", deviceName, "onlink"]);
}

function endpointOf({ metadata, spec }: Node): Endpoint | undefined {
	const data = metadata.annotations?.[`${annotationPrefix}/backend-data`];
	const address = metadata.annotations?.[`${annotationPrefix}/public-ip`];
	return data === undefined || address === undefined || spec?.podCIDR === undefined
		? undefined
		: { podCidr: spec.podCIDR, address, linkAddress: (JSON.parse(data) as { VtepMAC: string }).VtepMAC };
}

/** The address of flannel's device: the first address of the node's network. */
function firstOf(cidr: string): string {
	return cidr.replace(/\/.*/, "");
}

/** From `ip`, because /sys shows the devices of the computer that runs the machines. */
async function linkAddressOf(device: string): Promise<string | undefined> {
	const { stdout } = await run("ip", ["-json", "link", "show"]);
	const links = JSON.parse(stdout) as { ifname: string; address: string }[];
	return links.find(({ ifname }) => ifname === device)?.address;
}
