/** Certificates in PEM form. */
import { X509Certificate } from "node:crypto";

export const certificateStart = "-----BEGIN CERTIFICATE-----";
const certificateEnd = "-----END CERTIFICATE-----";

/** @returns the certificates of a text in PEM form, in their order, or nothing when one of its blocks is invalid */
export function certificatesIn(text: string): X509Certificate[] | undefined {
	const blocks = text.split(certificateStart).slice(1);
	try {
		return blocks.map((block) => new X509Certificate(`${certificateStart}${upToEnd(block)}${certificateEnd}\n`));
	} catch {
		return undefined;
	}
}

function upToEnd(block: string): string {
	return block.slice(0, Math.max(block.indexOf(certificateEnd), 0));
}
