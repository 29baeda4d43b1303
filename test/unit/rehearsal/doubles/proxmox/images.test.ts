import { describe, expect, test } from "vitest";
import type { CatalogueEntry } from "../../../../../rehearsal/doubles/proxmox/descriptions.ts";
import { createVm, downloadImage, image, mirroredImage, nextImage, startLab } from "./fixture.ts";

const download = "/nodes/node01/storage/local/download-url";
const wanted = { content: "import", filename: "debian-13.qcow2", url: image.url };
const sha512 = { checksum: image.checksums.sha512!, "checksum-algorithm": "sha512" };

describe("downloading an image", () => {
	test("stores it on this host only", async () => {
		const lab = await startLab();
		expect(await downloadImage(lab, "node01")).toBe("OK");
		const content = (host: string) => lab.get(`/nodes/${host}/storage/local/content?content=import`);
		expect((await content("node01")).data).toEqual([
			{ volid: "local:import/debian-13.qcow2", content: "import", format: "qcow2", size: image.sizeBytes },
		]);
		expect((await content("node02")).data).toEqual([]);
	});

	test("succeeds when the file exists with the right checksum", async () => {
		const lab = await startLab();
		await downloadImage(lab);
		expect(await downloadImage(lab)).toBe("OK");
		expect(await lab.exitStatus(lab.post(download, wanted))).toBe(
			"refusing to override existing file 'local:import/debian-13.qcow2'",
		);
	});

	test("leaves no file when the checksum is wrong", async () => {
		const lab = await startLab();
		const wrong = { ...sha512, checksum: "cd".repeat(64) };
		expect(await lab.exitStatus(lab.post(download, { ...wanted, ...wrong }))).toBe(
			`checksum mismatch: got '${"ab".repeat(64)}' != expect '${"cd".repeat(64)}'`,
		);
		expect(lab.proxmox.state().volumes).toEqual([]);
	});

	test("fails, as do its metadata, when the URL is unknown", async () => {
		const lab = await startLab();
		const url = "https://images.example.org/gone.qcow2";
		expect(await lab.exitStatus(lab.post(download, { ...wanted, url }))).toBe("download failed: exit code 8");
		const metadata = (asked: string) => lab.get(`/nodes/node01/query-url-metadata?url=${encodeURIComponent(asked)}`);
		expect((await metadata(url)).reason).toBe("invalid server response: '404 Not Found'");
		expect((await metadata(image.url)).data).toMatchObject({ filename: "debian-13.qcow2", size: image.sizeBytes });
	});

	test("fails when the storage is full", async () => {
		const lab = await startLab({ catalogue: [{ ...image, sizeBytes: 101 * 2 ** 30 }] });
		expect(await downloadImage(lab)).toBe("download failed: No space left on device");
	});

	test.each([
		["a storage of another kind", download.replace("local/", "local-lvm/"), {}, 403, "AllocateTemplate"],
		["content that the storage does not hold", download, { content: "vztmpl", filename: "x.tar.zst" }, 500, ""],
		["an extension that says nothing", download, { filename: "debian.img" }, 400, "Parameter verification failed."],
		["an unknown algorithm", download, { ...sha512, "checksum-algorithm": "crc32" }, 400, ""],
	])("is refused for %s", async (_, path, extra, status, reason) => {
		const noTemplates = { name: "local", type: "dir" as const, content: ["import" as const], sizeGiB: 10 };
		const lvm = { name: "local-lvm", type: "lvmthin" as const, content: ["images" as const], sizeGiB: 10 };
		const node = {
			name: "node01",
			cpus: 4,
			memoryMiB: 4096,
			searchDomain: "proxmox.internal",
			bridges: [],
			storages: [noTemplates, lvm],
			pciDevices: [],
		};
		const lab = await startLab({ hosts: [node] });
		const answer = await lab.post(path, { ...wanted, ...extra });
		expect(answer.status).toBe(status);
		expect(answer.reason).toContain(reason);
	});
});

test("a VM keeps its disk when its image is deleted", async () => {
	const lab = await startLab();
	await createVm(lab);
	await lab.exitStatus(lab.delete("/nodes/node01/storage/local/content/local:import%2Fdebian-13.qcow2"));
	expect(lab.proxmox.state().volumes.map(({ id }) => id)).toEqual([
		"local-lvm:vm-104-disk-0",
		"local-lvm:vm-104-cloudinit",
		"local-lvm:vm-104-disk-1",
	]);
});

test("a download fails when a file with the name has another checksum", async () => {
	const lab = await startLab();
	const exitStatus = ({ url, checksums }: CatalogueEntry) => {
		const checksum = { checksum: checksums.sha256!, "checksum-algorithm": "sha256" };
		return lab.exitStatus(lab.post(download, { ...wanted, url, ...checksum }));
	};
	expect(await exitStatus(image)).toBe("OK");
	expect(await exitStatus(mirroredImage)).toBe("OK");
	expect(await exitStatus(nextImage)).toContain("checksum mismatch");
	expect(lab.proxmox.state().volumes.map(({ source }) => source?.url)).toEqual([image.url]);
});
