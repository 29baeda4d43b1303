/** Recordings of this tree and of the tree of a commit, each made by a process of that tree. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { progress } from "../../src/commands/command.ts";
import { readText } from "../../src/commands/files.ts";
import { type Recording, recordingFormat } from "./recording.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

const recorder = "review/recording/main.ts";

/** What to record. */
export interface Scope {
	/** Names of stacks; all when it is empty. */
	stacks: readonly string[];
	/** As `YYYY-MM-DD`: the day by which exceptions expire. */
	day: string;
}

/** Records the files as they are on the disk, committed or not. */
export function recordThisTree(scope: Scope): Promise<Recording> {
	return recordIn(checkout, scope, "this tree");
}

/**
 * Records the tree of a commit in a temporary directory, with the packages of this tree.
 *
 * @param install whether to install the commit's own packages there if they are others
 * @throws Error in one sentence when the commit is not there, needs other packages, or is older than the review
 */
export async function recordCommit(reference: string, scope: Scope, install: boolean): Promise<Recording> {
	const commit = resolve(reference);
	const directory = mkdtempSync(join(tmpdir(), "review-base-"));
	try {
		checkOut(commit, directory);
		if (!existsSync(join(directory, recorder))) {
			throw new Error(`${reference} is older than the review and cannot record itself; name a later commit`);
		}
		if (hasTheseLocks(directory)) {
			symlinkSync(join(checkout, "node_modules"), join(directory, "node_modules"));
		} else if (install) {
			await installPackages(directory, reference);
		} else {
			throw new Error(
				`${reference} needs other packages than this tree (package-lock.json); add --install, which installs them in a temporary directory`,
			);
		}
		return await recordIn(directory, scope, reference);
	} finally {
		rmSync(directory, { recursive: true, force: true });
	}
}

function hasTheseLocks(directory: string): boolean {
	const [theirs, ours] = [directory, checkout].map((tree) => readText(join(tree, "package-lock.json")));
	return theirs === ours;
}

/** No package gets to run a script, as in the workflows of CI. */
async function installPackages(directory: string, reference: string): Promise<void> {
	progress(`Installing the packages of ${reference} ...`);
	try {
		await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: directory });
	} catch (error) {
		const { stderr = "", message } = error as Error & { stderr?: string };
		throw new Error(`The packages of ${reference} cannot be installed:\n${stderr.trimEnd() || message}`);
	}
}

/**
 * @param path of a file that `--record` has written
 * @throws FileError when it cannot be read
 * @throws Error in one sentence when it is not a recording of this form
 */
export function readRecording(path: string, { stacks }: Scope): Recording {
	const recording = parseRecording(readText(path), path);
	return { ...recording, stacks: recording.stacks.filter(({ name }) => stacks.length === 0 || stacks.includes(name)) };
}

function parseRecording(text: string, origin: string): Recording {
	let value: Partial<Recording> | undefined;
	try {
		value = JSON.parse(text);
	} catch {
		// Below.
	}
	if (value?.format !== recordingFormat || !Array.isArray(value.stacks)) {
		throw new Error(
			`${origin} is not a recording of the format ${recordingFormat}${value?.format === undefined ? "" : `, but of ${value.format}`}; record it again with \`npm run review -- --record FILE\``,
		);
	}
	return value as Recording;
}

function resolve(reference: string): string {
	try {
		return git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${reference}^{commit}`]).trim();
	} catch {
		throw new Error(
			`--base ${reference} is not a commit of this clone; fetch it first: git fetch origin, or in CI a checkout with its history`,
		);
	}
}

/** Writes the files of a commit, with an index of their own: the index and the work tree of the checkout stay as they are. */
function checkOut(commit: string, directory: string): void {
	const env = { ...process.env, GIT_INDEX_FILE: join(directory, ".review-index") };
	git(["read-tree", commit], env);
	git(["checkout-index", "--all", `--prefix=${directory}/`], env);
}

function git(args: readonly string[], env = process.env): string {
	return execFileSync("git", args, { cwd: checkout, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The program prints its warnings on standard error; they are a part of the recording. */
function recordIn(tree: string, { day, stacks }: Scope, origin: string): Promise<Recording> {
	const child = spawn(process.execPath, [join(tree, recorder), day, ...stacks], {
		stdio: ["ignore", "pipe", "pipe"],
	});
	const [output, errors] = [child.stdout, child.stderr].map(collect) as [Promise<string>, Promise<string>];
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", async (code) => {
			if (code === 0) {
				resolve(parseRecording(await output, origin));
			} else {
				reject(new Error(`${origin} cannot be recorded:\n${(await errors).trimEnd()}`));
			}
		});
	});
}

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) {
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString("utf8");
}
