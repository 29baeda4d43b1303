/** Builds the root file system of the machines: a minimal Debian, from the mirror that this computer's apt uses. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { release as kernelRelease, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeOnce } from "./cache.ts";
import { execute } from "./command.ts";
import { apt } from "./packages.ts";
import type { ReportProgress } from "./progress.ts";

/** Not the suite of the host, so that the machines are equal on all hosts. */
const suite = "trixie";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

const packages = [
	// The pods of the network check run it: the rehearsal pulls no images.
	"busybox",
	"ca-certificates",
	"curl",
	"dbus",
	"e2fsprogs",
	// As on Ubuntu's cloud images.
	"ethtool",
	"iproute2",
	"iptables",
	"iputils-ping",
	// As an image of one's own brings it; it does nothing before it has a configuration.
	"keepalived",
	"kmod",
	// Node needs these two.
	"libatomic1",
	"libstdc++6",
	// Lets anyone ping, as on a full installation.
	"linux-sysctl-defaults",
	"openssh-server",
	"procps",
	"sudo",
	"systemd",
	"systemd-sysv",
	// Ubuntu's image has it as its time service.
	"systemd-timesyncd",
	"util-linux",
];

/** No machine needs these paths, which are half of the image. */
const leftOut = ["/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/man/*"];

const customisation = fileURLToPath(new URL("image/", import.meta.url));

/** @returns directory of the image, from the cache or newly built */
export async function makeImage(cache: string, report: ReportProgress): Promise<string> {
	return makeOnce(join(cache, "images", await recipeDigest()), async (directory) => {
		report(`Building the machines' image (Debian ${suite}) ...`);
		const start = Date.now();
		await bootstrap(directory);
		report(`Building the machines' image: done in ${Math.round((Date.now() - start) / 1000)} s`);
	});
}

async function recipeDigest(): Promise<string> {
	const hash = createHash("sha256").update(JSON.stringify([suite, packages, leftOut, kernelRelease(), process.arch]));
	for (const file of (await readdir(customisation)).sort()) {
		hash.update(file).update(await readFile(join(customisation, file)));
	}
	return hash.digest("hex").slice(0, 16);
}

async function bootstrap(directory: string): Promise<void> {
	const work = await mkdtemp(join(tmpdir(), "rke2-rehearsal-image-"));
	try {
		const aptOptions = join(work, "apt.conf");
		// The same proxy, timeouts and certificates as for the host's packages.
		await writeFile(aptOptions, await execute(["apt-config", "dump", "Acquire"]));
		await execute(
			[
				"mmdebstrap",
				"--quiet",
				"--mode=root",
				"--variant=minbase",
				`--include=${packages.join(",")}`,
				`--aptopt=${aptOptions}`,
				...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`),
				'--customize-hook=sh "$REHEARSAL_CUSTOMISE" "$1" "$REHEARSAL_KERNEL"',
				suite,
				directory,
				`deb [signed-by=${keyring}] ${await debianMirror()} ${suite} main`,
			],
			{
				environment: {
					REHEARSAL_CUSTOMISE: join(customisation, "customise.sh"),
					REHEARSAL_KERNEL: kernelRelease(),
				},
			},
		);
	} finally {
		await rm(work, { recursive: true, force: true });
	}
}

/** apt's address of the Debian archive, for each format of its sources. */
async function debianMirror(): Promise<string> {
	let mirror = await knownMirror();
	if (mirror === undefined) {
		// Without package lists apt does not know the origin of its sources.
		await apt("update");
		mirror = await knownMirror();
	}
	if (mirror === undefined) {
		throw new Error(
			"apt has no source of the Debian archive (origin Debian, component main): add one to /etc/apt/sources.list.",
		);
	}
	return mirror;
}

async function knownMirror(): Promise<string | undefined> {
	const format = "$(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)";
	const targets = await execute(["apt-get", "indextargets", "--format", format, "Created-By: Packages"]);
	return targets
		.split("\n")
		.map((line) => line.split(" "))
		.find(
			([origin, component, release]) => origin === "Debian" && component === "main" && !release?.includes("-"),
		)?.[3];
}
