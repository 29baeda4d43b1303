/**
 * A datacenter for the doctor, as a process in a network of its own (segment.sh): the Proxmox double, and the lists of digests
 * that the publishers give out. It reads its description from its first argument, prints "ready", and runs until it is killed.
 */

import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { createServerCertificate } from "../../../rehearsal/doubles/proxmox/certificate.ts";
import type { Hypervisor } from "../../../rehearsal/doubles/proxmox/hypervisor.ts";
import { createProxmox, type ProxmoxOptions } from "../../../rehearsal/doubles/proxmox/proxmox.ts";

export interface DoctorLab extends Omit<ProxmoxOptions, "hypervisor"> {
	/** Name in Proxmox' certificate. */
	certificateName: string;
	/** File for the certificate of the authority. */
	authority: string;
	/** VMs of other people. */
	guests: { vmid: number; host: string; name: string; memoryMiB: number }[];
	/** Texts of the publishers' server, by path. */
	published: Record<string, string>;
}

/** Address of Proxmox and of the publishers' server. */
export const labAddress = "10.16.207.61";
export const publishersPort = 8080;
const proxmoxPort = 8006;
const administrator = { id: "root@pam!lab", secret: "33333333-3333-3333-3333-333333333333", userAcl: [] };

const nothing = async (): Promise<undefined> => undefined;
/** No VM boots anything here. */
const hypervisor: Hypervisor = {
	start: nothing,
	shutdown: nothing,
	stop: nothing,
	reboot: nothing,
	setLink: nothing,
	losePciDevices: nothing,
	isRunning: () => false,
	guestInterfaces: nothing,
	guestFile: nothing,
	deleteVolume: nothing,
	growVolume: nothing,
	onPowerOff: () => undefined,
};

async function start({ certificateName, authority, guests, published, tokens, ...options }: DoctorLab): Promise<void> {
	const { caPem, ...pair } = await createServerCertificate(certificateName);
	writeFileSync(authority, caPem);
	const proxmox = createProxmox({
		...options,
		tokens: [...tokens, administrator],
		hypervisor,
		taskDelays: { qmcreate: 1, qmstart: 1 },
	});
	await proxmox.listen({ address: labAddress, port: proxmoxPort, ...pair });
	// A connection of the lab to itself, whose certificate may be the planted fault.
	const agent = new Agent({ rejectUnauthorized: false });
	for (const { vmid, host, name, memoryMiB } of guests) {
		const qemu = `/nodes/${host}/qemu`;
		await post(agent, qemu, { vmid: String(vmid), name, memory: String(memoryMiB), scsi0: "file=local-lvm:1" });
		while (proxmox.state().runningTasks.length > 0) {
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		await post(agent, `${qemu}/${vmid}/status/start`, {});
	}
	createServer(({ url = "" }, response) => {
		const found = published[url];
		response.writeHead(found === undefined ? 404 : 200).end(found);
	}).listen(publishersPort, labAddress, () => console.log("ready"));
}

function post(agent: Agent, path: string, parameters: Record<string, string>): Promise<void> {
	const headers = {
		authorization: `PVEAPIToken=${administrator.id}=${administrator.secret}`,
		"content-type": "application/x-www-form-urlencoded",
	};
	return new Promise((resolve, reject) => {
		const url = `https://${labAddress}:${proxmoxPort}/api2/json${path}`;
		const sent = request(url, { agent, method: "POST", headers }, async (response) => {
			await text(response);
			response.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${response.statusMessage}`));
		});
		sent.on("error", reject);
		sent.end(new URLSearchParams(parameters).toString());
	});
}

const [description] = process.argv.slice(2);
if (import.meta.main && description !== undefined) {
	await start(JSON.parse(description));
}
