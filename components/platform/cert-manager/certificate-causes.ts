/** Explains a missing certificate from cert-manager's objects, in a sentence with the likely cause. */

export interface Condition {
	type: string;
	status: string;
	reason?: string;
	message?: string;
}

/** The fields of an object of cert-manager that explain a failure. */
export interface CertificateObject {
	metadata: { name: string; uid?: string; ownerReferences?: { uid: string }[] };
	spec?: { dnsName?: string; ca?: object };
	status?: { state?: string; reason?: string; conditions?: Condition[] };
}

/** A Certificate, and the objects that cert-manager created for it and for other Certificates of its namespace. */
export interface Issuance {
	certificate: CertificateObject;
	requests: CertificateObject[];
	orders: CertificateObject[];
	challenges: CertificateObject[];
}

/** Characters of a reason. */
const longestReason = 400;

/** Likely causes by a pattern of the reason, the most specific first. */
const causes: { pattern: RegExp; cause: string }[] = [
	{
		pattern: /keypair for CA issuer/i,
		cause: "Compare platform.certManager.ownAuthority with the secret ownAuthorityKey.",
	},
	{
		// https://developers.cloudflare.com/fundamentals/api/troubleshooting/
		pattern: /\b(6003|6111|9106|9109|10000|1000[01])\b|invalid (access )?token|authentication error/i,
		cause:
			"Cloudflare does not accept the token: set another cloudflareApiToken, with Zone:Read and DNS:Edit on the zone.",
	},
	{
		pattern: /found no zones/i,
		cause:
			"The token sees no such zone at Cloudflare: compare platform.certManager.domain with the zone, and give the token Zone:Read on it.",
	},
	{
		pattern: /invalidcontact|unsupportedcontact|contact/i,
		cause: "The certificate authority refuses the address in platform.certManager.email.",
	},
	{
		pattern: /ratelimited|too many/i,
		cause:
			"A limit of the certificate authority is reached: wait until the time in its answer, or set platform.certManager.issuer to staging until then.",
	},
	{
		pattern: /propagat|NXDOMAIN|SERVFAIL/i,
		cause:
			"The record is not visible at platform.certManager.recursiveNameservers: the zone has to be delegated to the provider in platform.certManager.dns01, and cert-manager has to reach those servers on port 53.",
	},
	{
		pattern: /dial tcp|no such host|i\/o timeout|deadline exceeded|connection refused|proxyconnect|x509/i,
		cause:
			"cert-manager's pods do not reach it: check DNS, gateway, firewall and cluster.proxy. In a closed network set platform.certManager.acmeServer to an authority of your own, or platform.checks.enabled to false.",
	},
];

/** @returns nothing for an issuer that is ready */
export function explainIssuer(issuer: CertificateObject): string | undefined {
	const ready = conditionOf(issuer, "Ready");
	if (ready?.status === "True") {
		return undefined;
	}
	return sentence(
		`The issuer ${issuer.metadata.name} ${issuer.spec?.ca ? "cannot sign" : "has no account at its certificate authority"}`,
		ready?.message,
		"cert-manager has not processed it: `kubectl -n cert-manager get pods` shows whether cert-manager runs.",
	);
}

/** @returns nothing for a certificate that is ready */
export function explainCertificate(issuance: Issuance): string | undefined {
	const { certificate } = issuance;
	if (conditionOf(certificate, "Ready")?.status === "True") {
		return undefined;
	}
	return sentence(
		`The certificate ${certificate.metadata.name} was not issued`,
		reasonOf(issuance),
		"cert-manager gives no reason: the certificate is still being issued, and the next `up` continues to wait. `kubectl describe challenges -A` shows the progress.",
	);
}

/** The reason of the object that is closest to the fault. */
export function reasonOf({ certificate, requests, orders, challenges }: Issuance): string | undefined {
	const ownRequests = ownedBy([certificate], requests);
	const ownOrders = ownedBy(ownRequests, orders);
	const ownChallenges = ownedBy(ownOrders, challenges);
	const open = (object: CertificateObject) => object.status?.state !== "valid" && object.status?.reason;
	const challenge = ownChallenges.find(open);
	if (challenge) {
		return `the challenge for ${challenge.spec?.dnsName} says: ${challenge.status?.reason}`;
	}
	const failed = ownRequests
		.map((request) => conditionOf(request, "Ready"))
		.find((ready) => ready?.reason === "Failed");
	return ownOrders.find(open)?.status?.reason ?? failed?.message;
}

function ownedBy(owners: CertificateObject[], objects: CertificateObject[]): CertificateObject[] {
	const uids = new Set(owners.map(({ metadata }) => metadata.uid));
	return objects.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uids.has(uid)));
}

function conditionOf({ status }: CertificateObject, type: string): Condition | undefined {
	return status?.conditions?.find((condition) => condition.type === type);
}

function sentence(what: string, reason: string | undefined, unknown: string): string {
	if (reason === undefined) {
		return `${what}. ${unknown}`;
	}
	const text = reason.replace(/\s+/g, " ").trim().slice(0, longestReason);
	const cause = causes.find(({ pattern }) => pattern.test(text))?.cause;
	return `${what}: ${text.replace(/\.$/, "")}.${cause ? ` ${cause}` : ""}`;
}
