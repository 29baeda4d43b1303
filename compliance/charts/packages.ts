/** Packages of charts: one exact version each, from its repository or from a local copy, with its digest checked. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Helm } from "./helm.ts";

export interface PinnedChart {
	/** Name in the repository. */
	chart: string;
	/** Exact, as in the repository's index. */
	version: string;
	/** Repository to ask. */
	repository: string;
	/** Digest of the package that the administrator confirmed; left out, every package is accepted. */
	sha256: string | undefined;
	/** Key of the stack file that holds the digest. */
	digestKey: string;
}

export interface ChartPackage {
	/** Path of the package. */
	file: string;
	/** Its digest. */
	sha256: string;
}

/** Thrown where the repository of a chart does not answer, so that nothing is known about the chart. */
export class UnreachableError extends Error {}

/** Thrown where the directory has no package of the chart in this version. */
export class MissingPackageError extends Error {}

/**
 * @param directory made by the caller; receives the package under the publisher's name
 * @throws UnreachableError when the repository does not answer
 * @throws Error in one sentence when it has no such chart, or a chart with another digest
 */
export async function downloadChart(helm: Helm, pin: PinnedChart, directory: string): Promise<ChartPackage> {
	const { chart, version, repository } = pin;
	try {
		await helm(["pull", chart, "--repo", repository, "--version", version, "--destination", directory]);
	} catch (error) {
		const { message } = error as Error;
		const reason = /(?<=cannot be reached: ).*|^helm gave no answer.*/.exec(message)?.[0];
		if (reason) {
			throw new UnreachableError(`${repository} cannot be reached, or is no chart repository (${reason}).`);
		}
		throw new Error(`${repository} does not have ${chart} ${version}: ${message}.`);
	}
	return openPackage(pin, directory, repository);
}

/**
 * A package that was downloaded before, under the name that `helm pull` gives it: `NAME-VERSION.tgz`.
 *
 * @throws MissingPackageError when it is missing
 * @throws Error in one sentence when it has another digest
 */
export function localChart(pin: PinnedChart, directory: string): Promise<ChartPackage> {
	return openPackage(pin, directory, directory);
}

async function openPackage(pin: PinnedChart, directory: string, origin: string): Promise<ChartPackage> {
	const { chart, version, sha256 } = pin;
	const file = join(directory, `${chart}-${version}.tgz`);
	const content = await readFile(file).catch(() => {
		throw new MissingPackageError(`${file} is missing, or cannot be read.`);
	});
	const found = createHash("sha256").update(content).digest("hex");
	if (sha256 !== undefined && found !== sha256) {
		throw new Error(
			`The package of ${chart} ${version} from ${origin} has the digest ${found}, and ${sha256} is expected: this is not the chart that was reviewed.`,
		);
	}
	return { file, sha256: found };
}

/** The digest of a package, in one sentence. */
export function digestNote({ sha256, digestKey }: PinnedChart, found: ChartPackage): string {
	return sha256
		? `Digest ${found.sha256}, as pinned.`
		: `Digest ${found.sha256}, not pinned: compare it with the publisher's and set ${digestKey}.`;
}
