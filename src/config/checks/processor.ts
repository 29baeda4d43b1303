/** Rules for the processor of an image. */
import type { Problem } from "../read/problems.ts";
import { eachItem } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

/** Names of processors in the names of cloud images, except amd64 and x86_64, for which this program installs RKE2. */
const otherProcessors =
	/(?:^|[^a-z0-9])(aarch64|arm64|armhf|armel|armv7l?|i[36]86|ppc64(?:el|le)?|riscv64|s390x|loong(?:arch|64)|mips64el)(?=$|[^a-z0-9])/i;

export function checkProcessor({ proxmox: { image } }: StackConfig): Problem[] {
	return eachItem(["url", "fileName"] as const, (name) => {
		const found = otherProcessors.exec(image[name])?.[1];
		return found === undefined
			? []
			: [
					{
						key: `proxmox.image.${name}`,
						message: `names an image for ${found}, but the program installs RKE2 for amd64; use the publisher's image for amd64 (x86_64).`,
					},
				];
	});
}
