/** Releases of the programs for the machines: versions, Go modules to build from, and published binaries. */

/** One program of a release. */
interface Binary {
	name: string;
	/** Go package of its main function. */
	package: string;
}

/** A published file, and the file next to it that states its digest. */
export interface Download {
	url: string;
	digestUrl: string;
	/** Members of a .tar.gz. Absent when the file itself is the binary. */
	members?: string[];
}

/** Go code of this repository. The temporary module has a copy in its folder `source`. */
export interface Source {
	/** Below `rehearsal`. */
	folder: string;
	/** Files of required modules that the code embeds: paths by module. Each file is copied beside main.go. */
	embedded: Record<string, string[]>;
}

export interface Release {
	name: string;
	/** Without a leading `v`. */
	version: string;
	binaries: Binary[];
	/** Go version of the temporary module: that of the release's own module. */
	goVersion: string;
	/** Modules to build from, path to version. */
	modules: Record<string, string>;
	/** Replaced modules: path to `<path> <version>`, or to a folder that begins with `./source/`. */
	replaced?: Record<string, string>;
	/** Build tags of Go. */
	tags?: string[];
	source?: Source;
	/** String variables that the linker sets, full path to value. */
	variables: Record<string, string>;
	/** Absent when no digest is published next to the file. Then the release is always built. */
	downloads?: (architecture: Architecture) => Download[];
}

/** Architecture with Go's name. */
export type Architecture = "amd64" | "arm64";

/** The newest patch of 1.35 that is published as a module: the lab's own, 1.35.7, is not. */
const kubernetesVersion = "1.35.4";
const etcdVersion = "3.6.16";
const kwokVersion = "0.8.0";
/** The version that etcd's own robustness tests use (tests/go.mod). */
const porcupineVersion = "1.3.0";
const versitygwVersion = "1.8.0";
/** Those that k3s requires (go.mod). */
const snapshotModules = { "github.com/minio/minio-go/v7": "v7.1.0", "github.com/robfig/cron/v3": "v3.0.1" };
/** The newest that is published with the client libraries of Kubernetes 1.35: see `kubernetesModules`. */
const helmVersion = "3.20.2";
/** Tag v4.25.0 of its repository: no newer commit is published as a module. */
const kubernetesPluginVersion = "4.25.0";
const kubernetesPluginModule = "github.com/pulumi/pulumi-kubernetes/provider/v4";

/** In Kubernetes' own repository these are folders; its go.mod requires them in a version that does not exist. */
const stagingModules = [
	"api",
	"apiextensions-apiserver",
	"apimachinery",
	"apiserver",
	"cli-runtime",
	"client-go",
	"cloud-provider",
	"cluster-bootstrap",
	"code-generator",
	"component-base",
	"component-helpers",
	"controller-manager",
	"cri-api",
	"cri-client",
	"csi-translation-lib",
	"dynamic-resource-allocation",
	"endpointslice",
	"externaljwt",
	"kms",
	"kube-aggregator",
	"kube-controller-manager",
	"kube-proxy",
	"kube-scheduler",
	"kubectl",
	"kubelet",
	"metrics",
	"mount-utils",
	"pod-security-admission",
	"sample-apiserver",
	"sample-cli-plugin",
	"sample-controller",
];

/**
 * Go compiles a package once for all programs that use the same versions of it and its imports. Three releases use
 * Kubernetes' libraries, and are therefore built with one set of versions: Helm and the plugin then cost a tenth. Each
 * release lists all modules, because a version that one module requires may raise the version of another.
 */
const kubernetesModules = {
	goVersion: "1.25.0",
	modules: {
		"k8s.io/kubernetes": `v${kubernetesVersion}`,
		...Object.fromEntries(
			stagingModules.map((module) => [`k8s.io/${module}`, `v${kubernetesVersion.replace(/^1\./, "0.")}`]),
		),
		"helm.sh/helm/v3": `v${helmVersion}`,
		[kubernetesPluginModule]: "v4.0.0-20260115033456-f47bc2d6f199",
	},
};

const kubernetes: Release = {
	name: "kubernetes",
	version: kubernetesVersion,
	...kubernetesModules,
	binaries: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"].map((name) => ({
		name,
		package: `k8s.io/kubernetes/cmd/${name}`,
	})),
	variables: Object.fromEntries(
		["k8s.io/client-go/pkg/version", "k8s.io/component-base/version"].flatMap((module) => [
			// RKE2's API server states the release of RKE2 as its own version.
			[`${module}.gitVersion`, `v${kubernetesVersion}+rke2r1`],
			[`${module}.gitMajor`, "1"],
			[`${module}.gitMinor`, kubernetesVersion.split(".")[1] ?? ""],
		]),
	),
	downloads: (architecture) =>
		["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"].map((name) => {
			const url = `https://dl.k8s.io/release/v${kubernetesVersion}/bin/linux/${architecture}/${name}`;
			return { url, digestUrl: `${url}.sha256` };
		}),
};

const etcd: Release = {
	name: "etcd",
	version: etcdVersion,
	goVersion: "1.26.0",
	binaries: [
		{ name: "etcd", package: "go.etcd.io/etcd/server/v3" },
		{ name: "etcdctl", package: "go.etcd.io/etcd/etcdctl/v3" },
		{ name: "etcdutl", package: "go.etcd.io/etcd/etcdutl/v3" },
	],
	modules: {
		"go.etcd.io/etcd/server/v3": `v${etcdVersion}`,
		"go.etcd.io/etcd/etcdctl/v3": `v${etcdVersion}`,
		"go.etcd.io/etcd/etcdutl/v3": `v${etcdVersion}`,
	},
	variables: {},
	downloads: (architecture) => {
		const folder = `https://github.com/etcd-io/etcd/releases/download/v${etcdVersion}`;
		const archive = `etcd-v${etcdVersion}-linux-${architecture}`;
		return [
			{
				url: `${folder}/${archive}.tar.gz`,
				digestUrl: `${folder}/SHA256SUMS`,
				members: ["etcd", "etcdctl", "etcdutl"].map((name) => `${archive}/${name}`),
			},
		];
	},
};

const kwok: Release = {
	name: "kwok",
	version: kwokVersion,
	goVersion: "1.26.0",
	binaries: [{ name: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok" }],
	modules: { "sigs.k8s.io/kwok": `v${kwokVersion}` },
	variables: {},
};

const helm: Release = {
	name: "helm",
	version: helmVersion,
	...kubernetesModules,
	binaries: [{ name: "helm", package: "helm.sh/helm/v3/cmd/helm" }],
	variables: {
		"helm.sh/helm/v3/internal/version.version": `v${helmVersion}`,
		// Helm's own build takes both from its version of client-go. Without them Helm assumes Kubernetes 1.20 and refuses
		// charts offline.
		"helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
		"helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": "35",
	},
	downloads: (architecture) => {
		const archive = `https://get.helm.sh/helm-v${helmVersion}-linux-${architecture}.tar.gz`;
		return [{ url: archive, digestUrl: `${archive}.sha256sum`, members: [`linux-${architecture}/helm`] }];
	},
};

/** Pulumi's plugin of that name: see `doubles/pulumi/kubernetes`. */
export const kubernetesPlugin: Release = {
	name: "pulumi-resource-kubernetes",
	version: kubernetesPluginVersion,
	...kubernetesModules,
	binaries: [{ name: "pulumi-resource-kubernetes", package: "./source" }],
	replaced: { "github.com/pulumi/pulumi-kubernetes/sdk/v4": "./source/sdk" },
	source: {
		folder: "doubles/pulumi/kubernetes",
		embedded: {
			[kubernetesPluginModule]: [
				"cmd/pulumi-resource-kubernetes/schema.json",
				"cmd/pulumi-resource-kubernetes/terraform-mapping.json",
			],
		},
	},
	variables: { [`${kubernetesPluginModule}/pkg/version.Version`]: kubernetesPluginVersion },
};

/** The client of the API and its checker: see `history`. */
const clientHistory: Release = {
	name: "client-history",
	version: porcupineVersion,
	goVersion: "1.26.0",
	binaries: [{ name: "client-history", package: "./source" }],
	modules: { "github.com/anishathalye/porcupine": `v${porcupineVersion}` },
	source: { folder: "history/client", embedded: {} },
	variables: {},
};

/** An S3 store for snapshots of etcd: see `doubles/network/snapshot-store.ts`. */
const snapshotStore: Release = {
	name: "versitygw",
	version: versitygwVersion,
	goVersion: "1.25.0",
	binaries: [{ name: "versitygw", package: "github.com/versity/versitygw/cmd/versitygw" }],
	modules: { "github.com/versity/versitygw": `v${versitygwVersion}` },
	variables: {},
};

/** What the double of RKE2 does with RKE2's own libraries: see `doubles/rke2/snapshot-tools`. */
const snapshotTools: Release = {
	name: "snapshot-tools",
	version: snapshotModules["github.com/minio/minio-go/v7"].slice(1),
	goVersion: "1.25.0",
	binaries: [{ name: "snapshot-tools", package: "./source" }],
	modules: snapshotModules,
	source: { folder: "doubles/rke2/snapshot-tools", embedded: {} },
	variables: {},
};

export const releases: Release[] = [kubernetes, etcd, kwok, helm, clientHistory, snapshotStore, snapshotTools];
