import pRetry from "p-retry";
import { execute } from "./command.ts";
import type { ReportProgress } from "./progress.ts";

/** Debian packages of the host, each with its purpose. */
const packages = {
	"systemd-container": "systemd-nspawn boots the machines",
	mmdebstrap: "builds their image",
	"dnsmasq-base": "answers for the datacenter's names",
	"debian-archive-keyring": "checks the packages of the image",
	iproute2: "network namespaces and bridges",
	nftables: "filters packets as the firewall of Proxmox does",
	kmod: "loads br_netfilter on the host",
	"util-linux": "nsenter, unshare, flock",
	"openssh-client": "ssh, ssh-keygen and ssh-keyscan",
	curl: "asks Proxmox for host keys",
	"ca-certificates": "downloads over HTTPS",
	tar: "unpacks downloads",
	shellcheck: "`npm run lint`",
};

export async function installPackages(report: ReportProgress): Promise<void> {
	const missing = await missingPackages();
	if (missing.length === 0) {
		return;
	}
	report(`Installing the Debian packages ${missing.join(", ")} ...`);
	await apt("update");
	await apt("install", "--yes", "--no-install-recommends", ...missing);
}

const lockTimeoutMs = 300_000;

/**
 * Runs apt-get, and waits while another apt runs, such as the daily one of the system. DPkg::Lock::Timeout is not enough: it
 * waits for dpkg's locks only, and not for those of lists and downloads.
 */
export async function apt(...args: string[]): Promise<void> {
	const environment = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
	await pRetry(() => execute(["apt-get", ...args], { environment }), {
		retries: Number.POSITIVE_INFINITY,
		maxRetryTime: lockTimeoutMs,
		minTimeout: 1000,
		factor: 1,
		shouldRetry: ({ error }) => error.message.includes("E: Could not get lock "),
	});
}

async function missingPackages(): Promise<string[]> {
	const known = await execute(["dpkg-query", "--show", "--showformat", `\${Package} \${db:Status-Status}\n`]);
	const installed = new Set(known.split("\n"));
	return Object.keys(packages).filter((name) => !installed.has(`${name} installed`));
}
