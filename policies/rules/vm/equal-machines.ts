import { editCloudInit } from "../../lib/examples/machines.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { canonical, differing } from "../../lib/rules/majority.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { type Machine, machineOf } from "../../lib/vm/machines.ts";

/** One input that all machines have alike. */
interface Equal {
	/** Its name in a sentence. */
	input: string;
	/** The key of the stack file that holds for every machine. None where the program sets it. */
	setting?: string;
	/** Whether a machine may leave it out: another rule is about that, or the machine has no such part. */
	optional?: true;
	read(machine: Machine): unknown;
}

/** The SSH key that the program makes stands first, and is not known at a first preview. */
function keysOf({ initialization }: Machine): unknown {
	const keys = initialization?.userAccount?.keys ?? [];
	return keys.length === 0 ? undefined : [...keys.keys()].map((index) => whenKnown(() => keys[index]) ?? "not known");
}

/** Bridge and VLAN are the subject of `vm-one-network`. */
const ofStackFile: readonly (Equal & { setting: string })[] = [
	{
		input: "initialization.userAccount.username",
		setting: "ssh.user",
		read: ({ initialization }) => initialization?.userAccount?.username,
	},
	{ input: "initialization.userAccount.keys", setting: "ssh.authorizedKeys", optional: true, read: keysOf },
	{
		input: "initialization.dns.servers",
		setting: "network.nameservers",
		read: ({ initialization }) => initialization?.dns?.servers,
	},
	{
		input: "initialization.dns.domain",
		setting: "network.searchDomain",
		read: ({ initialization }) => initialization?.dns?.domain,
	},
	{
		input: "the gateway in initialization.ipConfigs",
		setting: "network.gateway",
		read: ({ initialization }) => initialization?.ipConfigs?.map(({ ipv4 }) => ipv4?.gateway),
	},
	{
		input: "the prefix in initialization.ipConfigs",
		setting: "network.cidr",
		read: ({ initialization }) => initialization?.ipConfigs?.map(({ ipv4 }) => ipv4?.address?.split("/")[1]),
	},
	{
		input: "networkDevices.mtu",
		setting: "network.mtu",
		read: ({ networkDevices }) => networkDevices?.map(({ mtu }) => mtu),
	},
];

/** The storage of the system disk, and that of the data disk where a machine has one. */
const ofDisks = ["scsi0", "scsi1"].map(
	(disk): Equal => ({
		input: `the datastore of ${disk}`,
		optional: true,
		read: ({ disks }) => disks?.find((candidate) => candidate.interface === disk)?.datastoreId,
	}),
);

const ofProgram: readonly Equal[] = [
	{ input: "machine", read: ({ machine }) => machine },
	{ input: "bios", read: ({ bios }) => bios },
	{ input: "scsiHardware", read: ({ scsiHardware }) => scsiHardware },
	{ input: "operatingSystem.type", read: ({ operatingSystem }) => operatingSystem?.type },
	{ input: "agent.enabled", read: ({ agent }) => agent?.enabled },
	{ input: "agent.type", read: ({ agent }) => agent?.type },
	{ input: "bootOrders", read: ({ bootOrders }) => bootOrders },
	{ input: "networkDevices.model", read: ({ networkDevices }) => networkDevices?.map(({ model }) => model) },
	...ofDisks,
];

/**
 * A stack file gives these inputs for all machines at once, so that one machine with an account, a key or a gateway of its own is
 * hidden among the others.
 *
 * The engine shows what cloud-init got on the day on which a machine was made, because the program ignores later changes. A machine
 * that is made after the stack file changed differs from older ones, so that the policy warns and does not block.
 */
export const vmEqualMachines: StackRule = {
	name: "vm-equal-machines",
	description: "Machines are alike in everything that the stack file gives for all of them.",
	severity: "high",
	// A machine that is newer than the others differs rightly, and the engine does not tell how old a machine is.
	level: "advisory",
	controls: [],
	frameworks: { cisControls: ["4.1", "5.1"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-2", "CM-2", "CM-6"] },
	remediation:
		"Set `ssh` and `network` in the stack file, which hold for every machine. Where they changed after other machines were made, compare the new machine with the stack file.",
	url: "https://pve.proxmox.com/pve-docs/chapter-qm.html#qm_cloud_init",
	settings: ofStackFile.map(({ setting }) => setting),
	subject: machines,
	examples: [
		{
			change: "another name server on one worker",
			apply: editCloudInit("proj-k8sw01", { dns: { servers: ["203.0.113.9"] } }),
			sentence:
				"Machine proj-k8sw01 differs from most others in initialization.dns.servers; make it equal: network.nameservers holds for every machine.",
		},
		{
			change: "another account on one control plane",
			apply: editCloudInit("proj-k8sm02", { userAccount: { username: "root", keys: ["ssh-ed25519 AAAA"] } }),
			sentence:
				"Machine proj-k8sm02 differs from most others in initialization.userAccount.keys; make it equal: ssh.authorizedKeys holds for every machine.",
		},
	],

	checkStack(resources, report) {
		for (const equal of [...ofStackFile, ...ofProgram]) {
			const { input, setting } = equal;
			for (const resource of differingIn(resources, equal)) {
				report(
					`Machine ${resource.name} differs from most others in ${input}; make it equal: ${setting ?? "the program"} holds for every machine.`,
					resource,
					undefined,
					setting,
				);
			}
		}
	},
};

function differingIn(resources: readonly Resource[], { read, optional }: Equal): Resource[] {
	const given = resources.flatMap((resource) => {
		const machine = machineOf(resource);
		const value = machine && read(machine);
		return machine && !(optional && value === undefined) ? [{ resource, text: canonical(value ?? null) }] : [];
	});
	return differing(given, ({ text }) => text).map(({ resource }) => resource);
}
