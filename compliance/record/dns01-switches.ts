/** The providers of DNS for the proof that a domain is the lab's own, each as a merge patch of the lab's stack file. */

const dns01 = (provider: object) => ({ platform: { certManager: { dns01: { cloudflare: null, ...provider } } } });

const providers: Readonly<Record<string, { platform: { certManager: object } }>> = {
	route53: dns01({
		route53: { region: "eu-west-1", accessKeyID: "AKIA0", hostedZoneID: "Z1", role: "arn:aws:iam::1:role/r" },
	}),
	azureDNS: dns01({
		azureDNS: {
			subscriptionID: "s-1",
			resourceGroupName: "group",
			tenantID: "t-1",
			clientID: "c-1",
			environment: "AzureGermanCloud",
			hostedZoneName: "lab.org",
		},
	}),
	cloudDNS: dns01({ cloudDNS: { project: "lab-1", hostedZoneName: "lab" } }),
	digitalocean: dns01({ digitalocean: {} }),
	rfc2136: dns01({ rfc2136: { nameserver: "10.25.10.53", tsigKeyName: "lab", tsigAlgorithm: "HMACSHA512" } }),
	acmeDNS: dns01({ acmeDNS: { host: "https://auth.acme-dns.io" } }),
	"a webhook": dns01({
		webhook: { groupName: "acme.lab.internal", solverName: "lab", config: { zone: "lab", tries: 3 } },
	}),
	"route53, other values": dns01({
		route53: { region: "us-east-2", accessKeyID: "AKIA1", hostedZoneID: "Z2", role: "arn:aws:iam::2:role/other" },
	}),
	"azureDNS, other values": dns01({
		azureDNS: {
			subscriptionID: "subscription-2",
			resourceGroupName: "other-group",
			tenantID: "tenant-2",
			clientID: "client-2",
			environment: "AzurePublicCloud",
			hostedZoneName: "other.org",
		},
	}),
	"rfc2136, other values": dns01({
		rfc2136: { nameserver: "10.25.10.54:5353", tsigKeyName: "other-key", tsigAlgorithm: "HMACSHA256" },
	}),
	"a webhook, other values": dns01({
		webhook: { groupName: "acme.vpn.internal", solverName: "other", config: { account: "one", retries: 12 } },
	}),
};

/** Each with the checks, which wait for the certificates, and without. */
export const dns01Switches: Readonly<Record<string, object>> = {
	...providers,
	...Object.fromEntries(
		Object.entries(providers)
			.filter(([name]) => !name.includes("other values"))
			.map(([name, { platform }]) => [`${name}, no checks`, { platform: { ...platform, checks: { enabled: false } } }]),
	),
};
