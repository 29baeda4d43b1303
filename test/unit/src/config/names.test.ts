/** Messages about a misspelled key, and about a key that was set without --path. */
import { expect, test } from "vitest";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { labValues } from "../../../fixtures/lab.ts";

test.each<[what: string, change: object, sentence: string]>([
	[
		"like none",
		{ network: { speed: 20 } },
		"network.speed: is not a key of the stack file; docs/configuration.md lists them.",
	],
	[
		"letters too many",
		{ network: { vlanId: 20 } },
		"network.vlanId: is not a key of the stack file; did you mean network.vlan?",
	],
	[
		"two letters swapped",
		{ network: { gatewya: "10.25.20.1" } },
		"network.gatewya: is not a key of the stack file; did you mean network.gateway?",
	],
	["a section", { acces: {} }, "acces: is not a key of the stack file; did you mean access?"],
	["a secret", { clusterTokn: "hunter2" }, "clusterTokn: is not a key of the stack file; did you mean clusterToken?"],
	[
		"of a node",
		{ nodes: { "proj-k8sw01": { memoryGib: 32 } } },
		"nodes.proj-k8sw01.memoryGib: is not a key of the stack file; did you mean nodes.proj-k8sw01.memoryGiB?",
	],
	[
		"with underscores",
		{ cluster: { pod_cidr: "10.42.0.0/16" } },
		"cluster.pod_cidr: is not a key of the stack file; did you mean cluster.podCidr?",
	],
	[
		"in another section",
		{ cluster: { vlan: 20 } },
		"cluster.vlan: is not a key of the stack file; did you mean network.vlan?",
	],
	[
		"with a Cyrillic letter",
		{ network: { "vl\u0430n": 20 } },
		"network.vl\u0430n: is not a key of the stack file; did you mean network.vlan? Character 3 is a Cyrillic letter (U+0430), and looks like a.",
	],
	[
		"with an invisible character",
		{ network: { "vlan\u200b": 20 } },
		"network.vlan\u200b: is not a key of the stack file; did you mean network.vlan? Character 5 is an invisible character (U+200B).",
	],
	[
		"set without --path",
		{ "network.vlan": 20 },
		"network.vlan: was set without --path: remove it with `pulumi config rm network.vlan`, and set it with `pulumi config set --path network.vlan`.",
	],
])("a misspelled key: %s", (_, change, sentence) => {
	expect(parseStack(labValues(change)).problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([sentence]);
});

test.each<[what: string, change: object, sentence: string]>([
	[
		"a Cyrillic letter",
		{ nodes: { "proj-k8sw01": { host: "n\u043ede01" } } },
		'nodes.proj-k8sw01.host: must be a lower-case DNS label such as proj-k8sw01, found "n\u043ede01", of which character 2 is a Cyrillic letter (U+043E), and looks like o.',
	],
	[
		"a typographic dash",
		{ proxmox: { vmDatastore: "local\u2013lvm" } },
		'proxmox.vmDatastore: must be the id of a Proxmox storage such as pbs, found "local\u2013lvm", of which character 6 is a typographic dash (U+2013), and looks like -.',
	],
])("a letter that looks like another one is named: %s", (_, change, sentence) => {
	expect(parseStack(labValues(change)).problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([sentence]);
});
