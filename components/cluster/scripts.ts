/** The shell scripts of src/rke2/scripts, as text. */
import { readFileSync } from "node:fs";

/** Those that run on a node; all of them are installed there. */
export const nodeScripts = [
	"unpack.sh",
	"lib.sh",
	"drain.sh",
	"unsupported.sh",
	"taints.sh",
	"let-go.sh",
	"size.sh",
	"data-disk.sh",
	"first-boot.sh",
	"preflight-system.sh",
	"preflight-machine.sh",
	"preflight-network.sh",
	"preflight.sh",
	"network-services.sh",
	"prepare.sh",
	"token.sh",
	"registries.sh",
	"apt.sh",
	"address.sh",
	"seed.sh",
	"join.sh",
	"converge.sh",
	"kubeconfig.sh",
] as const;

export type NodeScript = (typeof nodeScripts)[number];

export function scriptText(name: NodeScript | "host-key.sh" | "agent-host-key.sh"): string {
	return readFileSync(new URL(`../../src/rke2/scripts/${name}`, import.meta.url), "utf8");
}

/** One word of a shell's command line. */
export function shellWord(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
