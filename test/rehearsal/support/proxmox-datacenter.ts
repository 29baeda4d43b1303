/** The program's machines on the Proxmox double: a small stack, and a token with the privileges that it needs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { apply as mergePatch } from "tiny-merge-patch";
import { onTestFinished } from "vitest";
import type { HostDescription } from "../../../rehearsal/doubles/proxmox/descriptions.ts";
import type { ProxmoxState } from "../../../rehearsal/doubles/proxmox/proxmox.ts";
import type { RecordedRequest } from "../../../rehearsal/doubles/proxmox/server/request-log.ts";
import type { EngineOptions, EngineResult } from "../../../rehearsal/engine/engine.ts";
import { dataDatastore } from "../../../src/config/derived/storage.ts";
import { type StackConfig, stackSchema } from "../../../src/config/schema/stack.ts";
import { proxmoxAccess } from "../../../src/proxmox/privileges.ts";
import { pulumi } from "../../engine/harness.ts";
import { a4000, host, image, type Lab, startLab, token } from "../../unit/rehearsal/doubles/proxmox/fixture.ts";

const project = fileURLToPath(new URL("../../fixtures/engine-programs/machines", import.meta.url));

/** A change of the stack file, as a JSON merge patch. */
export type Change = Record<string, unknown>;

/** A control plane node, and a worker with the GPU of node02. */
export function stackFile(port: number, change: Change): StackConfig {
	const size = { cpus: 8, memoryGiB: 8, diskGiB: 40 };
	const { path, id, subsystemId, iommuGroup } = a4000;
	const base = {
		cluster: {
			name: "lab",
			version: "v1.35.7+rke2r1",
			artifacts: { sha256: "a".repeat(64) },
			api: { address: "10.25.20.29", hostname: "api.lab.internal" },
		},
		proxmox: {
			endpoint: `https://127.0.0.1:${port}/`,
			hosts: { node01: { cpus: 16, memoryGiB: 64 }, node02: { cpus: 16, memoryGiB: 64 } },
			image: { url: image.url, sha256: image.checksums.sha256, fileName: "debian-13.qcow2" },
			// The tests end with a destroy.
			protectControlPlanes: false,
		},
		network: {
			bridge: "vmbr1",
			vlan: 20,
			cidr: "10.25.20.0/24",
			gateway: "10.25.20.1",
			nameservers: ["10.25.20.3", "10.25.10.3"],
		},
		nodes: {
			k8sm01: { role: "control-plane", host: "node01", vmId: 104, address: "10.25.20.4", ...size },
			k8sw01: {
				...{ role: "worker", host: "node02", vmId: 110, address: "10.25.20.10", ...size },
				gpu: { mapping: "rtx-a4000" },
			},
		},
		gpus: { "rtx-a4000": { host: "node02", model: "RTX A4000", device: { path, id, subsystemId, iommuGroup } } },
		platform: {
			traefik: { version: "41.3.0" },
			certManager: { version: "v1.21.1", email: "admin@radioastronomy.io", domain: "radioastronomy.io" },
			metallb: { version: "0.16.1", pool: ["10.25.20.30-10.25.20.35"] },
			gpuOperator: { version: "v26.7.0" },
		},
	};
	return stackSchema.parse(mergePatch(base, change));
}

export class Datacenter {
	readonly lab: Lab;
	readonly #directory = mkdtempSync(join(tmpdir(), "proxmox-machines-"));

	constructor(lab: Lab) {
		this.lab = lab;
		writeFileSync(this.#authority, lab.caPem);
		onTestFinished(() => rmSync(this.#directory, { recursive: true }));
	}

	/** @param refresh whether a refresh comes first */
	up(change: Change = {}, { refresh }: Pick<EngineOptions, "refresh"> = {}): Promise<EngineResult> {
		return pulumi.up({ ...this.#options(change), refresh });
	}

	preview(change: Change = {}): Promise<EngineResult> {
		return pulumi.preview(this.#options(change));
	}

	/** @param continueOnError as `--continue-on-error` of the CLI */
	destroy(
		change: Change = {},
		{ continueOnError = false }: Pick<EngineOptions, "continueOnError"> = {},
	): Promise<EngineResult> {
		return pulumi.destroy({ ...this.#options(change), continueOnError });
	}

	/** Properties of the machines that change when a machine is replaced or restarted. */
	identities(): unknown[] {
		return this.lab.proxmox
			.state()
			.vms.map(({ vmId, status, configuration }) => [vmId, status, configuration.smbios1, configuration.net0]);
	}

	/** Returns the API requests since the last call, without the polling of tasks. */
	takeRequests(): RecordedRequest[] {
		return this.lab.proxmox.requests.splice(0).filter(({ path }) => !path.includes("/tasks/"));
	}

	#options(change: Change): EngineOptions {
		const stack = JSON.stringify(stackFile(this.lab.port, change));
		return {
			projectDirectory: project,
			stack: "test",
			stateDirectory: this.#directory,
			environment: { SSL_CERT_FILE: this.#authority },
			config: {
				"engine-machines:stack": { value: stack, secret: false },
				"engine-machines:proxmoxApiToken": { value: `${token.id}=${token.secret}`, secret: true },
			},
		};
	}

	get #authority(): string {
		return join(this.#directory, "ca.pem");
	}
}

/** The hosts of the stack file, each with its storages for disks. The GPU is in node02. */
function hostsOf(stack: StackConfig): HostDescription[] {
	const forDisks = [...new Set([stack.proxmox.vmDatastore, dataDatastore(stack)])];
	return Object.keys(stack.proxmox.hosts).map((name) => {
		const described = host(name, name === "node02" ? [a4000] : []);
		const storages = described.storages.flatMap((storage) =>
			storage.content.includes("images") ? forDisks.map((id) => ({ ...storage, name: id })) : [storage],
		);
		return { ...described, storages };
	});
}

/** @param granted change of the stack that the token has the privileges for */
export async function openDatacenter(granted: Change = {}): Promise<Datacenter> {
	const stack = stackFile(0, granted);
	const { grants } = proxmoxAccess(stack);
	return new Datacenter(
		await startLab({ hosts: hostsOf(stack), mappings: [], tokens: [{ ...token, userAcl: grants }] }),
	);
}

export const changing = (requests: RecordedRequest[]): string[] =>
	requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);

/** State of a datacenter after `destroy`. */
export const empty: ProxmoxState = {
	vms: [],
	volumes: [],
	pools: {},
	backupJobs: {},
	highAvailability: { resources: {}, rules: {} },
	runningTasks: [],
};
