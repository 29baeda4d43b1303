/** A workstation in the nodes' network of a small, healthy datacenter, on which `npm run doctor` runs. */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply as mergePatch } from "tiny-merge-patch";
import { afterAll } from "vitest";
import { stringify } from "yaml";
import type { HostDescription } from "../../../rehearsal/doubles/proxmox/descriptions.ts";
import { stackSchema } from "../../../src/config/schema/stack.ts";
import type { Finding } from "../../../src/doctor/finding.ts";
import { proxmoxAccess } from "../../../src/proxmox/privileges.ts";
import { type DoctorLab, labAddress, publishersPort } from "./doctor-lab.ts";
import { endLab, runIn, startLab } from "./segment.ts";

const directory = mkdtempSync(join(tmpdir(), "doctor-"));
afterAll(() => rmSync(directory, { recursive: true }));

export const publishers = `http://${labAddress}:${publishersPort}`;
export const [imageDigest, rke2Digest] = ["ab".repeat(32), "cd".repeat(32)];
const size = { cpus: 4, memoryGiB: 8, diskGiB: 40 };

/** A control plane, and a worker with a data disk and a GPU whose mapping was made by hand. */
const values = {
	cluster: {
		name: "clinic",
		version: "v1.35.7+rke2r1",
		artifacts: { url: `${publishers}/rke2`, sha256: rke2Digest },
		api: { address: "10.25.20.29", hostname: "api.lab.internal" },
	},
	proxmox: {
		endpoint: `https://${labAddress}:8006/`,
		hosts: { node01: { cpus: 16, memoryGiB: 64 }, node02: { cpus: 16, memoryGiB: 64 } },
		image: { url: `${publishers}/debian.qcow2`, sha256: imageDigest, fileName: "debian-13.qcow2" },
		dataDatastore: "tank",
	},
	network: {
		bridge: "vmbr1",
		vlan: 20,
		cidr: "10.25.20.0/24",
		gateway: "10.25.20.1",
		nameservers: ["10.25.20.3"],
	},
	nodes: {
		alpha: { role: "control-plane", host: "node01", vmId: 104, address: "10.25.20.4", ...size },
		beta: {
			...{ role: "worker", host: "node02", vmId: 110, address: "10.25.20.10", ...size },
			dataDiskGiB: 200,
			gpu: { mapping: "rtx-a4000" },
		},
	},
	gpus: { "rtx-a4000": { host: "node02", model: "RTX A4000" } },
	platform: { traefik: { version: "41.3.0" }, gpuOperator: { version: "v26.7.0" } },
};
const secrets = { proxmoxApiToken: { secure: "v1:x" }, clusterToken: { secure: "v1:y" } };
export const token = { id: "rke2-clinic@pve!pulumi", secret: "22222222-2222-2222-2222-222222222222" };
export const { grants } = proxmoxAccess(stackSchema.parse(values));

const disk = { type: "lvmthin", content: ["images"], sizeGiB: 500 } as const;
export const host = (name: string, more: Partial<HostDescription> = {}): HostDescription => ({
	name,
	cpus: 16,
	memoryMiB: 65_536,
	searchDomain: "proxmox.internal",
	bridges: ["vmbr0", "vmbr1"],
	storages: [
		{ name: "local", type: "dir", content: ["iso", "import"], sizeGiB: 100 },
		{ name: "local-lvm", ...disk, content: ["images"] },
		{ name: "tank", ...disk, content: ["images"] },
	],
	pciDevices: [],
	...more,
});
export const gpu = { path: "0000:0b:00.0", id: "10de:24b0", iommuGroup: 21 };
export const node02 = host("node02", { pciDevices: [gpu] });
export const mapping = { id: "rtx-a4000", map: ["id=10de:24b0,iommugroup=21,node=node02,path=0000:0b:00.0"] };
export const healthy: Omit<DoctorLab, "authority"> = {
	certificateName: labAddress,
	hosts: [host("node01"), node02],
	tokens: [{ ...token, userAcl: grants }],
	catalogue: [{ url: `${publishers}/debian.qcow2`, sizeBytes: 400 * 2 ** 20, checksums: { sha256: imageDigest } }],
	mappings: [mapping],
	guests: [{ vmid: 100, host: "node01", name: "files", memoryMiB: 8192 }],
	published: {
		"/SHA256SUMS": `${imageDigest} *debian.qcow2\n`,
		"/rke2/v1.35.7%2Brke2r1/sha256sum-amd64.txt": `${rke2Digest}  rke2.linux-amd64.tar.gz\n`,
	},
};

export interface Case {
	/** Changes of the stack file, as a JSON merge patch. */
	stack?: Record<string, unknown>;
	lab?: Partial<DoctorLab>;
	/** Addresses in the nodes' network that other machines have. */
	neighbours?: string[];
	environment?: Record<string, string>;
	labEnvironment?: Record<string, string>;
	secrets?: Record<string, unknown>;
}

export interface Result {
	status: number;
	findings: Finding[];
	/** What a person reads. */
	text: string;
}

/** Runs the doctor once, on a stack file of its own and in a network of its own. */
export async function doctor(planted: Case): Promise<Result> {
	const own = mkdtempSync(join(directory, "case-"));
	const stack = { ...(mergePatch(values, planted.stack ?? {}) as object), ...(planted.secrets ?? secrets) };
	const config = Object.fromEntries(Object.entries(stack).map(([key, value]) => [`rke2-lab:${key}`, value]));
	writeFileSync(join(own, "Pulumi.clinic.yaml"), stringify({ config }));
	const authority = join(own, "authority.pem");
	const lab = await startLab({ ...healthy, ...planted.lab, authority }, planted);
	try {
		return await examineFrom(lab, own, {
			PROXMOX_API_TOKEN: `${token.id}=${token.secret}`,
			SSL_CERT_FILE: authority,
			...planted.environment,
		});
	} finally {
		endLab(lab);
	}
}

/** @param directory with the stack file Pulumi.clinic.yaml */
export async function examineFrom(
	lab: ChildProcess,
	directory: string,
	environment: Record<string, string>,
): Promise<Result> {
	const program = ["src/commands/doctor.ts", "--json", "-", join(directory, "Pulumi.clinic.yaml")];
	const { status, stdout, stderr } = await runIn(lab, program, environment);
	const [json = "", text = ""] = [stdout, stderr].map((printed) => printed.replaceAll(`${directory}/`, "./"));
	return { status, findings: json === "" ? [] : JSON.parse(json).findings, text };
}
