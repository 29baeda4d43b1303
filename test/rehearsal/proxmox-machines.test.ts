/** The program's own machines against the Proxmox API double, on every engine of this machine, with the least privileges. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Engine, EngineOptions, EngineResult } from "../../rehearsal/engine/engine.ts";
import { findEngine } from "../../rehearsal/engine/find.ts";
import type { RecordedRequest } from "../../rehearsal/proxmox/server/request-log.ts";
import { a4000, image, type Lab, leastPrivileges, startLab, token } from "../unit/proxmox-double-fixture.ts";

const project = fileURLToPath(new URL("../fixtures/engine-programs/machines", import.meta.url));
const best = await findEngine(undefined, project);
const engines = best.name === "embedded" ? [best] : [await findEngine("embedded", project), best];

interface Sizes {
	memoryGiB: number;
	diskGiB: number;
}

/** A control plane, and a worker with the card of node02. */
function stackFile(port: number, { memoryGiB, diskGiB }: Sizes) {
	const size = { cpus: 8, memoryGiB, diskGiB };
	const { path, id, subsystemId, iommuGroup } = a4000;
	return {
		cluster: { name: "lab" },
		proxmox: {
			endpoint: `https://127.0.0.1:${port}/`,
			image: { url: image.url, sha256: image.checksums.sha256, fileName: "debian-13.qcow2" },
			imageDatastore: "local",
			vmDatastore: "local-lvm",
		},
		network: {
			bridge: "vmbr1",
			vlan: 20,
			cidr: "10.25.20.0/24",
			gateway: "10.25.20.1",
			nameservers: ["10.25.20.3", "10.25.10.3"],
		},
		ssh: { user: "admin", authorizedKeys: [] },
		nodes: {
			k8sm01: { role: "control-plane", host: "node01", vmId: 104, address: "10.25.20.4", ...size },
			k8sw01: {
				...{ role: "worker", host: "node02", vmId: 110, address: "10.25.20.10", ...size },
				gpu: { mapping: "rtx-a4000" },
			},
		},
		gpus: { "rtx-a4000": { host: "node02", model: "RTX A4000", device: { path, id, subsystemId, iommuGroup } } },
	};
}

class Datacenter {
	readonly lab: Lab;
	readonly #engine: Engine;
	readonly #directory = mkdtempSync(join(tmpdir(), "proxmox-machines-"));

	constructor(lab: Lab, engine: Engine) {
		this.lab = lab;
		this.#engine = engine;
		writeFileSync(this.#authority, lab.caPem);
		onTestFinished(() => rmSync(this.#directory, { recursive: true }));
	}

	up(sizes: Sizes): Promise<EngineResult> {
		return this.#engine.up(this.#options(sizes));
	}

	preview(sizes: Sizes): Promise<EngineResult> {
		return this.#engine.preview(this.#options(sizes));
	}

	destroy(sizes: Sizes): Promise<EngineResult> {
		return this.#engine.destroy(this.#options(sizes));
	}

	/** What was asked of the API since the last call, without the polling of tasks. */
	takeRequests(): RecordedRequest[] {
		return this.lab.proxmox.requests.splice(0).filter(({ path }) => !path.includes("/tasks/"));
	}

	#options(sizes: Sizes): EngineOptions {
		const stack = JSON.stringify(stackFile(this.lab.port, sizes));
		return {
			projectDirectory: project,
			stack: "test",
			stateDirectory: this.#directory,
			environment: { SSL_CERT_FILE: this.#authority, NODE_EXTRA_CA_CERTS: this.#authority },
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

async function openDatacenter(engine: Engine): Promise<Datacenter> {
	const modifyMappings = { path: "/mapping/pci", privileges: ["Mapping.Use", "Mapping.Modify"] };
	// The program sets no start order: it must not need Sys.Modify on / either.
	const acl = leastPrivileges.filter(({ path }) => path !== "/");
	return new Datacenter(
		await startLab({ mappings: [], tokens: [{ ...token, userAcl: [...acl, modifyMappings] }] }),
		engine,
	);
}

const changing = (requests: RecordedRequest[]): string[] =>
	requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
const errors = (result: EngineResult): string[] =>
	result.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
const changes = ({ changes: { create, update, replace, delete: deleted } }: EngineResult): number =>
	create + update + replace + deleted;

const sizes = { memoryGiB: 8, diskGiB: 40 };
/** Stack, provider, components: Machines, CloudImage, GpuMappings and two VirtualMachine; two images, a mapping, two VMs. */
const resources = 12;

describe.each(engines)("machines on the $name engine", (engine) => {
	test("come up, need nothing, change without a restart and go, all with the least privileges", async () => {
		const datacenter = await openDatacenter(engine);
		const { proxmox, hypervisor } = datacenter.lab;
		const up = await datacenter.up(sizes);
		expect(errors(up)).toEqual([]);
		expect(up.changes.create).toBe(resources);
		const requests = datacenter.takeRequests();
		expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
		for (const [host, vmId] of [
			["node01", 104],
			["node02", 110],
		]) {
			expect(changing(requests).filter((line) => line.includes(`/nodes/${host}/`))).toEqual([
				`POST /nodes/${host}/storage/local/download-url`,
				`POST /nodes/${host}/qemu`,
				`PUT /nodes/${host}/qemu/${vmId}/resize`,
				`POST /nodes/${host}/qemu/${vmId}/status/start`,
			]);
		}
		expect([...hypervisor.running.keys()].sort()).toEqual([104, 110]);

		expect(changes(await datacenter.preview(sizes))).toBe(0);
		expect(changes(await datacenter.up(sizes))).toBe(0);
		expect(changing(datacenter.takeRequests())).toEqual([]);

		const bigger = { ...sizes, memoryGiB: 16 };
		expect((await datacenter.up(bigger)).changes.update).toBe(2);
		expect(changing(datacenter.takeRequests()).sort()).toEqual([
			"PUT /nodes/node01/qemu/104/config",
			"PUT /nodes/node02/qemu/110/config",
		]);
		// The machines still have what they were started with: the convergence chain restarts them, one by one.
		for (const { current, configuration } of proxmox.state().vms) {
			expect([current.memory, configuration.memory]).toEqual(["8192", "16384"]);
		}
		expect(changes(await datacenter.preview(bigger))).toBe(0);

		const destroyed = await datacenter.destroy(bigger);
		expect(errors(destroyed)).toEqual([]);
		expect(destroyed.changes.delete).toBe(resources);
		await expect.poll(() => proxmox.state()).toEqual({ vms: [], volumes: [], runningTasks: [] });
		expect(hypervisor.running.size).toBe(0);
	});

	test.each([
		["a VM that cannot be made", { type: "qmcreate", id: "104" }, "unable to create VM 104 - no space left"],
		["a VM that does not start", { type: "qmstart", id: "110" }, "start failed: QEMU exited with code 1"],
		["an image that cannot be downloaded", { type: "download" }, "download failed: exit code 4"],
	])("after %s the error says so, and the next up continues", async (_, task, message) => {
		const datacenter = await openDatacenter(engine);
		datacenter.lab.proxmox.faults.failTask({ ...task, message });
		const failed = await datacenter.up(sizes);
		expect(failed.succeeded).toBe(false);
		expect(errors(failed).join("\n")).toContain(message);

		const again = await datacenter.up(sizes);
		expect(errors(again)).toEqual([]);
		expect([...datacenter.lab.hypervisor.running.keys()].sort()).toEqual([104, 110]);
		expect(changes(await datacenter.preview(sizes))).toBe(0);
	});
});
