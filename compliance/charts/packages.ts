/** Packages of charts: one exact version each, from its repository or from a local copy, checked by digest. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Helm } from "./helm.ts";

export interface PinnedChart {
	/** Name in the repository. */
	chart: string;
	/** Exact, as the repository's index has it. */
	version: string;
	/** Repository to ask. */
	repository: string;
	/** Digest of the package that an administrator has vouched for; where it is absent, any package will do. */
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

/** Nothing is known about a chart whose repository does not answer as one. */
export class UnreachableError extends Error {}

/**
 * @param directory made by the caller; receives the package under the name that the publisher gives it
 * @throws UnreachableError when the repository cannot be asked
 * @throws Error in one sentence when it has no such chart, or another one than the digest says
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
		throw new Error(`${repository} does not give out ${chart} ${version}: ${message}.`);
	}
	return openPackage(pin, directory, repository);
}

/**
 * A package that somebody has downloaded before, as `helm pull` names it: `NAME-VERSION.tgz`.
 *
 * @throws Error in one sentence when it is not there, or another one than the digest says
 */
export function localChart(pin: PinnedChart, directory: string): Promise<ChartPackage> {
	return openPackage(pin, directory, directory);
}

async function openPackage(pin: PinnedChart, directory: string, origin: string): Promise<ChartPackage> {
	const { chart, version, sha256 } = pin;
	const file = join(directory, `${chart}-${version}.tgz`);
	const content = await readFile(file).catch(() => {
		throw new Error(`${file} is missing, or cannot be read.`);
	});
	const found = createHash("sha256").update(content).digest("hex");
	if (sha256 !== undefined && found !== sha256) {
		throw new Error(
			`The package of ${chart} ${version} from ${origin} has the digest ${found}, and ${sha256} is expected: it is another chart than the one that was reviewed.`,
		);
	}
	return { file, sha256: found };
}

/** What is known of a package, in one sentence. */
export function digestNote({ sha256, digestKey }: PinnedChart, found: ChartPackage): string {
	return sha256
		? `Digest ${found.sha256}, as pinned.`
		: `Digest ${found.sha256}, not pinned: compare it with the publisher's and set ${digestKey}.`;
}
