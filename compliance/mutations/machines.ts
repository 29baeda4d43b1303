/** Mutations of the machines. */
import { declare, edit, editMachine, editMachines, everyNode, type Mutation, servers, unchanged } from "./change.ts";

const network = { bridge: "vmbr0", vlanId: 20, model: "virtio", firewall: true };
const card = { device: "hostpci0", pcie: true, rombar: true, xvga: false };
const account = { username: "ops", keys: ["ssh-ed25519 AAAA"] };

export const machineMutations: readonly Mutation[] = [
	{
		policy: "vm-control-planes-apart",
		change: "nodes.proj-k8sm02.host: node01",
		apply: editMachine("proj-k8sm02", { nodeName: "node01" }),
	},
	{
		policy: "vm-quorum-on-one-host",
		change: "every node on node01",
		apply: editMachines(everyNode, { nodeName: "node01" }),
	},
	{
		policy: "vm-protected-control-planes",
		change: "one control plane without protection",
		repaired: editMachines(servers, { protection: true }),
		apply: editMachine("proj-k8sm02", { protection: false }),
		withoutExceptions: true,
	},
	{
		policy: "vm-unique-identity",
		change: "nodes.proj-k8sw02.vmId: 107, which is proj-k8sw01's",
		apply: editMachine("proj-k8sw02", { vmId: 107 }),
	},
	{
		policy: "vm-network",
		change: "no firewall on the network card of a worker",
		apply: editMachine("proj-k8sw01", { networkDevices: [{ ...network, firewall: false }] }),
	},
	{
		policy: "vm-one-network",
		change: "no VLAN for one worker",
		apply: editMachine("proj-k8sw01", { networkDevices: [{ bridge: "vmbr0", model: "virtio", firewall: true }] }),
	},
	{
		policy: "vm-firewall",
		change: "no exception for machines whose firewall is off",
		apply: unchanged,
		withoutExceptions: true,
	},
	{
		policy: "vm-firewall",
		change: "a rule that lets everybody in",
		apply: declare("proxmoxve:firewall/rulesLegacy:RulesLegacy", "extra-rules", {
			rules: [{ type: "in", action: "ACCEPT" }],
		}),
	},
	{
		policy: "vm-no-password",
		change: "a password for the account of a worker",
		apply: editMachine("proj-k8sw01", { initialization: { userAccount: { ...account, password: "hunter2" } } }),
	},
	{
		policy: "vm-ssh-keys",
		change: "no key for the account of a worker",
		apply: editMachine("proj-k8sw01", { initialization: { userAccount: { ...account, keys: [] } } }),
	},
	{
		policy: "vm-image-checksum",
		change: "the image of a host is not checked",
		apply: edit("proxmoxve:download/file:File", "image-node01", ({ checksum, ...props }) => props),
	},
	{
		policy: "vm-image-source",
		change: "a disk of a file that lies on the host",
		apply: editMachine("proj-k8sw01", { disks: [{ interface: "scsi0", fileId: "local:import/other.qcow2" }] }),
	},
	{
		policy: "vm-gpu-by-mapping",
		change: "the card by its PCI id",
		apply: editMachine("proj-k8sw04", { hostpcis: [{ ...card, id: "0000:0b:00" }] }),
	},
	{
		policy: "vm-firmware",
		change: "enrolled Secure Boot keys on a machine with a card",
		apply: editMachine("proj-k8sw04", { efiDisk: { type: "4m", preEnrolledKeys: true } }),
	},
	{
		policy: "vm-fixed-memory",
		change: "a balloon in a worker",
		apply: editMachine("proj-k8sw01", { memory: { dedicated: 32768, floating: 8192 } }),
	},
	{
		policy: "vm-processor",
		change: "a modelled processor in a worker",
		apply: editMachine("proj-k8sw01", { cpu: { type: "x86-64-v2-AES", cores: 8 } }),
	},
	{
		policy: "vm-resource-type",
		change: "a machine as a resource of another type",
		apply: declare("proxmoxve:index/vm:Vm", "proj-k8sw06", { name: "proj-k8sw06", nodeName: "node01" }),
	},
	{
		policy: "vm-resource-type",
		change: "a program of the host's that runs when a worker starts",
		apply: editMachine("proj-k8sw01", { hookScriptFileId: "local:snippets/hook.sh" }),
	},
	{
		policy: "vm-role-tag",
		change: "a worker without its tag",
		apply: editMachine("proj-k8sw01", { tags: ["astronomy-lab", "rke2"] }),
	},
	{
		policy: "vm-no-password",
		change: "user data of a vendor beside the account of a worker",
		apply: editMachine("proj-k8sw01", {
			initialization: { userAccount: account, vendorDataFileId: "local:snippets/vendor.yaml" },
		}),
	},
	{
		policy: "vm-autostart",
		change: "a worker that stays off after its host has started",
		apply: editMachine("proj-k8sw01", { onBoot: false }),
	},
];
