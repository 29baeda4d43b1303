/** A headless Chromium of the machine. A test without it fails: nothing may skip what only a browser shows. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

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
