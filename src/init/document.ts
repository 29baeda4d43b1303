/** A stack file as text, with a comment for each decision that is the administrator's. */
import { Document, isMap, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import type { Kept } from "./kept.ts";

/** Comments by dotted path, without the project's name. */
const comments: Readonly<Record<string, string>> = {
	cluster: "Every key is in docs/configuration.md.",
	"cluster.name": "Names the tag in Proxmox, the context in the kubeconfig and the user of the Proxmox token.",
	"cluster.version": "RKE2's release on every node.",
	"cluster.api":
		"A free address of the nodes' network, which kube-vip gives to a control plane, and the name in its certificate.",
	"cluster.artifacts":
		"Digest of rke2.linux-amd64.tar.gz in sha256sum-amd64.txt of that release. Only you can vouch for it.",
	"proxmox.endpoint": "The host is one of the names in Proxmox's certificate.",
	"proxmox.version": "Major version of Proxmox VE.",
	"proxmox.hosts":
		"Hosts that run nodes, by their names in Proxmox. The check compares their sizes with those of their nodes.",
	"proxmox.protectControlPlanes":
		"Lets `pulumi destroy` delete the cluster. Remove this line before you depend on the cluster.",
	"proxmox.image": "The system of the nodes. Its digest, too, comes from you: from the list that its publisher signed.",
	"proxmox.imageDatastore": "Storage for the image, with the content type Import (Datacenter > Storage).",
	"proxmox.vmDatastore": "Storage for the disks of the nodes.",
	"network.bridge": "Bridge of the nodes' network, on every host with nodes.",
	"network.vlan": "VLAN tag of the nodes' network.",
	nodes:
		"Role, Proxmox host, a free VM id, a free address, and a size. `up` never changes an id or an address by itself.",
	gpus: "By the name of the resource mapping. With `device` the program makes it; without, you make it by hand.",
	"platform.traefik": "The ingress: ports 80 and 443 of the workers.",
	"platform.certManager": "A wildcard certificate of Let's Encrypt, by a DNS record at Cloudflare.",
	"platform.gpuOperator": "Driver and device plugin for the nodes with a GPU.",
};

/** Maps that are one line each, by dotted path with `*` for any name. */
const inOneLine = ["cluster.api", "proxmox.hosts.*", "nodes.*", "gpus.*", "platform.*"];

export function stackFileDocument(
	project: string,
	values: Readonly<Record<string, unknown>>,
	{ top, secrets, others }: Kept = { top: {}, secrets: {}, others: {} },
): string {
	const own = Object.entries({ ...values, ...secrets }).map(([key, value]) => [`${project}:${key}`, value]);
	const document = new Document({ ...top, config: { ...Object.fromEntries(own), ...others } });
	document.commentBefore = [
		" yaml-language-server: $schema=docs/stack.schema.json",
		" Written by `npm run init`. `pulumi config set --secret` adds the secrets, encrypted.",
	].join("\n");
	const sections = document.get("config") as YAMLMap;
	for (const section of sections.items as Pair<Scalar<string>, Node>[]) {
		comment(section, section.key.value.slice(project.length + 1));
		section.key.spaceBefore = section !== sections.items[0];
	}
	return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function comment({ key, value }: Pair<Scalar<string>, Node>, path: string): void {
	const text = comments[path];
	if (text !== undefined) {
		key.commentBefore = ` ${text}`;
	}
	if (isSeq(value)) {
		value.flow = true;
	}
	if (!isMap<Scalar<string>, Node>(value)) {
		return;
	}
	const parts = path.split(".");
	if (inOneLine.some((pattern) => matches(pattern.split("."), parts))) {
		value.flow = true;
		return;
	}
	for (const pair of value.items) {
		comment(pair as Pair<Scalar<string>, Node>, `${path}.${pair.key.value}`);
	}
}

function matches(pattern: readonly string[], parts: readonly string[]): boolean {
	return pattern.length === parts.length && pattern.every((one, index) => one === "*" || one === parts[index]);
}
