/** `npm run review -- --charts DIR`: Helm renders the charts of both sides, and the review compares the objects. */
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chartDoubles, packageCharts } from "../../rehearsal/doubles/network/chart-repository.ts";
import { createMirror, type Mirror } from "../../rehearsal/doubles/network/mirror.ts";
import { setUp } from "../../rehearsal/setup/index.ts";
import { type ChartSource, reviewCharts } from "../../review/charts/releases.ts";
import { compare } from "../../review/compare/compare.ts";
import type { StackReview } from "../../review/compare/review.ts";
import { renderText } from "../../review/forms/text.ts";
import type { Recording } from "../../review/recording/recording.ts";
import { changed, recordText } from "../unit/review/lab-review.ts";

/** What both versions of the chart have, with values that Helm makes anew at each rendering. */
const madeAnew = (fixed: string, password: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: made-anew
  namespace: traefik
data:
  nonce: {{ randAlphaNum 12 }}
  fixed: ${fixed}
---
apiVersion: v1
kind: Secret
metadata:
  name: credentials
  namespace: traefik
stringData:
  nonce: {{ randAlphaNum 12 }}
  password: ${password}
`;

const old = changed({ platform: { traefik: { version: "41.3.0" } } });
const bumped = changed({ platform: { traefik: { version: "41.4.0" } } });
const missing = changed({ platform: { traefik: { version: "41.5.0" } } });
const otherDigest = changed({ platform: { traefik: { version: "41.4.0", sha256: "0".repeat(64) } } });

let directory: string;
let source: ChartSource;
let mirror: Mirror;

beforeAll(async () => {
	const { binaries } = await setUp(console.log);
	directory = await mkdtemp(join(tmpdir(), "review-charts-"));
	const packages = join(directory, "packages");
	source = { packages, download: false, helm: join(binaries, "helm") };
	await makeCharts("41.3.0", madeAnew("one", "the-former-password"));
	await makeCharts("41.4.0", madeAnew("two", "the-new-password"), async (chart) => {
		await rm(join(chart, "templates/ingressclass.yaml"));
		const workload = join(chart, "templates/workload.yaml");
		const text = await readFile(workload, "utf8");
		await writeFile(workload, text.replace("terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 90"));
	});
	mirror = createMirror({ artifacts: directory, charts: packages, faults: new Map() });
});
afterAll(async () => {
	await mirror.close();
	await rm(directory, { recursive: true });
});

async function makeCharts(version: string, template: string, edit?: (chart: string) => Promise<void>): Promise<void> {
	const charts = join(directory, version);
	const chart = join(charts, "traefik");
	await cp(chartDoubles, charts, { recursive: true });
	const metadata = join(chart, "Chart.yaml");
	await writeFile(metadata, (await readFile(metadata, "utf8")).replace("version: 41.3.0", `version: ${version}`));
	await appendFile(join(chart, "templates/made-anew.yaml"), template);
	await edit?.(chart);
	await packageCharts(charts, source.packages);
}

async function review(before: string, after: string, where = source): Promise<StackReview> {
	const sideOf = async (text: string): Promise<Recording> => ({ format: 1, stacks: [await recordText(text)] });
	const [one, two] = [await sideOf(before), await sideOf(after)];
	return compare("base", one, two, await reviewCharts(one, two, where)).stacks[0]!;
}

const inTraefik = ({ charts }: StackReview) => charts.map(({ release, objects }) => [release, objects.length]);
const aboutCharts = ({ notes }: StackReview) => notes.filter((note) => note.includes("objects"));

test("a review names the objects of another version, without labels of the version, random values and secrets", async () => {
	const reviewed = await review(old, bumped);
	expect(reviewed.charts).toEqual([
		{
			release: "traefik",
			objects: [
				expect.objectContaining({ action: "delete", kind: "IngressClass", names: ["traefik"] }),
				expect.objectContaining({
					action: "update",
					kind: "ConfigMap",
					names: ["traefik/made-anew"],
					changes: [{ path: "data.fixed", old: "one", new: "two" }],
				}),
				expect.objectContaining({
					action: "update",
					kind: "DaemonSet",
					changes: expect.arrayContaining([
						{ path: "spec.template.spec.terminationGracePeriodSeconds", old: "60", new: "90" },
					]),
				}),
				expect.objectContaining({
					action: "update",
					kind: "Secret",
					names: ["traefik/credentials"],
					changes: [{ path: "stringData.password", secret: true }],
				}),
			],
		},
	]);
	expect(aboutCharts(reviewed)).toEqual([]);
	const text = renderText({ format: 4, base: "base", verdict: reviewed.verdict, stacks: [reviewed] });
	expect(text).toContain("Objects inside the release traefik\n  deleted: IngressClass: traefik\n");
	expect(text).not.toMatch(/the-(?:former|new)-password/);
});

test("a review compares the objects of other values in the same version", async () => {
	const trusting = changed({ platform: { traefik: { version: "41.3.0", trustedProxies: ["10.25.10.9/32"] } } });
	const reviewed = await review(old, trusting);
	expect([inTraefik(reviewed), aboutCharts(reviewed)]).toEqual([[["traefik", 1]], []]);
	expect(reviewed.charts[0]!.objects[0]).toMatchObject({
		kind: "DaemonSet",
		changes: ["web", "websecure"].map((entryPoint) => ({
			path: "spec.template.spec.containers[0].args",
			new: `--entryPoints.${entryPoint}.proxyProtocol.trustedIPs=10.25.10.9/32`,
		})),
	});
});

test("a review says why it did not compare the objects, when the package is missing or another one", async () => {
	const absent = await review(old, missing);
	expect([absent.charts.map(({ objects }) => objects), aboutCharts(absent)]).toEqual([
		[[]],
		[
			`The objects of the release traefik were not compared, only its version and values: ${join(source.packages, "traefik-41.5.0.tgz")} is missing, or cannot be read.`,
		],
	]);
	const [other] = aboutCharts(await review(old, otherDigest));
	expect(other).toMatch(
		/has the digest [0-9a-f]{64}, and 0{64} is expected: this is not the chart that was reviewed\.$/,
	);
});

test("a review downloads the packages that its directory lacks, and only when it is told to", async () => {
	const host = `127.0.0.1:${await mirror.listen("127.0.0.1", 0)}`;
	const mirrored = (version: string) =>
		changed({
			network: { plainHttp: [host] },
			platform: { traefik: { version }, chartMirror: `http://${host}/charts` },
		});
	const downloads = join(directory, "downloads");
	// The mirror offers only the newest version.
	await cp(join(source.packages, "traefik-41.3.0.tgz"), join(downloads, "traefik-41.3.0.tgz"));
	const empty = await review(mirrored("41.3.0"), mirrored("41.4.0"), { ...source, packages: downloads });
	expect(aboutCharts(empty)).toHaveLength(1);
	const full = await review(mirrored("41.3.0"), mirrored("41.4.0"), { ...source, packages: downloads, download: true });
	expect([inTraefik(full), aboutCharts(full)]).toEqual([[["traefik", 4]], []]);
});

test("a review without Helm says so, and is a review all the same", async () => {
	const reviewed = await review(old, bumped, { ...source, helm: "/nonexistent/helm" });
	expect(reviewed.verdict).toBe("disruptive");
	expect(aboutCharts(reviewed)).toEqual([
		"The objects of the release traefik were not compared, only its version and values: Helm cannot render " +
			`${join(source.packages, "traefik-41.3.0.tgz")}: /nonexistent/helm cannot be started (ENOENT): install Helm 3, or name it with --helm.`,
	]);
});
