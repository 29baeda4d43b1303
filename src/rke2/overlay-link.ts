import type { StackConfig } from "../config/schema/stack.ts";
import type { NodeFile } from "./bundle.ts";
import { paths } from "./paths.ts";

/**
 * Whether flannel's VXLAN device leaves checksums to the network interface. udev applies the file whenever flannel creates the
 * device, and prepare.sh to an existing one. The file is written for both values, so that each reverts the other. It has no
 * MAC address policy, unlike systemd's own file for all devices, whose policy changes flannel's address.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.link.html
 */
export function overlayLink(canal: Pick<StackConfig["cluster"]["canal"], "checksumOffload">): NodeFile {
	const content = `[Match]
OriginalName=flannel.1

[Link]
TransmitChecksumOffload=${canal.checksumOffload ? "yes" : "no"}
`;
	return { path: paths.overlayLink, mode: "0644", owner: "root:root", content };
}
