/** Who asks the proxy of the workstation. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { theseSurroundings } from "../../../../src/doctor/surroundings.ts";
import { ProxmoxApi } from "../../../../src/proxmox/api.ts";
import { startLab, token } from "../../rehearsal/doubles/proxmox/fixture.ts";

const client = new URL("../../../../src/proxmox/api.ts", import.meta.url).href;

interface Asked {
	/** `host:port`, or the URL of a request without a tunnel. */
	url: string;
	/** User and password. */
	login: string | undefined;
}

/**
 * @param target port on this machine to which every tunnel leads; without it the proxy refuses everything
 * @returns host and port of a proxy, and what it was asked for
 */
async function startProxy(target?: number): Promise<{ at: string; asked: Asked[] }> {
	const asked: Asked[] = [];
	const note = (url = "", header = "") => {
		const login = Buffer.from(header.replace("Basic ", ""), "base64").toString();
		asked.push({ url, login: login || undefined });
	};
	const server = createServer(({ url, headers }, response) => {
		note(url, headers["proxy-authorization"]);
		response.writeHead(502).end();
	});
	server.on("connect", ({ url, headers }, socket) => {
		note(url, headers["proxy-authorization"]);
		if (target === undefined) {
			socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
			return;
		}
		const tunnel = connect(target, "127.0.0.1", () => {
			socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
			tunnel.pipe(socket).pipe(tunnel);
		});
		tunnel.on("error", () => socket.destroy());
		socket.on("error", () => tunnel.destroy());
	});
	await once(server.listen(0, "127.0.0.1"), "listening");
	onTestFinished(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});
	return { at: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** @returns why the API did not answer */
async function failure(environment: Record<string, string>): Promise<{ code: string; message: string }> {
	const api = new ProxmoxApi("https://proxmox.invalid:8006/", "user@pve!name=uuid", environment);
	try {
		return await api.get("/version").then(
			() => expect.fail("the API answers"),
			({ code, message }) => ({ code, message }),
		);
	} finally {
		api.close();
	}
}

test.each([
	["HTTPS_PROXY", "http://", undefined, ["proxmox.invalid:8006"]],
	["https_proxy", "", "other.invalid", ["proxmox.invalid:8006"]],
	["HTTPS_PROXY", "HTTP://", "other.invalid, .proxmox.invalid", ["proxmox.invalid:8006"]],
	["HTTPS_PROXY", "", "*.proxmox.invalid, proxmox.invalid:8007", ["proxmox.invalid:8006"]],
	["HTTPS_PROXY", "http://", "proxmox.invalid", []],
	["HTTPS_PROXY", "", "Proxmox.INVALID:8006", []],
	["HTTPS_PROXY", "http://", "*.invalid", []],
	["HTTP_PROXY", "http://", undefined, []],
])(
	"the client of the Proxmox API asks the proxy of %s=%sHOST:PORT with NO_PROXY %j for %j",
	async (variable, scheme, exceptions, hosts) => {
		const { at, asked } = await startProxy();
		await failure({ [variable]: `${scheme}${at}`, ...(exceptions && { NO_PROXY: exceptions }) });
		expect(asked.map(({ url }) => url)).toEqual(hosts);
	},
);

test("the client of the Proxmox API names a proxy that refuses, and not its password", async () => {
	const { at, asked } = await startProxy();
	const found = await failure({ HTTPS_PROXY: `http://me:hunter%232@${at}` });
	expect(asked).toEqual([{ url: "proxmox.invalid:8006", login: "me:hunter#2" }]);
	expect(found).toEqual({ code: "", message: "Proxy response (502) !== 200 when HTTP Tunneling" });
});

test("the client of the Proxmox API names a proxy whose name cannot be resolved, and not its password", async () => {
	const { code, message } = await failure({ HTTPS_PROXY: "me:hunter2@proxy.invalid:3128" });
	expect({ code, message }).toEqual({ code: "", message: expect.stringMatching(/^getaddrinfo \S+ proxy\.invalid$/) });
});

test.each(["http://me:hunter2#b@AT", "http://me:hunter2%@AT", "socks5://me:hunter2@AT"])(
	"a request with HTTPS_PROXY=%s goes nowhere and names the variable, not its value",
	async (value) => {
		const { at, asked } = await startProxy();
		const environment = { HTTPS_PROXY: value.replace("AT", at) };
		const message =
			"HTTPS_PROXY is not the address of an HTTP proxy; allowed are HOST:PORT, http://HOST:PORT or https://HOST:PORT, with %XX for each special character of a user and a password";
		expect(await failure(environment)).toEqual({ code: "UNUSABLE_PROXY", message });
		const { fetch } = theseSurroundings(environment);
		expect(await fetch("https://publisher.invalid/list")).toEqual({ failure: message });
		expect(asked).toEqual([]);
	},
);

test.each([
	["https://publisher.invalid/list", "", "publisher.invalid:443"],
	["http://publisher.invalid/list", "other.invalid", "http://publisher.invalid/list"],
	["https://publisher.invalid/list", ".invalid", undefined],
	["http://publisher.invalid/list", "publisher.invalid:80", undefined],
])("the doctor fetches %s with NO_PROXY %j by asking the proxy for %s", async (url, exceptions, target) => {
	const { at, asked } = await startProxy();
	const { fetch } = theseSurroundings({ HTTPS_PROXY: at, HTTP_PROXY: at, NO_PROXY: exceptions });
	expect(await fetch(url)).toHaveProperty("failure");
	expect(asked.map((each) => each.url)).toEqual(target === undefined ? [] : [target]);
});

test("npm run doctor starts with every value of HTTPS_PROXY", async () => {
	const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { doctor: string } };
	const values = ["10.0.0.1:3128", "http://me:hunter2#b@proxy.lab"];
	const started = values.map(async (value) => {
		const env = { PATH: process.env.PATH, HTTPS_PROXY: value };
		const { stdout, stderr } = await promisify(execFile)("sh", ["-c", `${scripts.doctor} --help`], { env });
		expect([stdout.split("\n")[0], stderr]).toEqual([expect.stringContaining("npm run doctor"), ""]);
	});
	await Promise.all(started);
});

test.each([["directly"], ["through a proxy"]])("Proxmox answers the client %s", async (way) => {
	const name = way === "directly" ? "127.0.0.1" : "proxmox.invalid";
	const lab = await startLab({}, name);
	const { at, asked } = await startProxy(lab.port);
	const directory = mkdtempSync(join(tmpdir(), "proxmox-api-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const authority = join(directory, "ca.pem");
	writeFileSync(authority, lab.caPem);
	const script = `
		const { ProxmoxApi } = await import(${JSON.stringify(client)});
		const endpoint = "https://${name}:${lab.port}/";
		const outcome = async (secret, path, parameters) => {
			const api = new ProxmoxApi(endpoint, "${token.id}=" + secret);
			try {
				return await api.get(path, parameters);
			} catch ({ constructor, status, message }) {
				return [constructor.name, status, message];
			} finally {
				api.close();
			}
		};
		const outcomes = [
			await outcome("${token.secret}", "/version"),
			await outcome("wrong", "/version"),
			await outcome("${token.secret}", "/nodes/node01/query-url-metadata", { url: "https://unknown.invalid/x" }),
		];
		console.log(JSON.stringify(outcomes));`;
	// OpenSSL reads SSL_CERT_FILE once in a process.
	const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
		env: { HTTPS_PROXY: at, SSL_CERT_FILE: authority },
	});
	expect(JSON.parse(stdout)).toEqual([
		expect.objectContaining({ version: expect.stringMatching(/^9\./) }),
		["ProxmoxRefusal", 401, "invalid token value!"],
		["ProxmoxRefusal", 500, "invalid server response: '404 Not Found'"],
	]);
	expect(new Set(asked.map(({ url }) => url))).toEqual(
		new Set(way === "directly" ? [] : [`proxmox.invalid:${lab.port}`]),
	);
});
