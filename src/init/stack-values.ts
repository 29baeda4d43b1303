/** The values of a stack file, from the answers. */
import { fromNumber, isAddress, toNumber } from "../config/formats/addresses.ts";
import type { Gpu } from "./datacenter.ts";
import type { Known, QuestionName } from "./questions.ts";

/** An answer that has not the form of its placeholder. */
export interface Malformed {
	name: QuestionName;
	message: string;
}

interface Size {
	cpus: number;
	memoryGiB: number;
	diskGiB: number;
}

type Values = Record<string, Record<string, unknown>>;

/**
 * @param known every question has an answer or an assumed value in `answers`
 * @returns values by key without the project's name, or every answer that cannot be read
 */
export function stackValues({ answers, datacenter, versions }: Known): { values: Values } | { malformed: Malformed[] } {
	const malformed: Malformed[] = [];
	const text = (name: QuestionName): string => answers[name] ?? "";
	const list = (name: QuestionName): string[] =>
		text(name)
			.split(",")
			.map((one) => one.trim())
			.filter(Boolean);
	const refuse = (name: QuestionName, message: string): void => void malformed.push({ name, message });
	const whole = (name: QuestionName, least: number): number => {
		const value = Number(text(name));
		if (!Number.isInteger(value) || value < least) {
			refuse(name, `must be a whole number from ${least} on, found ${text(name)}`);
		}
		return value;
	};
	const size = (name: QuestionName): Size => {
		const parts = text(name).split(":").map(Number);
		const [cpus = 0, memoryGiB = 0, diskGiB = 0] = parts;
		if (parts.length !== 3 || parts.some((part) => !Number.isInteger(part) || part < 1)) {
			refuse(name, `must be CPUS:GIB:DISK such as 4:8:60, found ${text(name)}`);
		}
		return { cpus, memoryGiB, diskGiB };
	};

	const hosts = Object.fromEntries(
		list("hosts").map((entry) => {
			const [host = "", cpus, memoryGiB, ...more] = entry.split(":");
			if (more.length > 0 || !(Number(cpus) > 0) || !(Number(memoryGiB) > 0)) {
				refuse("hosts", `must be NAME:CPUS:GIB for each host such as pve1:16:64, found ${entry}`);
			}
			return [host, { cpus: Number(cpus), memoryGiB: Number(memoryGiB) }];
		}),
	);
	const gpus = list("gpus").map((entry): Gpu => {
		const [name = "", host = "", ...more] = entry.split("@");
		if (host === "" || more.length > 0) {
			refuse("gpus", `must be NAME@HOST for each GPU such as rtx-a4000@pve1, found ${entry}`);
		}
		const read = datacenter?.gpus.find((gpu) => gpu.name === name && gpu.host === host);
		return read ?? { name, host, model: name, groupMates: [] };
	});
	const counts = { servers: whole("control-planes", 1), workers: whole("workers", 0) };
	if (counts.workers < gpus.length) {
		refuse("workers", `must be at least ${gpus.length}, one for each of the GPUs, found ${counts.workers}`);
	}
	const sizes = { server: size("control-plane-size"), worker: size("worker-size") };
	const firstId = whole("first-vm-id", 100);
	const first = text("first-address");
	if (!isAddress(first)) {
		refuse("first-address", `must be an IPv4 address, found ${first}`);
	}
	const version = whole("proxmox-version", 8);
	const vlan = text("vlan") === "" ? undefined : whole("vlan", 1);
	if (malformed.length > 0) {
		return { malformed };
	}

	const nodes = place(Object.keys(hosts), counts, gpus);
	const takenAddresses = [text("gateway"), text("api-address"), ...list("nameservers"), hostOf(text("endpoint"))];
	const addresses = free(nodes.length, toNumber(first), (number) => takenAddresses.includes(fromNumber(number)));
	const ids = free(nodes.length, firstId, (id) => datacenter?.vmIds.includes(id) ?? false);
	const imageUrl = text("image-url");
	return {
		values: {
			cluster: {
				name: text("stack"),
				version: text("rke2-version"),
				api: { address: text("api-address"), hostname: text("api-hostname") },
				artifacts: { sha256: text("rke2-sha256") },
			},
			proxmox: {
				endpoint: text("endpoint"),
				version,
				hosts,
				protectControlPlanes: false,
				image: { url: imageUrl, sha256: text("image-sha256"), fileName: fileNameOf(imageUrl) },
				imageDatastore: text("image-datastore"),
				vmDatastore: text("vm-datastore"),
			},
			network: {
				bridge: text("bridge"),
				...(vlan !== undefined && { vlan }),
				cidr: text("cidr"),
				gateway: text("gateway"),
				nameservers: list("nameservers"),
			},
			nodes: Object.fromEntries(
				nodes.map(({ name, role, host, gpu }, index) => [
					name,
					{
						...{ role, host, vmId: ids[index], address: fromNumber(addresses[index]!) },
						...(role === "worker" ? sizes.worker : sizes.server),
						...(gpu && { gpu: { mapping: gpu.name } }),
					},
				]),
			),
			...(gpus.length > 0 && {
				gpus: Object.fromEntries(
					gpus.map(({ name, host, model, device }) => [name, { host, model, ...(device && { device }) }]),
				),
			}),
			platform: {
				traefik: { version: versions.traefik },
				...(text("domain") && {
					certManager: { version: versions.certManager, domain: text("domain"), email: text("email") },
				}),
				...(gpus.length > 0 && { gpuOperator: { version: versions.gpuOperator } }),
			},
		},
	};
}

interface Placed {
	name: string;
	role: "control-plane" | "worker";
	host: string;
	gpu?: Gpu;
}

/** Control planes on different hosts as far as there are hosts, then workers with a GPU on its host, then workers from host to host. */
function place(hosts: readonly string[], counts: { servers: number; workers: number }, gpus: readonly Gpu[]): Placed[] {
	const hostAt = (index: number): string => hosts[index % hosts.length] ?? "";
	const servers = Array.from({ length: counts.servers }, (_, index): Placed => {
		return { name: `server${index + 1}`, role: "control-plane", host: hostAt(index) };
	});
	const workers = Array.from({ length: counts.workers }, (_, index): Placed => {
		const gpu = gpus[index];
		const host = gpu?.host ?? hostAt(counts.servers + index);
		return { name: `worker${index + 1}`, role: "worker", host, ...(gpu && { gpu }) };
	});
	return [...servers, ...workers];
}

/** The next numbers from `first` on that are not taken. */
function free(count: number, first: number, isTaken: (number: number) => boolean): number[] {
	const found: number[] = [];
	for (let number = first; found.length < count; number += 1) {
		if (!isTaken(number)) {
			found.push(number);
		}
	}
	return found;
}

function hostOf(endpoint: string): string {
	return URL.canParse(endpoint) ? new URL(endpoint).hostname : "";
}

/** Proxmox wants the ending .qcow2, which Ubuntu's images lack. */
function fileNameOf(url: string): string {
	const name = URL.canParse(url) ? (new URL(url).pathname.split("/").at(-1) ?? "") : "";
	return name.replace(/\.(img|qcow2)$/, "").concat(".qcow2");
}
