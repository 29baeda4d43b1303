/** `npm run doctor` on a workstation in the nodes' network: it finds nothing on a healthy datacenter, and each planted fault. */
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import type { Grant } from "../../src/proxmox/privileges.ts";
import { type Case, doctor, gpu, grants, healthy, host, node02, publishers, token } from "./support/doctor-clinic.ts";
import { type DoctorLab, labAddress } from "./support/doctor-lab.ts";

const without = (name: string) =>
	host("node01", { storages: host("node01").storages.filter((one) => one.name !== name) });
const withContent = (name: string, content: "iso" | "backup") =>
	host("node01", {
		storages: host("node01").storages.map((one) => (one.name === name ? { ...one, content: [content] } : one)),
	});

const withGrants = (change: (grant: Grant) => Grant): Partial<DoctorLab> => ({
	tokens: [{ ...token, userAcl: grants.map(change) }],
});

test.concurrent("the doctor finds nothing on a healthy datacenter, and says what it examined", async () => {
	const { status, findings, text } = await doctor({});
	expect(findings).toEqual([]);
	expect(text.split("\n")).toEqual([
		"ok         programs and settings that `up` needs here",
		"ok         secrets of the stack file",
		"ok         name, certificate and answer of the Proxmox API, token, version",
		"ok         privileges of the token",
		"ok         hosts of Proxmox, and their memory",
		"ok         storages, their contents and their room",
		"ok         resource mappings of GPUs",
		"ok         bridge of the nodes' network",
		"ok         VM ids",
		"ok         image and RKE2, and their digests",
		"ok         names of the Kubernetes API",
		"ok         way to the nodes' network, and addresses that are in use",
		"./Pulumi.clinic.yaml: nothing keeps a first `up` from working (warnings: 0, unchecked: 0).",
		"",
	]);
	expect(status).toBe(0);
});

describe.concurrent("the doctor finds one planted fault, and nothing else:", () => {
	const faults: Record<string, [planted: Case, part: Finding["part"], wrong: string | RegExp, kind?: Finding["kind"]]> =
		{
			"a name that DNS does not have": [
				{ stack: { proxmox: { endpoint: "https://pve.lab.internal:8006/" } } },
				"connection",
				/^proxmox\.endpoint: the name pve\.lab\.internal cannot be resolved here \((ENOTFOUND|EAI_AGAIN)\)$/,
			],
			"a port that nothing listens on": [
				{ stack: { proxmox: { endpoint: `https://${labAddress}:8007/` } } },
				"connection",
				`proxmox.endpoint: no connection to https://${labAddress}:8007/ (ECONNREFUSED)`,
			],
			"an authority that the workstation does not trust": [
				{ environment: { SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" } },
				"connection",
				`proxmox.endpoint: this workstation does not trust the authority that signed the certificate of ${labAddress}`,
			],
			"a certificate for another name": [
				{ lab: { certificateName: "10.16.207.99" } },
				"connection",
				`proxmox.endpoint: ${labAddress} is not a name in the certificate (IP: ${labAddress} is not in the cert's list: 10.16.207.99)`,
			],
			"a certificate that has expired": [
				{ labEnvironment: { CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS: "-1" } },
				"connection",
				`proxmox.endpoint: the certificate of ${labAddress} has expired, by the clock here`,
			],
			"a token that does not exist": [
				{ environment: { PROXMOX_API_TOKEN: `pulumi@pve!rke2=${token.secret}` } },
				"connection",
				"Proxmox does not accept the token (no such token 'pulumi@pve!rke2')",
			],
			"a token with another secret": [
				{ environment: { PROXMOX_API_TOKEN: `${token.id}=11111111-1111-1111-1111-111111111111` } },
				"connection",
				"Proxmox does not accept the token (invalid token value!)",
			],
			"another major version": [
				{ lab: { version: 8 } },
				"connection",
				`proxmox.version is 9, and ${labAddress} runs Proxmox VE 8.4.5`,
			],
			"a privilege that the token lacks": [
				{
					lab: withGrants((grant) => ({
						...grant,
						privileges: grant.privileges.filter((privilege) => privilege !== "VM.Config.Disk"),
					})),
				},
				"privileges",
				"The token lacks VM.Config.Disk on /vms",
			],
			"privileges that are not propagated": [
				{ lab: withGrants((grant) => (grant.path === "/vms" ? { ...grant, propagate: false } : grant)) },
				"privileges",
				/^The token has VM\.Allocate, .*, VM\.PowerMgmt on \/vms without the paths below it$/,
			],
			"a host that Proxmox does not know": [
				{ stack: { proxmox: { hosts: { node03: { cpus: 8, memoryGiB: 32 } } } } },
				"hosts",
				"proxmox.hosts.node03 is not a host of this Proxmox cluster",
			],
			"a host that is down": [
				{ lab: { hosts: [host("node01", { offline: true }), node02], guests: [] } },
				"hosts",
				"proxmox.hosts.node01 is offline",
			],
			"a host without room": [
				{ lab: { guests: [{ vmid: 100, host: "node01", name: "database", memoryMiB: 60 * 1024 }] } },
				"hosts",
				"proxmox.hosts.node01: the nodes need 8 GiB of memory, and running VMs (100) may use 60 of its 64 GiB",
				"warning",
			],
			"a storage that a host does not have": [
				{ lab: { hosts: [without("local-lvm"), node02], guests: [] } },
				"storages",
				"proxmox.vmDatastore: the storage local-lvm on node01 cannot be used (storage 'local-lvm' is not available on node 'node01')",
			],
			"a storage for images without the content type import": [
				{ lab: { hosts: [withContent("local", "iso"), node02] } },
				"storages",
				"proxmox.imageDatastore: the storage local does not take the content type import, but iso",
			],
			"a storage for disks without the content type images": [
				{ lab: { hosts: [withContent("local-lvm", "backup"), node02], guests: [] } },
				"storages",
				"proxmox.vmDatastore: the storage local-lvm does not take the content type images, but backup",
			],
			"a storage without room": [
				{ stack: { nodes: { beta: { dataDiskGiB: 600 } } } },
				"storages",
				"proxmox.dataDatastore: the storage tank on node02 has 500 GiB left, and the new disks may take 600 GiB",
				"warning",
			],
			"a resource mapping that is missing": [
				{ lab: { mappings: [] } },
				"gpus",
				"gpus.rtx-a4000: Proxmox has no resource mapping of this name",
			],
			"a resource mapping of a card that is not there": [
				{ lab: { hosts: [host("node01"), host("node02", { pciDevices: [{ ...gpu, iommuGroup: 22 }] })] } },
				"gpus",
				"gpus.rtx-a4000: the resource mapping does not fit node02 (Invalid configuration: 'iommugroup' does not match for 'rtx-a4000' (22 != 21))",
			],
			"a bridge that a host does not have": [
				{ lab: { hosts: [host("node01", { bridges: ["vmbr0"] }), node02] } },
				"bridges",
				"network.bridge: node01 has no bridge vmbr1 that the token may use",
			],
			"a VM id that is taken": [
				{ lab: { guests: [{ vmid: 104, host: "node02", name: "mail", memoryMiB: 1024 }] } },
				"machines",
				"nodes.alpha.vmId: 104 already belongs to mail on node02",
			],
			"an image with another digest": [
				{ lab: { published: { ...healthy.published, "/SHA256SUMS": `${"0".repeat(64)} *debian.qcow2\n` } } },
				"downloads",
				`proxmox.image.sha256 is abababababab..., and ${publishers}/SHA256SUMS says 000000000000...`,
			],
			"a release of RKE2 with another digest": [
				{ stack: { cluster: { artifacts: { sha256: "ef".repeat(32) } } } },
				"downloads",
				`cluster.artifacts.sha256 is efefefefefef..., and ${publishers}/rke2/v1.35.7%2Brke2r1/sha256sum-amd64.txt says cdcdcdcdcdcd...`,
			],
			"a node's address that another machine has": [
				{ neighbours: ["10.25.20.10"] },
				"addresses",
				/^nodes\.beta\.address: 10\.25\.20\.10 is in use by the machine with the MAC address ([0-9a-f]{2}:){5}[0-9a-f]{2}$/,
			],
			"the API's address that another machine has": [
				{ neighbours: ["10.25.20.29"] },
				"addresses",
				/^cluster\.api\.address: 10\.25\.20\.29 is in use by the machine with the MAC address/,
			],
			"a gateway that is not there": [
				{ stack: { network: { gateway: "10.25.20.254" } } },
				"addresses",
				"network.gateway: nothing has the address 10.25.20.254 in 10.25.20.0/24",
				"warning",
			],
			"a network that the workstation has no route to": [
				{
					stack: {
						cluster: { api: { address: "10.25.30.29" } },
						network: { cidr: "10.25.30.0/24", gateway: "10.25.30.1" },
						nodes: { alpha: { address: "10.25.30.4" }, beta: { address: "10.25.30.10" } },
					},
				},
				"addresses",
				"network.cidr: this workstation has no route to 10.25.30.0/24, so it reaches neither the nodes nor the Kubernetes API",
			],
			"an API name that DNS does not have": [
				{ stack: { cluster: { api: { mode: "dns", address: null } } } },
				"names",
				"cluster.api.hostname: api.lab.internal resolves to nothing here, and lacks 10.25.20.4",
			],
			"a secret that is not set": [
				{ secrets: { proxmoxApiToken: { secure: "v1:x" } } },
				"secrets",
				"clusterToken is not in the stack file",
			],
			"a variable that changes the provider": [
				{ environment: { PROXMOX_VE_INSECURE: "true" } },
				"workstation",
				"PROXMOX_VE_INSECURE: set here, which the Proxmox provider uses beside the stack file",
			],
		};

	test.each(Object.keys(faults))("%s", async (name) => {
		const [planted, part, wrong, kind = "mistake"] = faults[name]!;
		const { status, findings, text } = await doctor(planted);
		// Without an answer of Proxmox, the machines that have the addresses may be the nodes of an earlier `up`.
		const answers = part !== "connection" || name === "another major version";
		const unknown = { part: "addresses", kind: "unchecked", wrong: expect.stringMatching(/^nodes\.<name>\.address: /) };
		expect(findings).toEqual([
			{ part, kind, wrong: typeof wrong === "string" ? wrong : expect.stringMatching(wrong), mend: expect.any(String) },
			...(answers ? [] : [expect.objectContaining(unknown)]),
		]);
		const [found] = findings;
		expect(text).toContain(`${(kind === "mistake" ? "wrong" : kind).padEnd(9)}  ${found!.wrong}: ${found!.mend}.
`);
		expect(text).not.toContain(token.secret);
		expect(status).toBe(kind === "mistake" ? 1 : 0);
	});

	test("an image that a host cannot download", async () => {
		const { status, findings } = await doctor({ lab: { catalogue: [] } });
		expect(findings.map(({ wrong }) => wrong)).toEqual(
			["node01", "node02"].map(
				(name) =>
					`proxmox.image.url: ${name} cannot download ${publishers}/debian.qcow2 (invalid server response: '404 Not Found')`,
			),
		);
		expect(status).toBe(1);
	});
});

test.concurrent("the doctor finds every fault at once", async () => {
	const { findings } = await doctor({
		lab: { mappings: [], hosts: [host("node01", { bridges: ["vmbr0"] }), node02], version: 8 },
		neighbours: ["10.25.20.4"],
	});
	expect(findings.map(({ part }) => part)).toEqual(["connection", "gpus", "bridges", "addresses"]);
});
