/** A headless Chromium of the machine. A test without it fails: nothing may skip what only a browser shows. */
import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import type { AxeResults, NodeResult } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

const names = ["chromium-headless-shell", "chromium", "google-chrome"];

export function launchBrowser(): Promise<Browser> {
	const files = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
	const executablePath = files.find(isExecutable);
	if (executablePath === undefined) {
		throw new Error(`No ${names.join(", ")} on PATH; on Debian, tools/browser.sh installs one.`);
	}
	return chromium.launch({ executablePath });
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

export const desk = { width: 1200, height: 900 };
export const phone = { width: 360, height: 740 };

/** Colours, sizes and states of a page in which axe looks for faults. */
export const views = [
	["light", desk, "open"],
	["dark", desk, "folded"],
	["light", phone, "folded"],
	["dark", phone, "open"],
] as const;

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @returns what axe finds in a page, after unfolding it if asked, and the rules that passed */
export async function faultsIn(page: Page, parts: "open" | "folded"): Promise<{ found: string[]; passed: string[] }> {
	if (parts === "open") {
		await page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
	}
	await page.evaluate(axe);
	const { violations, incomplete, passes } = await page.evaluate<AxeResults>("axe.run()");
	// Of a folded part axe cannot tell the contrast.
	const unsure = parts === "folded" ? [] : incomplete.filter(({ nodes }) => !nodes.every(isSign));
	return {
		found: [...violations, ...unsure].map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`),
		passed: passes.map(({ id }) => id),
	};
}

/** axe cannot tell the contrast of one character, or of a character that is no letter. */
function isSign({ any }: NodeResult): boolean {
	return any.every(({ data }) =>
		["shortTextContent", "nonBmp"].includes((data as { messageKey?: string } | null)?.messageKey ?? ""),
	);
}
