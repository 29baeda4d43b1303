import type { StackConfig } from "../config/schema/stack.ts";
import type { NodeFile } from "./bundle.ts";
import { paths } from "./paths.ts";

/**
 * Whether flannel's VXLAN device leaves checksums to the network card. udev applies it whenever flannel makes the device,
 * and prepare.sh to the one that is there. Both values are written, so that either takes the other back. No MAC address
 * policy stands in it: systemd's own file for all devices has one, which changes flannel's address.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.link.html
 */
export function overlayLink({ cluster: { canal } }: StackConfig): NodeFile {
	const content = `[Match]
OriginalName=flannel.1

[Link]
TransmitChecksumOffload=${canal.checksumOffload ? "yes" : "no"}
`;
	return { path: paths.overlayLink, mode: "0644", owner: "root:root", content };
}
