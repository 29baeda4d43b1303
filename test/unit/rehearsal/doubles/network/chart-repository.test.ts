import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMirror, type Mirror, type MirrorFault } from "../../../../../rehearsal/doubles/network/mirror.ts";

const tarball = "/artifacts/v1.35.7+rke2r1/rke2.linux-amd64.tar.gz";
const content = Buffer.from("a release of RKE2");

let directory: string;
let mirror: Mirror;
let faults: Map<string, MirrorFault>;
let url: string;

beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), "mirror-"));
	await mkdir(join(directory, "artifacts/v1.35.7+rke2r1"), { recursive: true });
	await mkdir(join(directory, "charts"));
	await writeFile(join(directory, tarball), content);
	await writeFile(join(directory, "charts/index.yaml"), "apiVersion: v1\n");
	await writeFile(join(directory, "secret"), "outside");
	faults = new Map();
	mirror = createMirror({ artifacts: join(directory, "artifacts"), charts: join(directory, "charts"), faults });
	url = `http://127.0.0.1:${await mirror.listen("127.0.0.1", 0)}`;
});
afterEach(async () => {
	await mirror.close();
	await rm(directory, { recursive: true });
});

async function get(path: string): Promise<Buffer> {
	const response = await fetch(`${url}${path}`);
	return Buffer.from(await response.arrayBuffer());
}

test.each([tarball, tarball.replace("+", "%2B")])("serves a release as %s", async (path) => {
	expect(await get(path)).toEqual(content);
});

test("the mirror serves the chart index", async () => {
	expect((await get("/charts/index.yaml")).toString()).toBe("apiVersion: v1\n");
});

test("the mirror answers the length without content when it gets HEAD", async () => {
	const response = await fetch(`${url}${tarball}`, { method: "HEAD" });
	expect(response.headers.get("content-length")).toBe(String(content.length));
	expect(await response.text()).toBe("");
});

test.each(["/", "/charts/", "/charts/absent.tgz", "/other/index.yaml", "/%E0%A4%A"])(
	"the mirror answers 404 when it gets %s",
	async (path) => {
		expect((await fetch(`${url}${path}`)).status).toBe(404);
	},
);

// By hand: fetch would resolve the dots before it asks.
test.each(["/charts/../secret", "/charts/..%2fsecret", "/charts/%2e%2e/secret"])(
	"the mirror serves no file outside its folders when it gets %s",
	async (path) => {
		const status = await new Promise((resolve, reject) => {
			request(`${url}/`, { path }, (response) => resolve(response.resume().statusCode))
				.on("error", reject)
				.end();
		});
		expect(status).toBe(404);
	},
);

test("the mirror answers 405 when it gets another method", async () => {
	expect((await fetch(`${url}${tarball}`, { method: "PUT", body: "x" })).status).toBe(405);
});

test("a file has one wrong bit when its fault is altered", async () => {
	faults.set(tarball, "altered");
	const altered = await get(tarball);
	expect(altered).toHaveLength(content.length);
	expect(altered[0]! ^ content[0]!).toBe(1);
	expect(altered.subarray(1)).toEqual(content.subarray(1));
	faults.clear();
	expect(await get(tarball)).toEqual(content);
});

test("only the faulty file is missing when its fault is missing", async () => {
	faults.set("/charts/index.yaml", "missing");
	expect((await fetch(`${url}/charts/index.yaml`)).status).toBe(404);
	expect(await get(tarball)).toEqual(content);
});

test("the mirror closes when a stalled request has no answer", async () => {
	faults.set(tarball, "stalled");
	const answer = fetch(`${url}${tarball}`).then(
		() => "answered",
		() => "cut off",
	);
	const deadline = new Promise((resolve) => setTimeout(resolve, 300, "waiting"));
	expect(await Promise.race([answer, deadline])).toBe("waiting");
	await mirror.close();
	expect(await answer).toBe("cut off");
	mirror = createMirror({ artifacts: directory, charts: directory });
	await mirror.listen("127.0.0.1", 0);
});

test("the mirror fails to listen when the address is in use", async () => {
	const second = createMirror({ artifacts: directory, charts: directory });
	await expect(second.listen("127.0.0.1", Number(new URL(url).port))).rejects.toThrow("EADDRINUSE");
});
