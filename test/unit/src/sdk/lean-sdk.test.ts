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

describe("the SDK behind it", () => {
	it("loads neither npm's dependency solver nor TypeScript", async () => {
		const slow = "Object.keys(require.cache).filter((file) => /typescript[.]js$/.test(file))";
		expect(await printed(`${lean} require("@pulumi/pulumi"); console.log(...${slow});`)).toBe("");
	});

	it("still writes functions down as text, for who asks for it", async () => {
		const serialize = 'require("@pulumi/pulumi").runtime.serializeFunction(() => "down")';
		expect(await printed(`${lean} ${serialize}.then(({ text }) => console.log(text));`)).toContain('() => "down"');
	});

	it("leaves a stack trace as it is, though the SDK's runner has it translated", async () => {
		const fails = 'new (require("@pulumi/pulumi").Config)("lab").require("missing")';
		const trace = `try { ${fails} } catch ({ stack }) { console.log(stack) }`;
		const lines = await printed(`require("source-map-support/register"); ${lean} ${trace}`);
		expect(lines).toContain("config.js:");
		expect(lines).not.toContain("config.ts:");
	});

	it("keeps what a promise is for and no stack trace with it, and takes stack traces elsewhere as before", async () => {
		const keeps = 'require("@pulumi/pulumi/runtime/debuggable.js").debuggablePromise(made, "a resource")';
		const shown = "console.log(made._debugCtx, made._debugStackTrace, Error.stackTraceLimit)";
		expect(await printed(`${lean} const made = Promise.resolve(); ${keeps}; ${shown}`)).toBe("a resource Error 10");
	});
});
