/** Domains that do not exist in the public DNS, so that no public authority and no mail server accepts them. */

/** RFC 2606 and 6761 (test, example, invalid, localhost), 6762 (local), 7686 (onion), 8375 (home.arpa), ICANN (internal). */
const reserved: readonly string[] = [
	...["test", "example", "invalid", "localhost", "local", "onion", "home.arpa", "internal"],
	...["example.com", "example.net", "example.org"],
];

/** @returns the reserved domain that a DNS name belongs to */
export function reservedDomainOf(name: string): string | undefined {
	const lower = name.toLowerCase();
	return reserved.find((domain) => lower === domain || lower.endsWith(`.${domain}`));
}
