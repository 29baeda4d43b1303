/**
 * Changes that RKE2 and Kubernetes do not support on a running cluster, found by comparing a node's present version and files
 * with the wanted ones. scripts/unsupported.sh checks the node itself.
 */
import { parse } from "yaml";
import { isAddress } from "../config/formats/addresses.ts";
import { etcdOf, firstWithEtcd36, lastWithEtcd35, safeEtcd35 } from "../facts/etcd-releases.ts";
import type { NodeFile } from "./bundle.ts";
import { paths } from "./paths.ts";
import { parseVersion } from "./version.ts";

export interface NodeState {
	/** RKE2 release, e.g. `v1.35.7+rke2r1`. */
	version: string;
	/** As files.ts renders them. */
	files: readonly NodeFile[];
}

/** Values by the keys of the stack file; undefined where the node's files do not have them. */
type Settings = Record<string, string | undefined>;

/**
 * @param restoring whether the stack file asks for a restore of etcd: the one way back to an older minor
 * @returns a sentence for each key of the stack file whose change is not supported
 */
export function unsupportedChanges(runs: NodeState, wanted: NodeState, restoring: boolean): string[] {
	const [before, after] = [configIn(runs.files), configIn(wanted.files)];
	const ofCluster = changes(clusterSettings(before, runs.files), clusterSettings(after, wanted.files));
	const ofNode = changes(nodeSettings(before), nodeSettings(after));
	return [
		...releaseJump(runs.version, wanted.version, restoring),
		...ofCluster.map(
			({ key, value, wanted }) =>
				`${key} is ${value} on this cluster and cannot become ${wanted} while it runs; set the old value again, or build a new cluster`,
		),
		...ofNode.map(
			({ key, value, wanted }) =>
				`${key} is ${value} on this member and cannot become ${wanted}; set the old value again, or replace the node by one of another name`,
		),
	];
}

/** Whether the release cannot run with the data of the one that runs: it has an older minor, or etcd 3.5 after 3.6. */
export function goesBack(runs: string, wanted: string): boolean {
	const [from, to] = [parseVersion(runs), parseVersion(wanted)];
	return to.minor < from.minor || (etcdOf(from) === "3.6" && etcdOf(to) !== "3.6");
}

/**
 * https://kubernetes.io/releases/version-skew-policy/. A lower patch is allowed: it reverts an upgrade that failed. An older minor
 * needs a snapshot of that minor: https://docs.rke2.io/upgrades/roll-back
 */
function releaseJump(runs: string, wanted: string, restoring: boolean): string[] {
	const [from, to] = [parseVersion(runs), parseVersion(wanted)];
	if (to.minor < from.minor - 1) {
		return [
			`cluster.version ${wanted} is ${from.minor - to.minor} minors older than the ${runs} that runs here, and a rollback goes to the minor before only`,
		];
	}
	if (goesBack(runs, wanted)) {
		return restoring ? [] : [withoutSnapshot(runs, wanted)];
	}
	if (to.minor > from.minor + 1) {
		return [
			`cluster.version ${wanted} skips a minor after the ${runs} that runs here; upgrade to 1.${from.minor + 1} first`,
		];
	}
	if (etcdOf(from) === "3.5" && etcdOf(to) === "3.6") {
		return [
			`cluster.version ${wanted} brings etcd 3.6. An upgrade to it is safe from etcd ${safeEtcd35} on, and the ${runs} that runs here has an older one; upgrade to ${lastWithEtcd35} first`,
		];
	}
	return [];
}

function withoutSnapshot(runs: string, wanted: string): string {
	const { minor } = parseVersion(wanted);
	return minor < parseVersion(runs).minor
		? `cluster.version ${wanted} is an older minor than the ${runs} that runs here, and etcd cannot go back; name a snapshot of 1.${minor} in cluster.restore too`
		: `cluster.version ${wanted} brings etcd 3.5, which cannot read the data of etcd 3.6 of the ${runs} that runs here; stay at ${firstWithEtcd36} or later, or name a snapshot of ${wanted} in cluster.restore too`;
}

function changes(before: Settings, after: Settings): { key: string; value: string; wanted: string }[] {
	return Object.entries(before).flatMap(([key, value]) => {
		const wanted = after[key];
		return value === undefined || wanted === undefined || value === wanted ? [] : [{ key, value, wanted }];
	});
}

/** Settings that all members share, or that running pods were created with. */
function clusterSettings(config: Settings, files: readonly NodeFile[]): Settings {
	const host = config.server === undefined ? "" : new URL(config.server).hostname;
	const canal = parse(parse(contentOf(`${paths.manifests}/rke2-canal-config.yaml`, files))?.spec.valuesContent ?? "");
	return {
		"cluster.api.mode": roleIn(config) === "control-plane" ? apiMode(host, files) : undefined,
		"cluster.api.virtualRouterId": /virtual_router_id (\d+)/.exec(contentOf(paths.keepalived, files))?.[1],
		[isAddress(host) ? "cluster.api.address" : "cluster.api.hostname"]: host,
		"cluster.podCidr": config["cluster-cidr"],
		"cluster.serviceCidr": config["service-cidr"],
		"cluster.canal.backend": canal?.flannel.backend,
		"cluster.canal.mtu": canal?.calico.vethuMTU.toString(),
	};
}

function apiMode(host: string, files: readonly NodeFile[]): string {
	if (contentOf(`${paths.manifests}/kube-vip.yaml`, files)) {
		return "kube-vip";
	}
	if (contentOf(paths.keepalived, files)) {
		return "keepalived";
	}
	return isAddress(host) ? "external" : "dns";
}

/** Settings that a member has registered with. */
function nodeSettings(config: Settings): Settings {
	const node = `nodes.${config["node-name"]}`;
	return { [`${node}.role`]: roleIn(config), [`${node}.address`]: config["node-ip"] };
}

/** Only the config.yaml of a server has the networks. */
function roleIn(config: Settings): string {
	return config["cluster-cidr"] === undefined ? "worker" : "control-plane";
}

/** config.yaml as RKE2 reads it; the values of the compared keys are text. */
function configIn(files: readonly NodeFile[]): Settings {
	return parse(contentOf(paths.config, files), { version: "1.1" }) ?? {};
}

function contentOf(path: string, files: readonly NodeFile[]): string {
	return files.find((file) => file.path === path)?.content ?? "";
}
