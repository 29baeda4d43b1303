/** The few values that a rehearsal must add to an unmodified stack file; they are printed before anything runs. */
import { randomBytes, randomUUID } from "node:crypto";
import { stringify } from "yaml";
import type { Secrets } from "../../src/config/schema/stack.ts";

export interface Overlay {
	/** Merge patch (RFC 7396) over the plain keys. */
	values: Record<string, unknown>;
	secrets: Secrets;
}

interface OverlayFacts {
	/** Base URL of the mirror for artifacts and charts, reachable from the machines. */
	mirror: string;
	/** Digest of the RKE2 double's tarball. */
	artifactSha256: string;
	/** Digest under which the Proxmox double knows the image. */
	imageSha256: string;
	/** `user@realm!name` of the token that the Proxmox double knows. */
	tokenId: string;
	/** Public key that `npm run rehearse -- ssh` logs in with. */
	authorizedKey: string;
	/** Takes the place of an authority of the stack's own, whose key nobody gives away; absent where it has none. */
	ownAuthority?: { certificate: string; privateKey: string } | undefined;
}

export function createOverlay(facts: OverlayFacts): Overlay {
	return {
		values: {
			cluster: { artifacts: { url: `${facts.mirror}/artifacts`, sha256: facts.artifactSha256 } },
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
			cloudflareApiToken: randomBytes(20).toString("hex"),
			...(facts.ownAuthority && { ownAuthorityKey: facts.ownAuthority.privateKey }),
			etcdS3AccessKey: randomBytes(10).toString("hex"),
			etcdS3SecretKey: randomBytes(20).toString("hex"),
		},
	};
}

/** For a person: the plain values as YAML, the secrets by name only. */
export function describeOverlay({ values, secrets }: Overlay): string {
	return stringify({
		...values,
		...Object.fromEntries(Object.keys(secrets).map((key) => [key, "(made for this run)"])),
	});
}
