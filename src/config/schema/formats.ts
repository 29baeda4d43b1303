/** Forms of values of a stack file. */
import { z } from "zod";
import { isAddress, isCidr } from "../formats/addresses.ts";
import { certificatesIn } from "../formats/certificates.ts";
import { endsInNumber, fitsInDns, hasValidPort, hostOf } from "../formats/hosts.ts";

const nameTooLong = "must have a host name of at most 253 characters, with at most 63 between two dots";
const noPort = "must have a port of 1 to 65535";

export const address = z.string().refine(isAddress, { error: "must be an IPv4 address such as 10.25.20.4" });
export const cidr = z.string().refine(isCidr, {
	error: "must be an IPv4 network in CIDR form with no host bits set, such as 10.25.20.0/24",
});
/** A network, or one address, which becomes a /32. */
export const peer = z
	.string()
	.refine((text) => isCidr(text) || isAddress(text), {
		error:
			"must be an IPv4 address such as 10.25.20.4, or a network in CIDR form with no host bits set, such as 10.25.20.0/24",
	})
	.refine((text) => !(isAddress(text) && text.endsWith(".0")), {
		error: "must have a prefix length such as /24 for a network, or a last number other than 0 for a machine",
	})
	.transform((text) => (isAddress(text) ? `${text}/32` : text));
export const dnsLabel = z
	.string()
	.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: "must be a lower-case DNS label such as proj-k8sw01" });
export const dnsName = z
	.string()
	.regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, { error: "must be a DNS name such as lab.internal" })
	.refine((text) => text.length <= 253, { error: nameTooLong });
export const sha256 = z
	.string()
	.regex(/^[0-9a-f]{64}$/, { error: "must be a SHA-256 digest: 64 lower-case hexadecimal digits" });
/** A URL without credentials: it also appears in previews, logs and the list of processes of a machine. */
const urlOf = (protocol: RegExp, error: string) =>
	z
		.url({ protocol, error })
		.refine(hasNoCredentials, {
			error: "must be a URL without a user name or a password: everyone who reads the stack file would have them",
		})
		.refine((text) => !URL.canParse(text) || fitsInDns(new URL(text).hostname), { error: nameTooLong });
export const url = urlOf(/^https?$/, "must be an http or https URL");
/** @param error message for any other value */
export const httpsUrl = (error: string) => urlOf(/^https$/, error);
const number = "(0|[1-9]\\d{0,8})";
const identifier = "(0|[1-9]\\d{0,8}|\\d*[A-Za-z-][0-9A-Za-z-]*)";
/** Numbers without leading zeros, as the arithmetic on releases reads them: https://semver.org/#spec-item-2 */
export const rke2Version = z.string().regex(new RegExp(`^v${number}\\.${number}\\.${number}\\+rke2r${number}$`), {
	error: "must be one full RKE2 version such as v1.35.7+rke2r1, without leading zeros, not a channel or a minor",
});
/** Numbers without leading zeros, as Helm and the policy helm-exact-version read them. */
export const chartVersion = z
	.string()
	.regex(new RegExp(`^v?${number}\\.${number}\\.${number}(-${identifier}(\\.${identifier})*)?$`), {
		error: "must be one exact chart version such as 41.3.0: no range, and no leading zeros",
	});
/** The tag is for people, the digest is for machines. `latest` changes. */
export const pinnedImage = z
	.string()
	.regex(/^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)+:(?!latest@)\w[\w.-]{0,127}@sha256:[0-9a-f]{64}$/, {
		error: "must be an image with registry, tag (other than latest) and digest: registry.example/app:1.0.0@sha256:...",
		abort: true,
	})
	.refine((image) => fitsInDns(hostOf(image)), { error: nameTooLong })
	.refine(hasValidPort, { error: noPort });
export const inventoryId = z
	.string()
	.regex(/^[A-Z]+(-[A-Z]+)*-\d+$/, { error: "must be an inventory id such as VM-0004" });
export const quantity = (unit: string) => z.int().positive().describe(`Whole ${unit}.`);
export const pemCertificates = z
	.string()
	.regex(/^(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n*)+$/, {
		error: "must be one or more certificates in PEM form",
		abort: true,
	})
	.refine((text) => certificatesIn(text) !== undefined, {
		error: "must be one or more certificates in PEM form; one of the blocks is not a certificate",
	});
export const hostAndPort = z
	.string()
	.regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/, {
		error: "must be a name or an IPv4 address with an optional port such as s3.internal:9000, without a scheme",
		abort: true,
	})
	.refine((text) => isAddress(hostOf(text)) || !endsInNumber(hostOf(text)), {
		error: "must have an IPv4 address such as 10.25.20.4, or a name whose last part is no number",
		abort: true,
	})
	.refine((text) => fitsInDns(hostOf(text)), { error: nameTooLong })
	.refine(hasValidPort, { error: noPort });

/** True for a text that is not a URL, which is another mistake. */
function hasNoCredentials(text: string): boolean {
	if (!URL.canParse(text)) {
		return true;
	}
	const { username, password } = new URL(text);
	return username === "" && password === "";
}
