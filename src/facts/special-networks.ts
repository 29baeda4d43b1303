/** Networks whose addresses no machine, pod or Service can have, and networks that only private ones use. */

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and RFC 1112 for the last two. */
export const specialNetworks: readonly { cidr: string; what: string }[] = [
	{ cidr: "0.0.0.0/8", what: "this network (RFC 1122)" },
	{ cidr: "127.0.0.0/8", what: "loopback (RFC 1122)" },
	{ cidr: "169.254.0.0/16", what: "link-local (RFC 3927)" },
	{ cidr: "224.0.0.0/4", what: "multicast (RFC 5771)" },
	{ cidr: "240.0.0.0/4", what: "reserved (RFC 1112)" },
];

/**
 * Networks at which a cloud gives out the credentials of a machine: link-local ones, and the address of the metadata of AWS over
 * IPv6 (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html).
 */
export const metadataNetworks: readonly string[] = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128"];

/** Networks that routers of the internet do not route (https://www.rfc-editor.org/rfc/rfc6890). */
export const privateNetworks: readonly string[] = [
	"10.0.0.0/8",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"172.16.0.0/12",
	"192.168.0.0/16",
];
