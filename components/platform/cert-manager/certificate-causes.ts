/** What cert-manager's objects say about a certificate that does not come, as a sentence with the likely cause. */

export interface Condition {
	type: string;
	status: string;
	reason?: string;
	message?: string;
}

/** The part of an object of cert-manager's that tells why. */
export interface CertificateObject {
	metadata: { name: string; uid?: string; ownerReferences?: { uid: string }[] };
	spec?: { dnsName?: string; ca?: object };
	status?: { state?: string; reason?: string; conditions?: Condition[] };
}

/** A Certificate and what cert-manager made for it, all of one namespace; those of other Certificates do no harm. */
export interface Issuance {
	certificate: CertificateObject;
	requests: CertificateObject[];
	orders: CertificateObject[];
	challenges: CertificateObject[];
}

const longest = 400;

/** By what the reason says, most telling first. */
const causes: { says: RegExp; cause: string }[] = [
	{
		says: /keypair for CA issuer/i,
		cause: "Compare platform.certManager.ownAuthority with the secret ownAuthorityKey.",
	},
	{
		// https://developers.cloudflare.com/fundamentals/api/troubleshooting/
		says: /\b(6003|6111|9106|9109|10000|1000[01])\b|invalid (access )?token|authentication error/i,
		cause:
			"Cloudflare does not accept the token: set another cloudflareApiToken, with Zone:Read and DNS:Edit on the zone.",
	},
	{
		says: /found no zones/i,
		cause:
			"Cloudflare shows the token no such zone: compare platform.certManager.domain with the zone, and give the token Zone:Read on it.",
	},
	{
		says: /invalidcontact|unsupportedcontact|contact/i,
		cause: "The certificate authority refuses the address in platform.certManager.email.",
	},
	{
		says: /ratelimited|too many/i,
		cause:
			"A limit of the certificate authority is reached: wait as long as it says, or set platform.certManager.issuer to staging meanwhile.",
	},
	{
		says: /propagat|NXDOMAIN|SERVFAIL/i,
		cause:
			"The record is not visible at platform.certManager.recursiveNameservers: the zone has to be delegated to the provider in platform.certManager.dns01, and cert-manager has to reach those servers on port 53.",
	},
	{
		says: /dial tcp|no such host|i\/o timeout|deadline exceeded|connection refused|proxyconnect|x509/i,
		cause:
			"cert-manager does not reach it from its pods: look at DNS, gateway, firewall and cluster.proxy. In a closed network set platform.certManager.acmeServer to an authority of your own, or platform.checks.enabled to false.",
	},
];

/** @returns nothing for an issuer that is ready */
export function whyNoAccount(issuer: CertificateObject): string | undefined {
	const ready = conditionOf(issuer, "Ready");
	if (ready?.status === "True") {
		return undefined;
	}
	return sentence(
		`The issuer ${issuer.metadata.name} ${issuer.spec?.ca ? "cannot sign" : "has no account at its certificate authority"}`,
		ready?.message,
		"cert-manager has not looked at it: `kubectl -n cert-manager get pods` shows whether it runs.",
	);
}

/** @returns nothing for a certificate that is ready */
export function whyNoCertificate(issuance: Issuance): string | undefined {
	const { certificate } = issuance;
	if (conditionOf(certificate, "Ready")?.status === "True") {
		return undefined;
	}
	return sentence(
		`The certificate ${certificate.metadata.name} was not issued`,
		complaintOf(issuance),
		"No reason is known: it is still on its way, and the next `up` goes on waiting. `kubectl describe challenges -A` shows how far it is.",
	);
}

/** What stands in the way, as the object says that is closest to the fault. */
export function complaintOf({ certificate, requests, orders, challenges }: Issuance): string | undefined {
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
	const text = reason.replace(/\s+/g, " ").trim().slice(0, longest);
	const cause = causes.find(({ says }) => says.test(text))?.cause;
	return `${what}: ${text.replace(/\.$/, "")}.${cause ? ` ${cause}` : ""}`;
}
