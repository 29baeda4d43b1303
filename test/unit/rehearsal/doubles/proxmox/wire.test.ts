import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { createVm, image, startLab, token } from "./fixture.ts";

describe("the API server", () => {
	test("speaks TLS 1.3 with a certificate for its address, signed by the authority it names", async () => {
		const { port, caPem } = await startLab();
		const protocol = await new Promise((resolve, reject) => {
			const socket = connect({ host: "127.0.0.1", port, ca: caPem }, () => {
				resolve(socket.authorized ? socket.getProtocol() : socket.authorizationError);
				socket.destroy();
			});
			socket.on("error", reject);
		});
		expect(protocol).toBe("TLSv1.3");
	});

	test("sends an error message in the reason phrase and in the body", async () => {
		const lab = await startLab();
		expect(await lab.get("/nodes/node01/qemu/999/config")).toMatchObject({
			status: 500,
			reason: "Configuration file 'nodes/node01/qemu-server/999.conf' does not exist",
			data: null,
		});
	});

	test("answers 501 when it does not support a call", async () => {
		const lab = await startLab();
		expect(await lab.post("/nodes/node01/qemu/104/migrate")).toMatchObject({
			status: 501,
			reason: "Method 'POST /nodes/node01/qemu/104/migrate' not implemented",
		});
	});

	test("fails when the host is not in the cluster", async () => {
		const lab = await startLab();
		expect((await lab.get("/nodes/node09/qemu/104/config")).reason).toContain("hostname lookup 'node09' failed");
	});

	test.each([
		["no token", "", "No ticket"],
		["an unknown token", "PVEAPIToken=other@pve!x=2222", "no such token 'other@pve!x'"],
		["a wrong secret", `PVEAPIToken=${token.id}=33333333-3333-3333-3333-333333333333`, "invalid token value!"],
	])("answers 401 for %s", async (_, authorization, reason) => {
		const lab = await startLab();
		expect(await lab.call("GET", "/version", undefined, authorization)).toMatchObject({ status: 401, reason });
	});

	test("decodes a path and accepts a trailing slash", async () => {
		const lab = await startLab();
		await createVm(lab);
		const encoded = "/nodes/node01/storage/local/content/local%3Aimport%2Fdebian-13.qcow2";
		expect((await lab.get(encoded)).data).toMatchObject({ format: "qcow2" });
		expect((await lab.get("/nodes/node01/qemu/104/config/")).status).toBe(200);
	});

	test("reads a repeated key as an array", async () => {
		const lab = await startLab({
			tokens: [{ ...token, userAcl: [{ path: "/mapping", privileges: ["Mapping.Modify"] }] }],
			mappings: [],
		});
		const map = ["id=10de:24b0,node=node01,path=0000:0b:00.0", "id=10de:24b0,node=node02,path=0000:0b:00.0"];
		await lab.post("/cluster/mapping/pci", { id: "a4000", map });
		expect((await lab.get("/cluster/mapping/pci/a4000")).data).toMatchObject({ id: "a4000", map });
	});
});

describe("faults on request", () => {
	test("answer the next matching request once with an error", async () => {
		const lab = await startLab();
		lab.proxmox.faults.reply({ path: /^\/nodes\/node02\//, status: 595, message: "No route to host" });
		expect((await lab.get("/nodes/node01/qemu")).status).toBe(200);
		expect(await lab.get("/nodes/node02/qemu")).toMatchObject({ status: 595, reason: "No route to host" });
		expect((await lab.get("/nodes/node02/qemu")).status).toBe(200);
	});

	test("close the connection without an answer", async () => {
		const lab = await startLab();
		lab.proxmox.faults.disconnect({ path: /^\/version$/ });
		await expect(lab.get("/version")).rejects.toThrow("socket hang up");
		expect((await lab.get("/version")).status).toBe(200);
	});

	test("fail a task, which then has no effect", async () => {
		const lab = await startLab();
		lab.proxmox.faults.failTask({ type: "qmstart", id: "104", message: "start failed: QEMU exited with code 1" });
		expect(await createVm(lab)).toBe("start failed: QEMU exited with code 1");
		expect(lab.hypervisor.isRunning(104)).toBe(false);
		expect(await lab.exitStatus(lab.post("/nodes/node01/qemu/104/status/start"))).toBe("OK");
	});

	test("hold a VM's lock until they are cleared", async () => {
		const lab = await startLab();
		await createVm(lab);
		lab.proxmox.faults.lock(104);
		expect((await lab.put("/nodes/node01/qemu/104/config", { tags: "x" })).reason).toBe("VM is locked (backup)");
		expect(await lab.exitStatus(lab.post("/nodes/node01/qemu/104/status/stop"))).toBe("VM is locked (backup)");
		lab.proxmox.faults.clear();
		expect((await lab.put("/nodes/node01/qemu/104/config", { tags: "x" })).status).toBe(200);
	});
});

test("the record of requests has the parameters without secrets", async () => {
	const lab = await startLab();
	await createVm(lab, 104, "node01", { cipassword: "hunter2" });
	const { requests } = lab.proxmox;
	expect(requests.map(({ method, path }) => `${method} ${path}`).filter((line) => !line.includes("/tasks/"))).toEqual([
		"POST /nodes/node01/storage/local/download-url",
		"POST /nodes/node01/qemu",
		"PUT /nodes/node01/qemu/104/resize",
		"POST /nodes/node01/qemu/104/status/start",
	]);
	expect(requests[0]).toMatchObject({ user: token.id, status: 200, parameters: { url: image.url } });
	expect(JSON.stringify(requests)).not.toMatch(/hunter2|22222222/);
});
