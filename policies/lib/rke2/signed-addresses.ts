/** What the check of a restore from the S3 store reads in the place of files (src/rke2/snapshot-addresses.ts). */

/** Two addresses of one store, each signed, and the authority of the store where it is not a public one. */
export interface SignedAddresses {
	/** How long each signature is valid, as the addresses say it; absent where one does not. */
	seconds: readonly (string | null)[];
	/** That of both. */
	origin: string;
	/** In PEM form, or nothing. */
	authority: string;
}

/** @returns nothing for a text that does not begin with two signed addresses of one store */
export function signedAddresses(text: string): SignedAddresses | undefined {
	const [object = "", list = "", ...authority] = text.split("\n");
	const [first, second] = [object, list].map((address) => (URL.canParse(address) ? new URL(address) : undefined));
	const isSigned = (url: URL) => /^[0-9a-f]{64}$/.test(url.searchParams.get("X-Amz-Signature") ?? "");
	if (!first || !second || first.origin !== second.origin || ![first, second].every(isSigned)) {
		return undefined;
	}
	return {
		origin: first.origin,
		seconds: [first, second].map((url) => url.searchParams.get("X-Amz-Expires")),
		authority: authority.join("\n"),
	};
}
