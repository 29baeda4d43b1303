import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";

const run = promisify(execFile);

const DEVICE = "flannel.1";
const ANNOTATION = "flannel.alpha.coreos.com";
const LINK_FILES = "/etc/systemd/network";

interface Node extends KubeObject {
	spec?: { podCIDR?: string };
	status?: { addresses?: { type: string; address: string }[] };
}

interface Endpoint {
	/** Network of the node's pods. */
	podCidr: string;
	/** Address of the machine. */
	address: string;
	/** Of its VXLAN device. */
	linkAddress: string;
}

/** A pod with a node, and what CoreDNS and kube-proxy know of it. */
export interface PlacedPod {
	phase: string;
	hostname: string;
	subdomain: string;
	/** That of its node's VXLAN device: pods have none of their own here. */
	address: string;
}

interface PodObject extends KubeObject {
	spec: { nodeName?: string; hostname?: string; subdomain?: string };
	status?: { phase?: string };
}

/** With Canal's rights, which see every pod; undefined before Canal runs on this node. */
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

/** What the kernel was told last, of which device. */
let told = "";

/**
 * Does what flannel does with the VXLAN backend: a device, its address in the annotations of the node, and for every other
 * node a route, a neighbour and an entry of the forwarding table.
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
	const linkAddress = (await linkAddressOf(DEVICE)) ?? (await makeDevice(address, firstOf(podCidr)));
	if (endpointOf(own)?.linkAddress !== linkAddress) {
		await api.patch(`/api/v1/nodes/${name}`, {
			metadata: {
				annotations: {
					[`${ANNOTATION}/backend-type`]: "vxlan",
					[`${ANNOTATION}/backend-data`]: JSON.stringify({ VNI: 1, VtepMAC: linkAddress }),
					[`${ANNOTATION}/public-ip`]: address,
				},
			},
		});
	}
	const others = items.filter((node) => node !== own).flatMap((node) => endpointOf(node) ?? []);
	const wanted = JSON.stringify([linkAddress, others]);
	if (wanted !== told) {
		for (const other of others) {
			await reach(other);
		}
		told = wanted;
	}
}

async function makeDevice(local: string, address: string): Promise<string> {
	const kind = ["type", "vxlan", "id", "1", "local", local, "dstport", "8472", "nolearning"];
	await run("ip", ["link", "add", DEVICE, ...kind]);
	await applyLinkFile();
	await run("ip", ["address", "replace", `${address}/32`, "dev", DEVICE]);
	await run("ip", ["link", "set", DEVICE, "up"]);
	log.info(`flannel: made ${DEVICE} with ${address}`);
	return (await linkAddressOf(DEVICE)) ?? "";
}

/** udev's part, which does not run in a container: the first file that matches the device sets its offload. */
async function applyLinkFile(): Promise<void> {
	const files = readdirSync(LINK_FILES).filter((file) => file.endsWith(".link"));
	const texts = files.sort().map((file) => readFileSync(`${LINK_FILES}/${file}`, "utf8"));
	const text = texts.find((text) => new RegExp(`^OriginalName=${DEVICE}$`, "m").test(text));
	const offload = /^TransmitChecksumOffload=(yes|no)$/m.exec(text ?? "")?.[1];
	if (offload !== undefined) {
		await run("ethtool", ["--features", DEVICE, "tx-checksum-ip-generic", offload === "yes" ? "on" : "off"]);
	}
}

async function reach({ podCidr, address, linkAddress }: Endpoint): Promise<void> {
	const gateway = firstOf(podCidr);
	await run("ip", ["neighbour", "replace", gateway, "lladdr", linkAddress, "dev", DEVICE, "nud", "permanent"]);
	await run("bridge", ["fdb", "replace", linkAddress, "dev", DEVICE, "dst", address]);
	await run("ip", ["route", "replace", podCidr, "via", gateway, "dev", DEVICE, "onlink"]);
}

function endpointOf({ metadata, spec }: Node): Endpoint | undefined {
	const data = metadata.annotations?.[`${ANNOTATION}/backend-data`];
	const address = metadata.annotations?.[`${ANNOTATION}/public-ip`];
	return data === undefined || address === undefined || spec?.podCIDR === undefined
		? undefined
		: { podCidr: spec.podCIDR, address, linkAddress: (JSON.parse(data) as { VtepMAC: string }).VtepMAC };
}

/** The address that flannel gives its device: the first of the node's network. */
function firstOf(cidr: string): string {
	return cidr.replace(/\/.*/, "");
}

/** Of the kernel, because /sys shows the devices of the computer that the machines run on. */
async function linkAddressOf(device: string): Promise<string | undefined> {
	const { stdout } = await run("ip", ["-json", "link", "show"]);
	const links = JSON.parse(stdout) as { ifname: string; address: string }[];
	return links.find(({ ifname }) => ifname === device)?.address;
}
