/** Certificates of authorities: whether they are valid now, and whether they can sign other certificates. */
import type { X509Certificate } from "node:crypto";
import { certificateStart, certificatesIn } from "../formats/certificates.ts";
import type { Problem } from "../read/problems.ts";
import { textsOf } from "../read/walk.ts";
import type { StackConfig } from "../schema/stack.ts";

/** An authority that expires within so many days gets a warning. */
const noticeDays = 30;
const day = 24 * 60 * 60 * 1000;

interface Authority {
	key: string;
	certificates: X509Certificate[];
}

/** @param now milliseconds since 1970 */
export function checkAuthorities(stack: StackConfig, now = Date.now()): Problem[] {
	return authorities(stack)
		.filter(({ certificates }) => certificates.every((certificate) => invalidity(certificate, now)))
		.map(({ key, certificates }) => ({
			key,
			message: `${certificates.map((certificate) => invalidity(certificate, now)).join(", and ")}; no server can be verified with it.`,
		}));
}

/**
 * One of several may have expired: a successor is listed beside the authority that it replaces.
 *
 * @param now milliseconds since 1970
 */
export function authorityWarnings(stack: StackConfig, now = Date.now()): Problem[] {
	return authorities(stack).flatMap(({ key, certificates }) =>
		certificates
			.map(
				(certificate) => invalidity(certificate, now) ?? earlyExpiry(certificate, now) ?? missingAuthority(certificate),
			)
			.filter((message) => message !== undefined)
			.map((message) => ({ key, message: `${message}.` })),
	);
}

function authorities(stack: StackConfig): Authority[] {
	return textsOf(stack)
		.filter(({ text }) => text.startsWith(certificateStart))
		.map(({ key, text }) => ({ key, certificates: certificatesIn(text) ?? [] }));
}

function invalidity(certificate: X509Certificate, now: number): string | undefined {
	if (certificate.validToDate.getTime() < now) {
		return `the certificate of ${subject(certificate)} expired on ${date(certificate.validToDate)}`;
	}
	return certificate.validFromDate.getTime() > now
		? `the certificate of ${subject(certificate)} is valid from ${date(certificate.validFromDate)}`
		: undefined;
}

function earlyExpiry(certificate: X509Certificate, now: number): string | undefined {
	return certificate.validToDate.getTime() < now + noticeDays * day
		? `the certificate of ${subject(certificate)} expires on ${date(certificate.validToDate)}; add its successor before that day`
		: undefined;
}

/** RKE2 and containerd accept such a certificate for the server that has it, because Go does. */
function missingAuthority(certificate: X509Certificate): string | undefined {
	return certificate.ca
		? undefined
		: `the certificate of ${subject(certificate)} is not that of an authority: it verifies only the server that has this very certificate, until that server gets another one`;
}

function subject({ subject: name }: X509Certificate): string {
	return name.split("\n").join(", ");
}

function date(time: Date): string {
	return time.toISOString().slice(0, 10);
}
