/** Output of `npm run pins`. */
import type { Finding, Pin } from "./pin.ts";

export type Found = Omit<Pin, "question"> & Finding;

const titles: Record<Pin["kind"], string> = {
	release: "Releases",
	chart: "Charts",
	image: "Images",
	package: "npm packages, the providers' SDKs among them",
	module: "Go modules of the rehearsal",
	action: "Actions of the workflows",
	constant: "Constants and defaults",
};

export function summary(found: readonly Found[]) {
	const count = (state: Finding["state"]) => found.filter((pin) => pin.state === state).length;
	return { same: count("same"), changed: count("changed"), notAsked: count("not asked") };
}

export function describe(found: readonly Found[]): string {
	const kinds = Object.entries(titles).flatMap(([kind, title]) => {
		const pins = found.filter((pin) => pin.kind === kind);
		return pins.length === 0 ? [] : [`${title}:`, ...pins.map(line), ""];
	});
	const { same, changed, notAsked } = summary(found);
	const reasons = [...new Set(found.flatMap((pin) => (pin.state === "not asked" ? [pin.reason] : [])))];
	return [
		...kinds,
		`${found.length} pins: ${same} as upstream has them, ${changed} changed (marked *), ${notAsked} could not be asked.`,
		...reasons.map((reason) => `  not asked: ${reason}`),
	].join("\n");
}

function line(pin: Found): string {
	return [
		`${pin.state === "changed" ? "*" : " "} ${pin.name} ${pin.value} (${pin.places.join(", ")}): ${news(pin)}`,
		...(pin.note === undefined ? [] : [`    ${pin.note}`]),
		`    ${pin.source}`,
	].join("\n");
}

function news(pin: Found): string {
	switch (pin.state) {
		case "changed":
			return `upstream has ${pin.upstream}`;
		case "same":
			return pin.upstream === pin.value ? "the same" : `upstream has ${pin.upstream}, which is no newer`;
		default:
			return pin.state;
	}
}
