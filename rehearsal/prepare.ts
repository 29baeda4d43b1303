/** Starts the datacenter of a stack file: releases and charts for its mirror, its network, its processes. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apply as mergePatch } from "tiny-merge-patch";
import { contains, prefixLength } from "../src/config/formats/addresses.ts";
import type { Secrets, StackConfig } from "../src/config/schema/stack.ts";
import { tokenId } from "../src/proxmox/privileges.ts";
import { DatacenterProcess } from "./datacenter/datacenter-process.ts";
import { describeDatacenter, imageSha256 } from "./datacenter/description.ts";
import { destroyRun } from "./datacenter/destroy-run.ts";
import { countLeftovers } from "./datacenter/leftovers.ts";
import { describeNetworkServices } from "./datacenter/network-services.ts";
import { chartDoubles, packageCharts } from "./doubles/network/chart-repository.ts";
import { createNetwork } from "./doubles/network/network.ts";
import type { SnapshotStoreAccess, SnapshotStoreDescription } from "./doubles/network/snapshot-store.ts";
import { createServerCertificate } from "./doubles/proxmox/certificate.ts";
import { createAuthority, issueKeyPair, type KeyPair } from "./doubles/rke2/program/pki/x509.ts";
import { OfferedReleases } from "./doubles/rke2/release/offered-releases.ts";
import { project } from "./project.ts";
import type { Run } from "./run/run.ts";
import { Session, type SessionListeners } from "./session/session.ts";
import { execute } from "./setup/command.ts";
import type { ReportProgress } from "./setup/progress.ts";
import type { Toolbox } from "./setup/toolbox.ts";
import { createOverlay, type Overlay } from "./stack/overlay.ts";
import { resolveStack, stackValues, withDirectSsh } from "./stack/stack.ts";

const mirrorPort = 8880;

interface PrepareOptions extends SessionListeners {
	/** Name of the stack. Its file is `Pulumi.<stack>.yaml`. */
	stack: string;
	/** Path of another stack file in the repository. */
	file?: string | undefined;
	/** Merge patch (RFC 7396) over the stack file. */
	change?: Record<string, unknown>;
	/** Prints progress lines. */
	say: ReportProgress;
}

/** The parts of a started rehearsal. */
export interface Parts {
	run: Run;
	toolbox: Toolbox;
	stackName: string;
	stack: StackConfig;
	/** Values of the stack file without the overlay, and without its other ways to the nodes. */
	values: StackFileValues;
	overlay: Overlay;
	/** The mirror's releases of RKE2. */
	releases: OfferedReleases;
	datacenter: DatacenterProcess;
	session: Session;
	environment: Record<string, string>;
	identity: string;
}

/** Starts the datacenter of a run, and the session process in its network. */
export async function prepare(options: PrepareOptions, run: Run, toolbox: Toolbox): Promise<Parts> {
	// Not in the overlay, which is above the changes: a test may bring NAT or a bastion of its own.
	const file = withDirectSsh(stackValues(project, options.stack, options.file));
	const values = mergePatch(file, options.change ?? {}) as StackFileValues;
	const charts = join(run.directory, "charts");
	const identity = join(run.directory, "id_ed25519");
	await destroyStale(run);
	await mkdir(run.directory, { recursive: true, mode: 0o700 });
	const releases = new OfferedReleases(join(run.directory, "artifacts"));
	const artifactSha256 = await releases.offer(values.cluster.version, options.say);
	await packageCharts(chartDoubles, charts);
	const storeAuthority = await createAuthority("Authority of the snapshot store");
	const s3 = values.cluster.etcdSnapshots?.s3;
	const overlay = createOverlay({
		mirror: `http://${values.network.gateway}:${mirrorPort}`,
		artifactSha256,
		imageSha256: imageSha256(values.proxmox.image.url),
		tokenId: tokenId(values.cluster.name),
		authorizedKey: await createIdentity(identity),
		ownAuthority: values.platform.certManager?.ownAuthority
			? await createAuthority("Authority of the rehearsal")
			: undefined,
		snapshotStoreAuthority: s3 && s3.insecure !== true ? storeAuthority.certificate : undefined,
	});
	const stack = resolveStack(values, overlay.values);
	const endpoint = new URL(stack.proxmox.endpoint);
	const certificate = await createServerCertificate(endpoint.hostname);
	const trust = join(run.directory, "proxmox-ca.pem");
	await writeFile(trust, certificate.caPem);
	const services = describeNetworkServices(stack);
	// In a small lab Proxmox is in the segment of the nodes.
	const isNeighbour = contains(stack.network.cidr, endpoint.hostname);
	const reached = [
		...services.names.addresses,
		...(services.loadBalancer ? [services.loadBalancer.address] : []),
		...(services.snapshotStore ? [services.snapshotStore.address] : []),
		...(isNeighbour ? [endpoint.hostname] : []),
	];
	const network = await createNetwork(
		run,
		[
			{ ...segment(stack), cidr: `${stack.network.gateway}/${prefixLength(stack.network.cidr)}` },
			...(isNeighbour ? [] : [{ bridge: "management", cidr: `${endpoint.hostname}/24` }]),
			// All in the bridge of the nodes: a node reaches them directly or through its gateway.
			...[...new Set(reached.filter((address) => address !== stack.network.gateway))].map((address) => ({
				...segment(stack),
				cidr: `${address}/32`,
			})),
		],
		services.names.addresses,
	);
	const datacenter = await DatacenterProcess.start({
		run,
		toolbox,
		datacenter: describeDatacenter(stack, overlay.secrets.proxmoxApiToken),
		services,
		proxmox: { address: endpoint.hostname, port: Number(endpoint.port || 443), certificate },
		mirror: { address: stack.network.gateway, port: mirrorPort, artifacts: releases.directory, charts },
		snapshotStore: await snapshotStoreAccess(services.snapshotStore, storeAuthority, overlay.secrets),
	});
	// Go programs (the plugins) and Node programs read the trusted authority from different variables.
	const environment = {
		SSL_CERT_FILE: trust,
		NODE_EXTRA_CA_CERTS: trust,
		PATH: `${toolbox.binaries}:${process.env.PATH}`,
	};
	const session = new Session(network, environment, options);
	const described = { stackName: options.stack, stack, values, overlay, releases };
	return { run, toolbox, ...described, datacenter, session, environment, identity };
}

async function snapshotStoreAccess(
	store: SnapshotStoreDescription | undefined,
	authority: KeyPair,
	{ etcdS3AccessKey = "", etcdS3SecretKey = "" }: Secrets,
): Promise<SnapshotStoreAccess> {
	const access = { accessKey: etcdS3AccessKey, secretKey: etcdS3SecretKey };
	if (!store?.encrypted) {
		return access;
	}
	const sans = store.names.length > 0 ? store.names : [store.address];
	const { certificate, privateKey } = await issueKeyPair(authority, { commonName: store.host, sans, usage: "server" });
	return { ...access, certificate: { key: privateKey, cert: certificate } };
}

/** Values that are needed before the whole stack can be checked. */
type StackFileValues = Record<string, unknown> & {
	cluster: { name: string; version: string; etcdSnapshots?: { s3?: { insecure?: boolean } | null } };
	network: { gateway: string };
	proxmox: { image: { url: string } };
	platform: { certManager?: { ownAuthority?: string } };
};

function segment({ network: { bridge, vlan } }: StackConfig): { bridge: string; tag?: number } {
	return vlan === undefined ? { bridge } : { bridge, tag: vlan };
}

/** Removes the rest of a crashed rehearsal. A running one is not touched. */
async function destroyStale(run: Run): Promise<void> {
	const { processes } = countLeftovers(run);
	if (processes > 0) {
		throw new Error(`The rehearsal "${run.name}" is already running. \`npm run rehearse -- down\` removes it.`);
	}
	await destroyRun(run);
}

async function createIdentity(path: string): Promise<string> {
	await execute(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rehearsal", "-f", path]);
	return (await execute(["ssh-keygen", "-y", "-f", path])).trim();
}
