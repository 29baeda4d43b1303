/** Who asks the proxy of the workstation. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ProxmoxApi } from "../../../../src/proxmox/api.ts";

/** @returns what a proxy was asked for, which refuses everything */
async function askedOfProxy(call: (proxy: string) => Promise<unknown>): Promise<string[]> {
	const asked: string[] = [];
	const server = createServer((_, response) => response.writeHead(502).end());
	server.on("connect", ({ url }, socket) => {
		asked.push(String(url));
		socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
	});
	await once(server.listen(0, "127.0.0.1"), "listening");
	await call(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).catch(() => undefined);
	await new Promise((resolve) => server.close(resolve));
	return asked;
}

test.each([
	["HTTPS_PROXY", undefined, ["proxmox.invalid:8006"]],
	["https_proxy", "other.invalid", ["proxmox.invalid:8006"]],
	["HTTPS_PROXY", "other.invalid, .proxmox.invalid", ["proxmox.invalid:8006"]],
	["HTTPS_PROXY", "proxmox.invalid", []],
	["HTTPS_PROXY", "invalid", []],
	["HTTP_PROXY", undefined, []],
])(
	"the client of the Proxmox API asks the proxy of %s with NO_PROXY %j for %j",
	async (variable, exceptions, asked) => {
		const found = await askedOfProxy(async (proxy) => {
			const environment = { [variable]: proxy, ...(exceptions && { NO_PROXY: exceptions }) };
			const api = new ProxmoxApi("https://proxmox.invalid:8006/", "user@pve!name=uuid", environment);
			await api.get("/version").finally(() => api.close());
		});
		expect(found).toEqual(asked);
	},
);

test("the doctor asks the proxy for the lists of the publishers", async () => {
	const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { doctor: string } };
	const command = scripts.doctor.replace("src/commands/doctor.ts", `-e 'fetch("https://publisher.invalid/list")'`);
	expect(command).not.toBe(scripts.doctor);
	const call = (exceptions: string) =>
		askedOfProxy(async (proxy) => {
			const env = { PATH: process.env.PATH, HTTPS_PROXY: proxy, NO_PROXY: exceptions };
			await promisify(execFile)("sh", ["-c", command], { env });
		});
	expect([await call(""), await call(".invalid")]).toEqual([["publisher.invalid:443"], []]);
});
