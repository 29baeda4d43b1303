/** The values that a rehearsal adds to an unmodified stack file. They are printed before anything runs. */
import { randomBytes, randomUUID } from "node:crypto";
import { apply as mergePatch } from "tiny-merge-patch";
import { stringify } from "yaml";
import type { Secrets } from "../../src/config/schema/stack.ts";
import { newEd25519KeyPair } from "../doubles/pulumi/tls/ed25519.ts";

export interface Overlay {
	/** Merge patch (RFC 7396) for the keys that are no secrets. */
	values: Record<string, unknown>;
	secrets: Secrets;
}

interface OverlayFacts {
	/** Base URL of the mirror for artifacts and charts. The machines reach it. */
	mirror: string;
	/** Digest of the RKE2 double's tarball. */
	artifactSha256: string;
	/** Digest of the image in the Proxmox double. */
	imageSha256: string;
	/** `user@realm!name` of the token in the Proxmox double. */
	tokenId: string;
	/** Public key of the login of `npm run rehearse -- ssh`. */
	authorizedKey: string;
	/** Replaces the stack's own authority, whose key is not available. Absent when the stack has none. */
	ownAuthority?: { certificate: string; privateKey: string } | undefined;
	/** Certificate of the authority of the S3 store. Absent when the stack has no store, or one by plain http. */
	snapshotStoreAuthority?: string | undefined;
}

export function createOverlay(facts: OverlayFacts): Overlay {
	return {
		values: {
			network: { plainHttp: [new URL(facts.mirror).host] },
			cluster: {
				artifacts: { url: `${facts.mirror}/artifacts`, sha256: facts.artifactSha256 },
				// No registry of images answers here, and no image is pulled.
				preflight: { accept: ["registries"] },
				...(facts.snapshotStoreAuthority && { etcdSnapshots: { s3: { endpointCa: facts.snapshotStoreAuthority } } }),
			},
			proxmox: { image: { sha256: facts.imageSha256 } },
			ssh: { authorizedKeys: [facts.authorizedKey] },
			platform: {
				chartMirror: `${facts.mirror}/charts`,
				...(facts.ownAuthority && { certManager: { ownAuthority: facts.ownAuthority.certificate } }),
			},
		},
		secrets: {
			proxmoxApiToken: `${facts.tokenId}=${randomUUID()}`,
			clusterToken: randomBytes(24).toString("hex"),
			bastionKey: newEd25519KeyPair().private,
			cloudflareApiToken: randomBytes(20).toString("hex"),
			...(facts.ownAuthority && { ownAuthorityKey: facts.ownAuthority.privateKey }),
			etcdS3AccessKey: randomBytes(10).toString("hex"),
			etcdS3SecretKey: randomBytes(20).toString("hex"),
		},
	};
}

/**
 * The overlay's values for one call, whose stack file may have another release, or no store any more.
 *
 * @param artifactSha256 digest of that release, if it is not the one of the overlay
 */
export function overlayOf(
	{ values }: Overlay,
	cluster: { etcdSnapshots?: { s3?: unknown } },
	artifactSha256: string | undefined,
): Overlay["values"] {
	const adjusted = {
		...(artifactSha256 && { artifacts: { sha256: artifactSha256 } }),
		...(cluster.etcdSnapshots?.s3 ? {} : { etcdSnapshots: null }),
	};
	return mergePatch(values, { cluster: adjusted }) as Overlay["values"];
}

/** The overlay as YAML, with the names of the secrets only. */
export function describeOverlay({ values, secrets }: Overlay): string {
	return stringify({
		...values,
		...Object.fromEntries(Object.keys(secrets).map((key) => [key, "(made for this run)"])),
	});
}
