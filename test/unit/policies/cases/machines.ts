import type { Given } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

function machine(props: Record<string, unknown>, name = "proj-k8sw01", protect = false): Given {
	return { type: "proxmoxve:index/vmLegacy:VmLegacy", name, props, protect };
}

const server = { tags: ["control-plane"] };
const gpu = { hostpcis: [{ device: "hostpci0", mapping: "rtx-a4000" }] };
const firmware = { machine: "pc-q35-9.2", bios: "ovmf", efiDisk: { type: "4m", preEnrolledKeys: false } };
const image = { checksum: "a".repeat(64), checksumAlgorithm: "sha256" };
const at = (address: string) => ({ initialization: { ipConfigs: [{ ipv4: { address } }] } });
const at6 = (address: string) => ({ initialization: { ipConfigs: [{ ipv6: { address } }] } });
const fetched = (fileName: string, nodeName = "node01") =>
	download({ ...image, nodeName, datastoreId: "local", contentType: "import", fileName });
const disk = (props: object) => machine({ nodeName: "node01", disks: [{ interface: "scsi0", ...props }] });
const firewallRules = (...rules: object[]) => ({
	type: "proxmoxve:firewall/rulesLegacy:RulesLegacy",
	name: "proj-k8sw01-firewall-rules",
	props: { rules: rules.map((rule) => ({ type: "in", action: "ACCEPT", ...rule })) },
});
const firewall = (name: string, options: Record<string, unknown>) => ({
	type: "proxmoxve:firewall/optionsLegacy:OptionsLegacy",
	name: `${name}-firewall-options`,
	props: options,
});
const account = (userAccount: object) => machine({ initialization: { userAccount } });
const upload = (sourceFile: object) => ({ type: "proxmoxve:index/fileLegacy:FileLegacy", props: { sourceFile } });
const download = (props: Record<string, unknown>, type = "proxmoxve:download/file:File") => ({ type, props });

export const machineCases: CaseTable = {
	"vm-resource-type": {
		accepts: {
			"a machine from an image": machine({ disks: [{ importFrom: "local:import/noble.qcow2" }] }),
			"another resource of the provider": { type: "proxmoxve:pool/membership:Membership", props: { vmId: 107 } },
		},
		refuses: {
			"the resource without the suffix": [
				{ type: "proxmoxve:index/vm:Vm", name: "proj-k8sw01", props: {} },
				"proj-k8sw01 is a proxmoxve:index/vm:Vm, which no rule about machines reads; the only allowed type is VmLegacy.",
			],
			"a resource for clones": [
				{ type: "proxmoxve:cloned/vmLegacy:VmLegacy", name: "proj-k8sw01", props: {} },
				"proj-k8sw01 is a proxmoxve:cloned/vmLegacy:VmLegacy, which no rule about machines reads; the only allowed type is VmLegacy.",
			],
			"a container": [
				{ type: "proxmoxve:index/containerLegacy:ContainerLegacy", name: "proj-k8sw01", props: {} },
				"proj-k8sw01 is a proxmoxve:index/containerLegacy:ContainerLegacy, which no rule about machines reads; the only allowed type is VmLegacy.",
			],
			"an argument of QEMU's": [
				machine({ kvmArguments: "-device vfio-pci,host=01:00.0" }),
				"Machine proj-k8sw01 has kvmArguments, and no rule sees what that adds; remove it.",
			],
			"a program of the host's": [
				machine({ hookScriptFileId: "local:snippets/hook.sh" }),
				"Machine proj-k8sw01 has hookScriptFileId, and no rule sees what that adds; remove it.",
			],
			"a clone": [
				machine({ clone: { vmId: 9000 } }),
				"Machine proj-k8sw01 is a clone, and no rule sees what its template has; import an image.",
			],
		},
	},
	"vm-role-tag": {
		accepts: { "a worker": machine({ tags: ["astronomy-lab", "rke2", "worker"] }), "a control plane": machine(server) },
		refuses: {
			"a machine of something else": [
				machine({ tags: ["network"] }),
				"Machine proj-k8sw01 has no tag of a role; allowed is one of control-plane and worker.",
			],
			"a machine without tags": [
				machine({}),
				"Machine proj-k8sw01 has no tag of a role; allowed is one of control-plane and worker.",
			],
			"tags that are no list": [
				machine({ tags: { worker: "worker" } }),
				"Machine proj-k8sw01 has no tag of a role; allowed is one of control-plane and worker.",
			],
			"a machine of both": [
				machine({ tags: ["control-plane", "worker"] }),
				"Machine proj-k8sw01 has the tags control-plane and worker; allowed is one of control-plane and worker.",
			],
		},
	},
	"vm-control-planes-apart": {
		accepts: {
			"a worker beside a control plane": [
				machine({ ...server, nodeName: "node01" }, "proj-k8sm01"),
				machine({ tags: ["worker"], nodeName: "node01" }),
			],
			"two on one host where no other host is without one": [
				machine({ ...server, nodeName: "node01" }, "proj-k8sm01"),
				machine({ ...server, nodeName: "node01" }, "proj-k8sm02"),
				machine({ ...server, nodeName: "node02" }, "proj-k8sm03"),
				machine({ tags: ["worker"], nodeName: "node02" }),
			],
		},
		refuses: {
			"two control planes on one host beside another that has none": [
				[
					machine({ ...server, nodeName: "node01" }, "proj-k8sm01"),
					machine({ ...server, nodeName: "node01" }, "proj-k8sm02"),
					machine({ tags: ["worker"], nodeName: "node02" }),
				],
				"proj-k8sm02: Control planes proj-k8sm01 and proj-k8sm02 are both on host node01; give nodes.proj-k8sm02.host another one, as node02.",
			],
		},
	},
	"vm-quorum-on-one-host": {
		accepts: {
			"a host for each of three": ["node01", "node02", "node03"].map((nodeName, index) =>
				machine({ ...server, nodeName }, `proj-k8sm0${index}`),
			),
			"five on three hosts": ["node01", "node02", "node03", "node01", "node02"].map((nodeName, index) =>
				machine({ ...server, nodeName }, `proj-k8sm0${index}`),
			),
			"two on one host beside another that is free, which is another rule's subject": [
				machine({ ...server, nodeName: "node01" }, "proj-k8sm01"),
				machine({ ...server, nodeName: "node01" }, "proj-k8sm02"),
				machine({ tags: ["worker"], nodeName: "node02" }),
			],
		},
		refuses: {
			"two of three on one host": [
				["node01", "node02", "node01"].map((nodeName, index) =>
					machine({ ...server, nodeName }, `proj-k8sm0${index + 1}`),
				),
				"proj-k8sm01: Host node01 runs proj-k8sm01 and proj-k8sm03, 2 of 3 control planes: while it is down, etcd has no quorum and the API of the cluster does not answer (nodes.<name>.host).",
			],
			"the only one": [
				[machine({ ...server, nodeName: "node01" }, "proj-k8sm01"), machine({ tags: ["worker"], nodeName: "node02" })],
				"proj-k8sm01: Host node01 runs proj-k8sm01, 1 of 1 control planes: while it is down, etcd has no quorum and the API of the cluster does not answer (nodes.<name>.host).",
			],
		},
	},
	"vm-protected-control-planes": {
		accepts: {
			"protection by Proxmox": machine({ ...server, protection: true }),
			"protection by Pulumi": machine(server, "proj-k8sm01", true),
			"a worker without any": machine({ tags: ["worker"] }),
		},
		refuses: {
			"a control plane without any": [
				machine(server, "proj-k8sm01"),
				"Machine proj-k8sm01 carries an etcd member and is not protected from deletion; set proxmox.protectControlPlanes (protection: true on the machine).",
			],
		},
	},
	"vm-unique-identity": {
		accepts: {
			"two machines that share nothing": [machine({ vmId: 107 }), machine({ vmId: 108 }, "proj-k8sw02")],
			"addresses that DHCP gives": [machine(at("dhcp")), machine(at("dhcp"), "proj-k8sw02")],
			"addresses that the router gives": [machine(at6("auto")), machine(at6("auto"), "proj-k8sw02")],
		},
		refuses: {
			"an id that is taken": [
				[machine({ vmId: 107 }), machine({ vmId: 107 }, "proj-k8sw02")],
				"proj-k8sw02: Machines proj-k8sw01 and proj-k8sw02 both have the id 107; change one.",
			],
			"an address that is taken, with another prefix": [
				[machine(at("10.25.20.7/24")), machine(at("10.25.20.7/16"), "proj-k8sw02")],
				"proj-k8sw02: Machines proj-k8sw01 and proj-k8sw02 both have the address 10.25.20.7; change one.",
			],
			"an address of IPv6 that is taken, written in another way": [
				[machine(at6("fd00::1/64")), machine(at6("FD00:0::1/64"), "proj-k8sw02")],
				"proj-k8sw02: Machines proj-k8sw01 and proj-k8sw02 both have the address fd00::1; change one.",
			],
			"a hardware address that is taken, in small letters": [
				[
					machine({ networkDevices: [{ macAddress: "BC:24:11:00:00:01" }] }),
					machine({ networkDevices: [{ macAddress: "bc:24:11:00:00:01" }] }, "proj-k8sw02"),
				],
				"proj-k8sw02: Machines proj-k8sw01 and proj-k8sw02 both have the hardware address BC:24:11:00:00:01; change one.",
			],
			"a name that is taken, in other letters": [
				[machine({ name: "proj-k8sw01" }), machine({ name: "Proj-K8sw01" }, "proj-k8sw02")],
				"proj-k8sw02: Machines proj-k8sw01 and proj-k8sw02 both have the name proj-k8sw01; change one.",
			],
			"a hardware address that is taken": [
				[
					machine({ networkDevices: [{ macAddress: "BC:24:11:00:00:01" }] }),
					machine({ networkDevices: [{ macAddress: "BC:24:11:00:00:01" }] }, "proj-k8sw02"),
				],
				"proj-k8sw02: Machines proj-k8sw01 and proj-k8sw02 both have the hardware address BC:24:11:00:00:01; change one.",
			],
		},
	},
	"vm-network": {
		accepts: {
			"an interface in a VLAN behind the firewall": machine({ networkDevices: [{ vlanId: 20, firewall: true }] }),
			"an interface without a VLAN behind the firewall": machine({ networkDevices: [{ firewall: true }] }),
		},
		refuses: {
			"an interface in further VLANs": [
				machine({ networkDevices: [{ vlanId: 20, trunks: "1;2;3", firewall: true }] }),
				"Machine proj-k8sw01 has the trunks 1;2;3 on network device 0; remove them.",
			],
			"an interface without the flag": [
				machine({ networkDevices: [{ vlanId: 20 }] }),
				"Machine proj-k8sw01 has no firewall on network device 0; set firewall: true.",
			],
		},
	},
	"vm-one-network": {
		accepts: {
			"one VLAN": ["proj-k8sw01", "proj-k8sw02"].map((name) =>
				machine({ networkDevices: [{ bridge: "vmbr0", vlanId: 20 }] }, name),
			),
			"no VLAN at all": ["proj-k8sw01", "proj-k8sw02"].map((name) =>
				machine({ networkDevices: [{ bridge: "vmbr0" }] }, name),
			),
		},
		refuses: {
			"a second interface without a VLAN": [
				machine({ networkDevices: [{ bridge: "vmbr0", vlanId: 20 }, { bridge: "vmbr0" }] }),
				"proj-k8sw01: Machine proj-k8sw01 is on bridge vmbr0 without a VLAN by network device 1, and others are on bridge vmbr0 with VLAN 20; remove it: network.bridge and network.vlan hold for every machine.",
			],
			"a machine on another bridge": [
				[
					machine({ networkDevices: [{ bridge: "vmbr0", vlanId: 20 }] }),
					machine({ networkDevices: [{ bridge: "vmbr1", vlanId: 20 }] }, "proj-k8sw02"),
				],
				"proj-k8sw02: Machine proj-k8sw02 is on bridge vmbr1 with VLAN 20 by network device 0, and others are on bridge vmbr0 with VLAN 20; remove it: network.bridge and network.vlan hold for every machine.",
			],
		},
	},
	"vm-firewall": {
		accepts: {
			"a filter that drops": [machine({}), firewall("proj-k8sw01", { enabled: true, inputPolicy: "DROP" })],
			"a filter without an inputPolicy, which drops": [machine({}), firewall("proj-k8sw01", { enabled: true })],
			"a filter that rejects": [machine({}), firewall("proj-k8sw01", { enabled: true, inputPolicy: "REJECT" })],
			"a stack without machines": [],
			"rules with a source, a port, a macro, or a protocol that has no ports": firewallRules(
				{ source: "10.16.207.0/24,10.25.0.1,10.25.0.8-10.25.0.15" },
				{ source: "0.0.0.0/1", proto: "tcp" },
				{ source: "128.0.0.0/1", proto: "udp" },
				{ proto: "tcp", dport: "80,443" },
				{ macro: "SSH" },
				{ proto: "vrrp" },
				{ type: "out" },
				{ action: "DROP" },
				{ enabled: false },
			),
		},
		refuses: {
			"a rule without a limit": [
				firewallRules({ source: "10.16.207.0/24" }, {}),
				"proj-k8sw01-firewall-rules: proj-k8sw01-firewall-rules accepts every source at every port; give rule 1 a source or a dport.",
			],
			"a rule for every address at every port of a protocol": [
				firewallRules({ source: "10.0.0.0/8,0.0.0.0/0", proto: "tcp", dport: "1:1023,1024:65535" }),
				"proj-k8sw01-firewall-rules: proj-k8sw01-firewall-rules accepts every source at every port; give rule 0 a source or a dport.",
			],
			"a rule for every address in two halves": [
				firewallRules({ source: "0.0.0.0/1, 128.0.0.0/1" }),
				"proj-k8sw01-firewall-rules: proj-k8sw01-firewall-rules accepts every source at every port; give rule 0 a source or a dport.",
			],
			"a rule for every address as a range": [
				firewallRules({ source: "0.0.0.0-255.255.255.255" }),
				"proj-k8sw01-firewall-rules: proj-k8sw01-firewall-rules accepts every source at every port; give rule 0 a source or a dport.",
			],
			"a rule for every address of IPv6": [
				firewallRules({ source: "::/1,8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" }),
				"proj-k8sw01-firewall-rules: proj-k8sw01-firewall-rules accepts every source at every port; give rule 0 a source or a dport.",
			],
			"every address in two halves, in two rules": [
				firewallRules({ source: "128.0.0.0/1" }, { source: "0.0.0.0/1", proto: "tcp" }),
				"proj-k8sw01-firewall-rules: proj-k8sw01-firewall-rules accepts every source at every port by its rules together; give them narrower sources or a dport.",
			],
			"rules of a security group": [
				firewallRules({ securityGroup: "everybody" }),
				"proj-k8sw01-firewall-rules: proj-k8sw01-firewall-rules accepts the rules of a security group; write rule 0 out.",
			],
			"a machine without any": [
				machine({}),
				"proj-k8sw01: Machine proj-k8sw01 has no firewall options named proj-k8sw01-firewall-options; declare them.",
			],
			"options of another machine": [
				[machine({}), firewall("proj-k8sw02", { enabled: true })],
				"proj-k8sw01: Machine proj-k8sw01 has no firewall options named proj-k8sw01-firewall-options; declare them.",
			],
			"a filter that is off": [
				[machine({}), firewall("proj-k8sw01", { enabled: false, inputPolicy: "DROP" })],
				"proj-k8sw01: The firewall of machine proj-k8sw01 is off; set proxmox.firewall.enabled, and proxmox.firewall.adminCidrs (enabled: true in its options).",
			],
			"a filter without a setting, which is off": [
				[machine({}), firewall("proj-k8sw01", {})],
				"proj-k8sw01: The firewall of machine proj-k8sw01 is off; set proxmox.firewall.enabled, and proxmox.firewall.adminCidrs (enabled: true in its options).",
			],
			"a filter that accepts by default": [
				[machine({}), firewall("proj-k8sw01", { enabled: true, inputPolicy: "ACCEPT" })],
				"proj-k8sw01: The firewall of machine proj-k8sw01 has the inputPolicy ACCEPT; allowed are DROP and REJECT.",
			],
		},
	},
	"vm-no-password": {
		accepts: { "an account with a key": account({ username: "ops", keys: ["ssh-ed25519 AAAA"] }) },
		refuses: {
			"a password beside a key": [
				account({ username: "ops", keys: ["ssh-ed25519 AAAA"], password: "hunter2" }),
				"Machine proj-k8sw01 sets a password in cloud-init; remove it and give SSH keys.",
			],
			"a snippet on the host": [
				machine({ initialization: { userDataFileId: "local:snippets/user.yaml" } }),
				"Machine proj-k8sw01 takes its cloud-init from a file on the host; remove userDataFileId and give SSH keys.",
			],
			"a snippet of the vendor beside a key": [
				machine({
					initialization: {
						userAccount: { keys: ["ssh-ed25519 AAAA"] },
						vendorDataFileId: "local:snippets/vendor.yaml",
					},
				}),
				"Machine proj-k8sw01 takes its cloud-init from a file on the host; remove vendorDataFileId and give SSH keys.",
			],
			"a snippet with the network": [
				machine({ initialization: { networkDataFileId: "local:snippets/network.yaml" } }),
				"Machine proj-k8sw01 takes its cloud-init from a file on the host; remove networkDataFileId and give SSH keys.",
			],
		},
	},
	"vm-ssh-keys": {
		accepts: { "an account with a key": account({ keys: ["ssh-ed25519 AAAA"] }) },
		refuses: {
			"blank keys": [account({ keys: ["", " "] }), "Machine proj-k8sw01 has no SSH key in cloud-init; list one."],
			"an empty list": [account({ keys: [] }), "Machine proj-k8sw01 has no SSH key in cloud-init; list one."],
			"no cloud-init": [machine({}), "Machine proj-k8sw01 has no SSH key in cloud-init; list one."],
		},
	},
	"vm-image-checksum": {
		accepts: {
			"a SHA-256": download(image),
			"one in capitals": download({ ...image, checksum: "A".repeat(64) }),
			"a SHA-512, of the older resource": download(
				{ checksum: "a".repeat(128), checksumAlgorithm: "sha512" },
				"proxmoxve:download/fileLegacy:FileLegacy",
			),
			"an upload of the workstation's own file": upload({ path: "ubuntu.qcow2" }),
			"an upload of a file from elsewhere": upload({
				path: "https://images.example/ubuntu.qcow2",
				checksum: image.checksum,
			}),
		},
		refuses: {
			"a digest without its kind": [
				download({ checksum: image.checksum }),
				"Download subject has no SHA-2 digest; set checksum and checksumAlgorithm.",
			],
			"no digest, of the older resource": [
				download({}, "proxmoxve:download/fileLegacy:FileLegacy"),
				"Download subject has no SHA-2 digest; set checksum and checksumAlgorithm.",
			],
			"an upload of a file from elsewhere": [
				upload({ path: "https://images.example/ubuntu.qcow2" }),
				"Upload subject of a file from a URL has no digest; set sourceFile.checksum.",
			],
			"a digest of another length than its kind's": [
				download({ ...image, checksumAlgorithm: "sha512" }),
				"Download subject has no SHA-2 digest; set checksum and checksumAlgorithm.",
			],
			"an upload from elsewhere, in capitals": [
				upload({ path: "HTTPS://images.example/ubuntu.qcow2" }),
				"Upload subject of a file from a URL has no digest; set sourceFile.checksum.",
			],
			"an MD5": [
				download({ checksum: "a".repeat(32), checksumAlgorithm: "md5" }),
				"Download subject has no SHA-2 digest; set checksum and checksumAlgorithm.",
			],
		},
	},
	"vm-image-source": {
		accepts: {
			"an image that is downloaded to the host": [
				fetched("noble.qcow2"),
				disk({ importFrom: "local:import/noble.qcow2" }),
			],
			"a disk of nothing": disk({ size: 100 }),
			"an empty drive": machine({ cdrom: { fileId: "none" } }),
		},
		refuses: {
			"a file that lies on the host": [
				[fetched("noble.qcow2"), disk({ fileId: "local:import/other.qcow2" })],
				"proj-k8sw01: Machine proj-k8sw01 uses local:import/other.qcow2, which the program does not download to its host; import an image that it downloads.",
			],
			"an image that is downloaded to another host": [
				[fetched("noble.qcow2", "node02"), disk({ importFrom: "local:import/noble.qcow2" })],
				"proj-k8sw01: Machine proj-k8sw01 uses local:import/noble.qcow2, which the program does not download to its host; import an image that it downloads.",
			],
			"a CD that lies on the host": [
				machine({ cdrom: { fileId: "local:iso/live.iso" } }),
				"proj-k8sw01: Machine proj-k8sw01 uses local:iso/live.iso, which the program does not download to its host; import an image that it downloads.",
			],
		},
	},
	"vm-gpu-by-mapping": {
		accepts: { "a GPU by its mapping": machine(gpu) },
		refuses: {
			"a GPU by an argument of QEMU": [
				machine({ kvmArguments: "-device vfio-pci,host=01:00.0" }),
				"Machine proj-k8sw01 passes a device through by kvmArguments; name a resource mapping instead.",
			],
			"a GPU by its PCI id": [
				machine({ hostpcis: [{ device: "hostpci0", id: "0000:0b:00" }] }),
				"Machine proj-k8sw01 passes hostpci0 through by PCI id; name a resource mapping instead.",
			],
		},
	},
	"vm-firmware": {
		accepts: {
			"a machine with a GPU": machine({ ...gpu, ...firmware }),
			"a machine without a GPU on other firmware": machine({ bios: "seabios", hostpcis: [] }),
		},
		refuses: {
			"enrolled keys": [
				machine({ ...gpu, ...firmware, efiDisk: { type: "4m", preEnrolledKeys: true } }),
				"Machine proj-k8sw01 has a GPU, but efiDisk.preEnrolledKeys is on.",
			],
			"the defaults of Proxmox": [
				machine(gpu),
				"Machine proj-k8sw01 has a GPU, but machine is not q35, bios is not ovmf, efiDisk.type is not 4m.",
			],
		},
	},
	"vm-fixed-memory": {
		accepts: {
			"no balloon": machine({ memory: { dedicated: 8192, floating: 0 } }),
			"memory without a setting, which has no balloon": machine({ memory: { dedicated: 8192 } }),
		},
		refuses: {
			"a balloon of all the memory": [
				machine({ memory: { dedicated: 8192, floating: 8192 } }),
				"Machine proj-k8sw01 has memory.floating 8192; the only allowed value is 0.",
			],
		},
	},
	"vm-processor": {
		accepts: {
			"the host's own": machine({ cpu: { type: "host", cores: 8 } }),
			"a further flag": machine({ cpu: { type: "host", flags: ["+pdpe1gb"] } }),
		},
		refuses: {
			"a model": [
				machine({ cpu: { type: "x86-64-v2-AES" } }),
				"Machine proj-k8sw01 has the processor x86-64-v2-AES; the only allowed cpu.type is host.",
			],
			"the default of the provider": [
				machine({}),
				"Machine proj-k8sw01 has the processor qemu64; the only allowed cpu.type is host.",
			],
			"a mitigation that is switched off": [
				machine({ cpu: { type: "host", flags: ["-spec-ctrl", "+aes"] } }),
				"Machine proj-k8sw01 hides -spec-ctrl of its processor; remove it from cpu.flags.",
			],
		},
	},
	"vm-autostart": {
		accepts: {
			"a machine that starts": machine({ onBoot: true }),
			"a machine without the settings, which starts": machine({}),
		},
		refuses: {
			"a machine that stays off": [
				machine({ onBoot: false }),
				"Machine proj-k8sw01 does not start with its host; set onBoot: true.",
			],
			"a machine that is switched off": [
				machine({ started: false }),
				"Machine proj-k8sw01 is declared as switched off; set started: true.",
			],
		},
	},
};
