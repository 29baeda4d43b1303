/** Searches texts for secrets, in clear text and in base64. */

/** Forms of a secret. The first and last characters of base64 depend on the text around it, and are left out. */
function formsOf(secret: string): string[] {
	const packed = [0, 1, 2].map((offset) => {
		const text = Buffer.from(`${"x".repeat(offset)}${secret}`).toString("base64");
		return text.slice(offset === 0 ? 0 : 4, -4);
	});
	return [secret, ...packed];
}

/**
 * @param secrets secrets by name
 * @param texts texts by place
 * @returns `name in place` for each secret in a text
 */
export function searchSecrets(secrets: Readonly<Record<string, string>>, texts: ReadonlyMap<string, string>): string[] {
	const searched = Object.entries(secrets).map(([name, secret]) => ({ name, forms: formsOf(secret) }));
	return [...texts].flatMap(([place, text]) =>
		searched.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => `${name} in ${place}`),
	);
}

/** Commands that print texts of a node which users other than root can read, or which stay after a process. They run as root. */
export const readableTexts: Readonly<Record<string, string>> = {
	"the journal": "journalctl --no-pager --output cat",
	"command lines": "sh -c 'cat /proc/[0-9]*/cmdline || true'",
	environments: "sh -c 'cat /proc/[0-9]*/environ || true'",
	// Files may disappear in the meantime, and find then reports an error.
	"temporary files": "sh -c 'find /tmp /var/tmp /run /dev/shm -xdev -type f -size -2M -exec cat {} + 2>&1 || true'",
	logs: "sh -c 'find /var/log /var/lib/rancher/rke2/*/logs -type f -size -20M -exec cat {} + 2>&1 || true'",
	"the program's own files":
		"sh -c 'find /var/lib/rke2-lab /usr/local/lib/rke2-lab -type f -not -name *.tar.gz -exec cat {} + 2>&1 || true'",
};
