/** What a stack needs. The flags of `npm run init`, its questions and its help derive from this list. */
import { networkOf } from "../config/formats/addresses.ts";
import type { Datacenter } from "./datacenter.ts";
import type { Versions } from "./versions.ts";

/** In the order in which they are asked. */
export const questionNames = [
	"stack",
	"endpoint",
	"proxmox-version",
	"hosts",
	"image-datastore",
	"vm-datastore",
	"bridge",
	"vlan",
	"cidr",
	"gateway",
	"nameservers",
	"api-hostname",
	"api-address",
	"gpus",
	"control-planes",
	"workers",
	"first-address",
	"first-vm-id",
	"control-plane-size",
	"worker-size",
	"image-url",
	"image-sha256",
	"rke2-version",
	"rke2-sha256",
	"domain",
	"email",
] as const;
export type QuestionName = (typeof questionNames)[number];

/** Answers as texts, by the name of the flag. */
export type Answers = Partial<Record<QuestionName, string>>;

export interface Known {
	answers: Answers;
	datacenter?: Datacenter | undefined;
	versions: Versions;
}

export interface Question {
	/** For `--help`. */
	placeholder: string;
	/** What the value is, for people. */
	is: string;
	/** Value without an answer. `""` leaves the key out. Without a value somebody has to answer. */
	assumed?(known: Known): string | undefined;
	/** Values to choose from, when Proxmox told them. */
	choices?(known: Known): { value: string; hint?: string }[];
	/** Whether several of the choices may be taken. */
	several?: true;
}

const hostCount = ({ answers, datacenter }: Known): number =>
	answers.hosts?.split(",").length ?? datacenter?.hosts.length ?? 1;
const bridgeOf = ({ answers, datacenter }: Known) =>
	answers.vlan ? undefined : datacenter?.bridges.find(({ name }) => name === answers.bridge);
const storagesFor = ({ datacenter }: Known, content: string) =>
	(datacenter?.storages ?? [])
		.filter((storage) => storage.content.includes(content))
		.map(({ name }) => ({ value: name }));
/** The usual one if it is there. */
const storageFor = (known: Known, content: string, usual: string) => {
	const found = storagesFor(known, content).map(({ value }) => value);
	return found.length === 0 || found.includes(usual) ? usual : found[0];
};

export const questions: Record<QuestionName, Question> = {
	stack: { placeholder: "NAME", is: "name of the stack and of the cluster" },
	endpoint: { placeholder: "URL", is: "API of any Proxmox host, such as https://192.168.0.11:8006/" },
	"proxmox-version": {
		placeholder: "8|9",
		is: "major version of Proxmox VE",
		assumed: ({ datacenter }) => String(datacenter?.version ?? 9),
	},
	hosts: {
		placeholder: "NAME:CPUS:GIB,...",
		is: "hosts that run nodes, each with its hardware threads and GiB of memory",
		assumed: ({ datacenter }) =>
			datacenter?.hosts.every(({ cpus }) => cpus !== undefined)
				? datacenter.hosts.map(({ name, cpus, memoryGiB }) => `${name}:${cpus}:${memoryGiB}`).join(",")
				: undefined,
	},
	"image-datastore": {
		placeholder: "STORAGE",
		is: "storage for the image, with the content type import",
		assumed: (known) => storageFor(known, "import", "local"),
		choices: (known) => storagesFor(known, "import"),
	},
	"vm-datastore": {
		placeholder: "STORAGE",
		is: "storage for the disks",
		assumed: (known) => storageFor(known, "images", "local-lvm"),
		choices: (known) => storagesFor(known, "images"),
	},
	bridge: {
		placeholder: "BRIDGE",
		is: "bridge of the nodes' network",
		assumed: ({ datacenter }) => datacenter?.bridges[0]?.name ?? "vmbr0",
		choices: ({ datacenter }) =>
			(datacenter?.bridges ?? []).map(({ name, cidr }) => ({ value: name, ...(cidr && { hint: cidr }) })),
	},
	vlan: { placeholder: "TAG", is: "VLAN tag of the nodes' network; empty for none", assumed: () => "" },
	cidr: {
		placeholder: "NETWORK",
		is: "nodes' network, such as 192.168.0.0/24",
		assumed: (known) => {
			const cidr = bridgeOf(known)?.cidr;
			return cidr && networkOf(cidr);
		},
	},
	gateway: { placeholder: "ADDRESS", is: "gateway of that network", assumed: (known) => bridgeOf(known)?.gateway },
	nameservers: {
		placeholder: "ADDRESS,...",
		is: "nameservers of the nodes",
		assumed: ({ answers }) => answers.gateway,
	},
	"api-hostname": {
		placeholder: "NAME",
		is: "DNS name of the Kubernetes API",
		assumed: ({ answers }) => answers.stack && `${answers.stack}.home.arpa`,
	},
	"api-address": { placeholder: "ADDRESS", is: "free address in that network for the Kubernetes API" },
	gpus: {
		placeholder: "NAME@HOST,...",
		is: "GPUs to pass to workers, by their resource mapping; empty for none",
		assumed: () => "",
		choices: ({ datacenter }) =>
			(datacenter?.gpus ?? []).map(({ name, host, model, groupMates }) => ({
				value: `${name}@${host}`,
				hint: groupMates.length > 0 ? `${model}; its IOMMU group also has ${groupMates.join(", ")}` : model,
			})),
		several: true,
	},
	"control-planes": {
		placeholder: "1|3|5",
		is: "number of control planes",
		assumed: (known) => (hostCount(known) >= 3 ? "3" : "1"),
	},
	workers: {
		placeholder: "NUMBER",
		is: "number of workers",
		assumed: (known) => String(Math.max(1, known.answers.gpus?.split(",").filter(Boolean).length ?? 0)),
	},
	"first-address": {
		placeholder: "ADDRESS",
		is: "address of the first node; the others get the next ones that are free in the stack file",
	},
	"first-vm-id": {
		placeholder: "ID",
		is: "VM id of the first node; the others get the next ones that are free",
		assumed: ({ datacenter }) => String(Math.max(200, ...(datacenter?.vmIds ?? [])) + 1),
	},
	"control-plane-size": {
		placeholder: "CPUS:GIB:DISK",
		is: "virtual CPUs, GiB of memory and GiB of disk of each control plane",
		assumed: () => "4:8:60",
	},
	"worker-size": { placeholder: "CPUS:GIB:DISK", is: "the same of each worker", assumed: () => "4:8:100" },
	"image-url": {
		placeholder: "URL",
		is: "cloud image of the nodes",
		assumed: ({ versions }) => versions.imageUrl,
	},
	"image-sha256": { placeholder: "DIGEST", is: "SHA-256 of the image, from the SHA256SUMS that its publisher signed" },
	"rke2-version": { placeholder: "VERSION", is: "release of RKE2", assumed: ({ versions }) => versions.rke2 },
	"rke2-sha256": {
		placeholder: "DIGEST",
		is: "SHA-256 of rke2.linux-amd64.tar.gz, from the sha256sum-amd64.txt of that release",
	},
	domain: {
		placeholder: "DOMAIN",
		is: "domain at Cloudflare for a wildcard certificate of Let's Encrypt; empty for none",
		assumed: () => "",
	},
	email: {
		placeholder: "ADDRESS",
		is: "e-mail address for Let's Encrypt",
		assumed: ({ answers }) => (answers.domain ? undefined : ""),
	},
};
