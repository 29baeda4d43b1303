/** Certificates of authorities: whether they are in force, and whether they can vouch for another one. */
import type { X509Certificate } from "node:crypto";
import { certificateStart, certificatesIn } from "../formats/certificates.ts";
import type { Problem } from "../read/problems.ts";
import { textsOf } from "../read/walk.ts";
import type { StackConfig } from "../schema/stack.ts";

/** Days before its end from which on an authority is mentioned. */
const noticeDays = 30;
const day = 24 * 60 * 60 * 1000;

interface Authority {
	key: string;
	certificates: X509Certificate[];
}

/** @param now milliseconds since 1970 */
export function checkAuthorities(stack: StackConfig, now = Date.now()): Problem[] {
	return authorities(stack)
		.filter(({ certificates }) => certificates.every((certificate) => outOfForce(certificate, now)))
		.map(({ key, certificates }) => ({
			key,
			message: `${certificates.map((certificate) => outOfForce(certificate, now)).join(", and ")}; no server could be verified with it.`,
		}));
}

/**
 * One of several may have ended: they are listed side by side while one takes the place of another.
 *
 * @param now milliseconds since 1970
 */
export function authorityWarnings(stack: StackConfig, now = Date.now()): Problem[] {
	return authorities(stack).flatMap(({ key, certificates }) =>
		certificates
			.map((certificate) => outOfForce(certificate, now) ?? endsSoon(certificate, now) ?? noAuthority(certificate))
			.filter((message) => message !== undefined)
			.map((message) => ({ key, message: `${message}.` })),
	);
}

function authorities(stack: StackConfig): Authority[] {
	return textsOf(stack)
		.filter(({ text }) => text.startsWith(certificateStart))
		.map(({ key, text }) => ({ key, certificates: certificatesIn(text) ?? [] }));
}

function outOfForce(certificate: X509Certificate, now: number): string | undefined {
	if (certificate.validToDate.getTime() < now) {
		return `the certificate of ${subject(certificate)} ended on ${date(certificate.validToDate)}`;
	}
	return certificate.validFromDate.getTime() > now
		? `the certificate of ${subject(certificate)} begins on ${date(certificate.validFromDate)}`
		: undefined;
}

function endsSoon(certificate: X509Certificate, now: number): string | undefined {
	return certificate.validToDate.getTime() < now + noticeDays * day
		? `the certificate of ${subject(certificate)} ends on ${date(certificate.validToDate)}; add its successor before that day`
		: undefined;
}

/** Go, which RKE2 and containerd are written in, takes such a certificate for the very server that shows it. */
function noAuthority(certificate: X509Certificate): string | undefined {
	return certificate.ca
		? undefined
		: `the certificate of ${subject(certificate)} is not that of an authority: it vouches for the server that shows this very certificate, until that server gets another one, and for no other`;
}

function subject({ subject: name }: X509Certificate): string {
	return name.split("\n").join(", ");
}

function date(time: Date): string {
	return time.toISOString().slice(0, 10);
}
