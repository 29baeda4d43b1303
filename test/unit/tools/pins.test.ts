/** `npm run pins`: compares the list with the tree, and the answers of a test server with the list. */
import { execFile, execFileSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { askAll } from "../../../tools/pins/ask.ts";
import { collectPins } from "../../../tools/pins/collect.ts";
import type { Pin, Question } from "../../../tools/pins/pin.ts";
import { versionsInTree } from "../../../tools/pins/versions-in-tree.ts";

const files = execFileSync("git", ["ls-files"], { encoding: "utf8" }).trim().split("\n");
const pins = collectPins(files, "Pulumi.lab.yaml");

describe("collectPins", () => {
	test("finds every version in the tree", () => {
		// The project's own packages, which are not published.
		const own = versionsInTree(files).filter(
			({ file, version }) => !/package\.json$/.test(file) || version !== "0.1.0",
		);
		expect(own.length).toBeGreaterThan(60);
		const known = (file: string, version: string) =>
			pins.some(({ places, value }) => places.includes(file) && value.replace(/^v/, "") === version.replace(/^v/, ""));
		expect(own.filter(({ file, version }) => !known(file, version))).toEqual([]);
	});

	test("names existing files and a source for each pin", () => {
		for (const { name, value, places, source } of pins) {
			expect(files, name).toEqual(expect.arrayContaining(places));
			expect(source, name).toMatch(/^https:\/\//);
			expect(value, name).not.toBe("");
		}
	});

	test("has no duplicates", () => {
		const names = pins.map(({ kind, name, value, places }) => [kind, name, value, ...places].join(" "));
		expect(new Set(names).size).toBe(names.length);
	});
});

/** Answers of upstream by path, `/<host>/<path>`, and of the registries of npm and Go. */
const upstream: Record<string, unknown> = {
	"/charts.example/index.yaml": "entries: { sample: [{version: 1.2.0}, {version: 1.10.0}, {version: 2.0.0-rc.1}] }",
	"/update.rke2.io/v1-release/channels": {
		data: [
			{ id: "v1.35", latest: "v1.35.9+rke2r1" },
			{ id: "latest", latest: "v1.37.1+rke2r1" },
		],
	},
	"/api.github.com/repos/kube-vip/kube-vip/releases/latest": { tag_name: "v1.2.3" },
	"/text.example/flags": '"leaseDuration", 15, ""\n"leaseRetry", 2, ""\n',
	"/npm/zod": packument("zod", "99.0.0"),
	"/go/example.com/module/@v/list": "v1.0.0\nv1.4.0\n",
	"/go/example.com/module/@v/v1.4.0.info": { Version: "v1.4.0" },
	"/go/example.com/module/@v/v1.4.0.mod": "module example.com/module\n",
};

function packument(name: string, latest: string) {
	return { name, "dist-tags": { latest }, versions: { [latest]: { name, version: latest, dist: {} } } };
}

let server: Server;
let mirror: string;
beforeAll(async () => {
	server = createServer(({ url = "" }, response) => {
		const body = upstream[decodeURIComponent(url)];
		response.writeHead(body === undefined ? 404 : 200).end(typeof body === "string" ? body : JSON.stringify(body));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	vi.stubEnv("npm_config_registry", `${mirror}/npm`);
	vi.stubEnv("GOPROXY", `${mirror}/go`);
	vi.stubEnv("GONOSUMDB", "*");
	vi.stubEnv("GOFLAGS", "-modcacherw");
});
afterAll(async () => {
	vi.unstubAllEnvs();
	await new Promise((resolve) => server.close(resolve));
});

const pin = (value: string, question: Question, kind: Pin["kind"] = "release"): Pin => ({
	kind,
	name: "sample",
	value,
	places: [],
	source: "",
	question,
});
const text = (...patterns: string[]): Question => ({ by: "text", url: "https://text.example/flags", patterns });

describe("askAll", () => {
	test.each<[string, Pin, object]>([
		[
			"of a chart has a newer release, and one that is none yet",
			pin("1.2.0", { by: "helm", repository: "https://charts.example/", chart: "sample" }),
			{ state: "changed", upstream: "1.10.0" },
		],
		[
			"of RKE2 has a newer patch",
			pin("v1.35.7+rke2r1", { by: "channel", channel: "v1.35", part: "release" }),
			{ state: "changed", upstream: "v1.35.9+rke2r1" },
		],
		[
			"of RKE2 has another minor than the constants were read for",
			pin("1.36", { by: "channel", channel: "latest", part: "minor" }, "constant"),
			{ state: "changed", upstream: "1.37" },
		],
		[
			"at GitHub has the same",
			pin("v1.2.3", { by: "github", repository: "kube-vip/kube-vip" }),
			{ state: "same", upstream: "v1.2.3" },
		],
		[
			"has nothing newer than what the tree has from it",
			pin("v1.3.0", { by: "github", repository: "kube-vip/kube-vip" }),
			{ state: "same", upstream: "v1.2.3" },
		],
		[
			"has the same constants",
			pin("15, 2", text('"leaseDuration", (\\d+)', '"leaseRetry", (\\d+)'), "constant"),
			{ state: "same", upstream: "15, 2" },
		],
		[
			"has a smaller constant, which is another one",
			pin("20", text('"leaseDuration", (\\d+)'), "constant"),
			{ state: "changed", upstream: "15" },
		],
		[
			"no longer says it there",
			pin("3", text("renewDeadline (\\d+)"), "constant"),
			{
				state: "not asked",
				reason:
					"https://text.example/flags has nothing that matches renewDeadline (\\d+): look there, and correct the question",
			},
		],
		[
			"is not there",
			pin("v1.0.0", { by: "github", repository: "nobody/nothing" }),
			{ state: "not asked", reason: "api.github.com answers 404 for /repos/nobody/nothing/releases/latest" },
		],
	])("%s", async (_, asked, finding) => {
		expect(await askAll([asked], { mirror })).toEqual([finding]);
	});

	test("asks npm and Go with their own settings for packages and modules", async () => {
		const module = pin("v1.0.0", { by: "go", module: "example.com/module" }, "module");
		const missing = pin("v1.0.0", { by: "go", module: "example.com/missing" }, "module");
		const [first, second] = await askAll([module, missing], { mirror });
		expect(first).toEqual({ state: "changed", upstream: "v1.4.0" });
		expect(second).toMatchObject({ state: "not asked", reason: expect.stringMatching(/^go says: .*404/) });
	});

	test("reports an unreachable upstream, which is no failure", async () => {
		const gone = createServer();
		await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
		const nobody = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
		await new Promise((resolve) => gone.close(resolve));
		vi.stubEnv("npm_config_registry", nobody);
		const asked = [
			pin("1.0.0", { by: "npm", package: "zod" }, "package"),
			pin("v1.2.3", { by: "github", repository: "kube-vip/kube-vip" }),
		];
		expect(await askAll(asked, { mirror: nobody })).toEqual([
			{ state: "not asked", reason: "npm says: ECONNREFUSED" },
			{ state: "not asked", reason: "api.github.com cannot be reached (ECONNREFUSED)" },
		]);
		vi.stubEnv("npm_config_registry", `${mirror}/npm`);
	});
});

describe("npm run pins", () => {
	/** @returns the output and the exit code */
	async function run(...parameters: string[]) {
		try {
			const { stdout } = await promisify(execFile)(process.execPath, ["tools/pins/main.ts", ...parameters]);
			return { code: 0, stdout, stderr: "" };
		} catch (error) {
			return error as { code: number; stdout: string; stderr: string };
		}
	}

	test("lists everything without a request with --offline", async () => {
		const { code, stdout } = await run("--offline");
		expect(code).toBe(0);
		expect(stdout).toContain("  RKE2 v1.35.7+rke2r1 (Pulumi.lab.yaml, ");
		expect(stdout).toContain(`${pins.length} pins: 0 as upstream has them, 0 changed`);
	});

	test("prints its usage and ends with 2 when its arguments are wrong", async () => {
		expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringMatching(/npm run pins -- /) });
		expect(await run("--everything")).toMatchObject({
			code: 2,
			stderr: expect.stringMatching(/^Unknown option '--everything'\. Usage: npm run pins/),
		});
	});

	test("marks changes of upstream, and ends with 1 for a constant", async () => {
		upstream["/raw.githubusercontent.com/kube-vip/kube-vip/main/cmd/kube-vip.go"] =
			'"leaseDuration", 30\n"leaseRenewDuration", 20\n"leaseRetry", 4\n';
		upstream["/metallb.github.io/metallb/index.yaml"] = "entries: { metallb: [{ version: 0.99.0 }] }";
		const { code, stdout } = await run("--json", "-", "--mirror", mirror);
		expect(code).toBe(1);
		const { pins: found, changed, notAsked } = JSON.parse(stdout);
		expect(changed).toBeGreaterThanOrEqual(2);
		expect(notAsked).toBeGreaterThan(10);
		expect(found).toContainEqual(
			expect.objectContaining({ name: "metallb", value: "0.16.1", state: "changed", upstream: "0.99.0" }),
		);
		expect(found).toContainEqual(
			expect.objectContaining({
				kind: "constant",
				value: "15, 10, 2",
				places: ["src/config/schema/cluster.ts"],
				state: "changed",
				upstream: "30, 20, 4",
			}),
		);
	});
});
