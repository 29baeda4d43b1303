/** Asks upstream for its current versions and values. An unreachable source is a finding, not a failure. */
import semver from "semver";
import { parse } from "yaml";
import { type Newest, newestModules, newestPackages } from "./clients.ts";
import type { Finding, Pin, Question } from "./pin.ts";

/** Milliseconds for one answer. */
const timeout = 30_000;

interface AskOptions {
	/** Fetches `<mirror>/<host>/<path>` instead of `https://<host>/<path>`. npm and Go have their own settings. */
	mirror: string | undefined;
}

interface Upstream {
	packages: Newest;
	modules: Newest;
	/** Each address is fetched once. */
	text: (url: string) => Promise<string>;
}

/** @returns one finding for each pin, in their order */
export async function askAll(pins: readonly Pin[], options: AskOptions): Promise<Finding[]> {
	const packages = pins.filter(({ question }) => question?.by === "npm");
	const modules = pins.flatMap(({ question }) => (question?.by === "go" ? [question.module] : []));
	const [ofNpm, ofGo] = await Promise.all([
		newestPackages(new Map(packages.map(({ name, value }) => [name, value]))),
		newestModules([...new Set(modules)]),
	]);
	const fetched = new Map<string, Promise<string>>();
	const text = (url: string) => {
		const known = fetched.get(url) ?? fetchText(url, options);
		fetched.set(url, known);
		return known;
	};
	return Promise.all(pins.map((pin) => find(pin, { packages: ofNpm, modules: ofGo, text })));
}

async function find({ kind, value, question }: Pin, upstream: Upstream): Promise<Finding> {
	if (!question) {
		return { state: "nothing to ask" };
	}
	try {
		const now = await ask(question, upstream);
		const same = kind === "constant" ? now === value : !isNewer(now, value);
		return { state: same ? "same" : "changed", upstream: now };
	} catch (error) {
		return { state: "not asked", reason: (error as Error).message };
	}
}

/** Upstream may publish an older line after a newer one, and the tree may need a commit without a release. */
function isNewer(now: string, value: string): boolean {
	return semver.valid(now) && semver.valid(value) ? semver.compareBuild(now, value) > 0 : now !== value;
}

async function ask(question: Question, { packages, modules, text }: Upstream): Promise<string> {
	switch (question.by) {
		case "npm":
			return packages(question.package);
		case "go":
			return modules(question.module);
		case "helm": {
			const index = parse(await text(`${question.repository.replace(/\/$/, "")}/index.yaml`));
			const versions: { version: string }[] = index?.entries?.[question.chart] ?? [];
			return newest(versions.map(({ version }) => version));
		}
		case "channel": {
			const { data } = JSON.parse(await text("https://update.rke2.io/v1-release/channels"));
			const latest: string | undefined = data.find(({ id }: { id: string }) => id === question.channel)?.latest;
			if (latest === undefined) {
				throw new Error(`RKE2 has no channel ${question.channel}`);
			}
			return question.part === "release" ? latest : latest.replace(/^v(\d+\.\d+)\..*$/, "$1");
		}
		case "github":
			return JSON.parse(await text(`https://api.github.com/repos/${question.repository}/releases/latest`)).tag_name;
		case "text": {
			const content = await text(question.url);
			return question.patterns.map((pattern) => lastMatch(content, pattern, question.url)).join(", ");
		}
	}
}

function lastMatch(content: string, pattern: string, url: string): string {
	const found = [...content.matchAll(new RegExp(pattern, "gm"))].at(-1)?.[1];
	if (found === undefined) {
		throw new Error(`${url} has nothing that matches ${pattern}: look there, and correct the question`);
	}
	return found;
}

function newest(versions: readonly string[]): string {
	const [first] = versions
		.filter((version) => semver.valid(version) && !semver.prerelease(version))
		.toSorted(semver.rcompare);
	if (first === undefined) {
		throw new Error("the repository has no release of it");
	}
	return first;
}

async function fetchText(url: string, { mirror }: AskOptions): Promise<string> {
	const address = mirror === undefined ? url : url.replace(/^https:\//, mirror.replace(/\/$/, ""));
	const { host, pathname } = new URL(url);
	let response: Response;
	try {
		response = await fetch(address, { signal: AbortSignal.timeout(timeout) });
	} catch (error) {
		const { cause, message } = error as { cause?: { code?: string; message?: string }; message: string };
		throw new Error(`${host} cannot be reached (${cause?.code ?? cause?.message ?? message})`);
	}
	if (!response.ok) {
		throw new Error(`${host} answers ${response.status} for ${pathname}`);
	}
	return response.text();
}
