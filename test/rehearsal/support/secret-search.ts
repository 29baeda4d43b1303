/** Looks for secrets where they must not be: as they are, and packed into something that is base64. */

/** What a secret looks like. The first and last characters of base64 depend on what is around it, and are left out. */
function disguises(secret: string): string[] {
	const packed = [0, 1, 2].map((offset) => {
		const text = Buffer.from(`${"x".repeat(offset)}${secret}`).toString("base64");
		return text.slice(offset === 0 ? 0 : 4, -4);
	});
	return [secret, ...packed];
}

/**
 * @param secrets by the name that a finding has; none is shown
 * @param texts by where they are from
 * @returns `name in place` for each secret that a text holds
 */
export function searchSecrets(secrets: Readonly<Record<string, string>>, texts: ReadonlyMap<string, string>): string[] {
	const looks = Object.entries(secrets).map(([name, secret]) => ({ name, forms: disguises(secret) }));
	return [...texts].flatMap(([place, text]) =>
		looks.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => `${name} in ${place}`),
	);
}

/** Prints what others than root can come by on a machine, or what stays when a process ends. To be run as root. */
export const whatANodeShows: Readonly<Record<string, string>> = {
	"the journal": "journalctl --no-pager --output cat",
	"command lines": "sh -c 'cat /proc/[0-9]*/cmdline || true'",
	environments: "sh -c 'cat /proc/[0-9]*/environ || true'",
	// Files come and go meanwhile, of which find complains.
	"temporary files": "sh -c 'find /tmp /var/tmp /run /dev/shm -xdev -type f -size -2M -exec cat {} + 2>&1 || true'",
	logs: "sh -c 'find /var/log /var/lib/rancher/rke2/*/logs -type f -size -20M -exec cat {} + 2>&1 || true'",
	"the program's own files":
		"sh -c 'find /var/lib/rke2-lab /usr/local/lib/rke2-lab -type f -not -name *.tar.gz -exec cat {} + 2>&1 || true'",
};
