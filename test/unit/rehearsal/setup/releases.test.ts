/** What is built from published Go modules, and with which versions. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { makeModule, recipe } from "../../../../rehearsal/setup/go-module.ts";
import { cliRelease, pluginRelease } from "../../../../rehearsal/setup/pulumi/modules.ts";
import { requirements } from "../../../../rehearsal/setup/pulumi/requirements.ts";
import { kubernetesPlugin, type Release, releases } from "../../../../rehearsal/setup/releases.ts";

const wanted = requirements(fileURLToPath(new URL("../../../..", import.meta.url)));
const plugin = (name: string) => wanted.plugins.find((plugin) => plugin.name === name)!;
const proxmoxve = pluginRelease(plugin("proxmoxve"), wanted.cli)!;
const named = (name: string): Release => releases.find((release) => release.name === name)!;

test("Kubernetes, Helm and the Kubernetes plugin are built with the same modules", () => {
	expect(named("helm").modules).toEqual(named("kubernetes").modules);
	expect(kubernetesPlugin.modules).toEqual(named("kubernetes").modules);
});

test("the CLI has the version of the SDK, and the Proxmox plugin has the CLI's SDK and reports its npm version", () => {
	const version = `v${wanted.cli}`;
	expect(cliRelease(wanted.cli).modules).toEqual({ "github.com/pulumi/pulumi/pkg/v3": version });
	expect(proxmoxve.modules["github.com/pulumi/pulumi/sdk/v3"]).toBe(version);
	expect(proxmoxve.variables).toEqual({ "main.version": plugin("proxmoxve").version });
});

test("command and tls publish no module of their providers", () => {
	expect(pluginRelease(plugin("command"), wanted.cli)).toBeUndefined();
	expect(pluginRelease(plugin("tls"), wanted.cli)).toBeUndefined();
});

test("the temporary module has the release's requirements, replacements and Go code", async () => {
	const directory = await mkdtemp(join(tmpdir(), "go-module-test-"));
	onTestFinished(() => rm(directory, { recursive: true }));
	await makeModule(proxmoxve, directory);
	const lines = (await readFile(join(directory, "go.mod"), "utf8")).split("\n");
	expect(lines).toContain("module rehearsal.invalid/pulumi-resource-proxmoxve");
	expect(lines).toContain("godebug default=go1.26");
	expect(lines).toContain(`require github.com/pulumi/pulumi/sdk/v3 v${wanted.cli}`);
	expect(lines).toContain("replace github.com/pulumi/pulumi-java => ./source/generators/java");
	expect(await readFile(join(directory, "source/main.go"), "utf8")).toContain("package main");
});

test("a release is built again when our Go code changes, and not when its README changes", async () => {
	const [release, files] = (await recipe(proxmoxve)) as [Release, [string, string][]];
	expect(release).toEqual(proxmoxve);
	const names = files.map(([name]) => name);
	expect(names).toContain("main.go");
	expect(names).toContain("generators/java/go.mod");
	expect(names).not.toContain("README.md");
});
