/** What the program and the policy pack load before the SDK. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const project = fileURLToPath(new URL("../../../..", import.meta.url));

const lean = 'require("./src/sdk/lean-sdk.cjs");';

/** What a fresh Node process prints that runs the script in the project. */
async function printed(script: string): Promise<string> {
	const { stdout } = await promisify(execFile)(process.execPath, ["--eval", script], { cwd: project });
	return stdout.trim();
}

describe("the SDK after lean-sdk.cjs", () => {
	it("loads neither TypeScript, nor the reader of packages' descriptions, nor the automation API", async () => {
		const slow =
			"Object.keys(require.cache).filter((file) => /typescript[.]js$|normalize-package-data|automation.index/.test(file))";
		expect(await printed(`${lean} require("@pulumi/pulumi"); console.log(...${slow});`)).toBe("");
	});

	it("still serializes functions on request", async () => {
		const serialize = 'require("@pulumi/pulumi").runtime.serializeFunction(() => "down")';
		expect(await printed(`${lean} ${serialize}.then(({ text }) => console.log(text));`)).toContain('() => "down"');
	});

	it("still has the automation API on request", async () => {
		const workspace = 'require("@pulumi/pulumi").automation.LocalWorkspace.name';
		expect(await printed(`${lean} console.log(${workspace})`)).toBe("LocalWorkspace");
	});

	it("leaves a stack trace unchanged, although the SDK's runner translates it", async () => {
		const fails = 'new (require("@pulumi/pulumi").Config)("lab").require("missing")';
		const trace = `try { ${fails} } catch ({ stack }) { console.log(stack) }`;
		const lines = await printed(`require("source-map-support/register"); ${lean} ${trace}`);
		expect(lines).toContain("config.js:");
		expect(lines).not.toContain("config.ts:");
	});

	it("keeps the purpose of a promise without a stack trace, and other stack traces unchanged", async () => {
		const keeps = 'require("@pulumi/pulumi/runtime/debuggable.js").debuggablePromise(made, "a resource")';
		const shown = "console.log(made._debugCtx, made._debugStackTrace, Error.stackTraceLimit)";
		expect(await printed(`${lean} const made = Promise.resolve(); ${keeps}; ${shown}`)).toBe("a resource Error 10");
	});
});

// The engine waits for the pack to start, and has time between that and the first resource.
it("the rules of the pack load no YAML parser before the first of them reads a text", async () => {
	const parser = "Object.keys(require.cache).filter((file) => /node_modules.yaml/.test(file))";
	expect(await printed(`import("./policies/rules/index.ts").then(() => console.log(...${parser}));`)).toBe("");
});
