/** Messages about settings that are allowed, but not recommended. */
import { expect, test } from "vitest";
import { policyPackWarnings } from "../../../../src/config/checks/policy-pack.ts";
import { warnings } from "../../../../src/config/checks/warnings.ts";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { certificate } from "../../../fixtures/certificates.ts";
import { labValues } from "../../../fixtures/lab.ts";

/** Without the lab's own warnings about memory and disks of its hosts. */
function warningsOf(change: object): string[] {
	const { value, problems } = parseStack(labValues(change));
	expect(problems).toEqual([]);
	return warnings(value!)
		.filter(({ key }) => !/^proxmox\.hosts\.\w+\.(memoryGiB|diskGiB)$/.test(key))
		.map(({ key, message }) => `${key}: ${message}`);
}

const server = (index: number, host: string) => ({
	role: "control-plane",
	host,
	vmId: 200 + index,
	address: `10.25.20.${50 + index}`,
	cpus: 2,
	memoryGiB: 4,
	diskGiB: 40,
});
const without = { "proj-k8sm01": null, "proj-k8sm02": null, "proj-k8sm03": null };
const servers = (hosts: string[]) => ({
	...without,
	...Object.fromEntries(hosts.map((host, index) => [`server${index}`, server(index, host)])),
});
const roomy = { cpus: 64, memoryGiB: 512 };

test("warnings reports only the size of the hosts for the lab's own stack file", () => {
	expect(warningsOf({})).toEqual([]);
});

test("warnings reports VMs below the requirements of RKE2 and below its sizing guide", () => {
	const nodes = {
		"proj-k8sm01": { memoryGiB: 3, diskGiB: 19 },
		"proj-k8sw01": { cpus: 1, memoryGiB: 1 },
	};
	expect(warningsOf({ nodes })).toEqual([
		"nodes.proj-k8sm01.memoryGiB: has 3 GiB of memory and is less than the 4 that RKE2 requires (https://docs.rke2.io/install/requirements).",
		"nodes.proj-k8sm01.diskGiB: has 19 GiB of system disk and is less than the 20 that RKE2's sizing guide measures with (https://docs.rke2.io/install/requirements).",
		"nodes.proj-k8sw01.cpus: has 1 CPUs and is less than the 2 that RKE2 requires (https://docs.rke2.io/install/requirements).",
		"nodes.proj-k8sw01.memoryGiB: has 1 GiB of memory and is less than the 4 that RKE2 requires (https://docs.rke2.io/install/requirements).",
	]);
});

test("warnings reports control planes that are too small for the number of workers", () => {
	const worker = (index: number) => ({
		...{ role: "worker", host: "node04", vmId: 1000 + index, cpus: 2, memoryGiB: 4, diskGiB: 20 },
		address: `10.25.${24 + Math.floor(index / 256)}.${index % 256}`,
	});
	const workers = Array.from({ length: 240 }, (_, index) => [`worker${index}`, worker(index + 10)]);
	const small = { cpus: 2, memoryGiB: 4 };
	const nodes = { ...Object.fromEntries(workers), "proj-k8sm01": small, "proj-k8sm02": small, "proj-k8sm03": small };
	const hosts = { node04: { cpus: 1024, memoryGiB: 4096, diskGiB: 20_000 } };
	const cluster = { registries: { mirrors: { "*": { endpoints: ["https://harbor.lab.internal"] } } } };
	expect(warningsOf({ cluster, proxmox: { hosts }, network: { cidr: "10.25.16.0/20" }, nodes })).toEqual([
		"nodes: has 245 workers and control planes of 2 CPUs and 4 GiB; RKE2's sizing guide gives each 4 CPUs and 8 GiB for up to 450 workers (https://docs.rke2.io/install/requirements).",
	]);
});

test("warnings reports more nameservers than a resolver uses", () => {
	const nameservers = ["10.25.20.3", "10.25.10.3", "1.1.1.1", "8.8.8.8", "9.9.9.9"];
	expect(warningsOf({ network: { nameservers } })).toEqual([
		"network.nameservers: names 5, and a resolver asks the first 3; pods never ask 8.8.8.8, 9.9.9.9.",
	]);
});

test("warnings reports registries that a closed network does not reach, each with its images", () => {
	const mirrors = "cluster.registries.mirrors";
	const inside = { registries: { systemDefault: "harbor.lab.internal" } };
	const rest = (closed: string) => [
		`${mirrors}: has no entry for ghcr.io, and ${closed} means that the network is closed: the images of kube-vip come from there. Add ghcr.io or \`*\`, or set cluster.proxy when the network has a proxy.`,
		`${mirrors}: has no entry for docker.io, and ${closed} means that the network is closed: the images of Traefik come from there. Add docker.io or \`*\`, or set cluster.proxy when the network has a proxy.`,
		`${mirrors}: has no entry for quay.io, and ${closed} means that the network is closed: the images of cert-manager, MetalLB and FRR come from there. Add quay.io or \`*\`, or set cluster.proxy when the network has a proxy.`,
		`${mirrors}: has no entry for nvcr.io, and ${closed} means that the network is closed: the images of the GPU Operator and the driver come from there. Add nvcr.io or \`*\`, or set cluster.proxy when the network has a proxy.`,
		`${mirrors}: has no entry for registry.k8s.io, and ${closed} means that the network is closed: the images of node feature discovery come from there. Add registry.k8s.io or \`*\`, or set cluster.proxy when the network has a proxy.`,
	];
	expect(warningsOf({ cluster: inside })).toEqual(rest("cluster.registries.systemDefault"));
	const own = { chartMirror: "https://charts.lab.internal" };
	expect(warningsOf({ platform: own })).toHaveLength(5);
	const endpoints = ["https://harbor.lab.internal"];
	const ghcr = { ...inside.registries, mirrors: { "ghcr.io": { endpoints } } };
	expect(warningsOf({ cluster: { registries: ghcr } })).toEqual(rest("cluster.registries.systemDefault").slice(1));
	const all = { ...inside.registries, mirrors: { "*": { endpoints } } };
	expect(warningsOf({ cluster: { registries: all } })).toEqual([]);
	const less = { metallb: null, gpuOperator: null };
	const cards = { "proj-k8sw04": { gpu: null }, "proj-k8sw05": { gpu: null } };
	expect(warningsOf({ cluster: inside, platform: less, gpus: null, nodes: cards })).toEqual(
		rest("cluster.registries.systemDefault")
			.slice(0, 3)
			.map((text) => text.replace(", MetalLB and FRR", "")),
	);
	expect(warningsOf({ cluster: { ...inside, proxy: { url: "http://proxy.lab.internal:3128" } } })).toEqual([]);
});

test("warnings reports the registry of the smoke test's image", () => {
	const image = `registry.example.net/cuda:1.0.0@sha256:${"a".repeat(64)}`;
	const platform = { chartMirror: "https://charts.lab.internal", gpuOperator: { smokeTest: { image } } };
	expect(warningsOf({ platform })).toContainEqual(
		expect.stringContaining(
			"registry.example.net, and platform.chartMirror means that the network is closed: the images of the smoke test",
		),
	);
});

test("warnings reports more pulls than Docker Hub allows in six hours", () => {
	const worker = (index: number) => ({
		...{ role: "worker", host: "node04", vmId: 1000 + index, cpus: 2, memoryGiB: 4, diskGiB: 20 },
		address: `10.25.20.${100 + index}`,
	});
	const workers = Array.from({ length: 8 }, (_, index) => [`worker${index}`, worker(index)]);
	const hosts = { node04: { cpus: 1024, memoryGiB: 4096 } };
	const larger = { proxmox: { hosts }, nodes: Object.fromEntries(workers) };
	const said =
		"cluster.registries.mirrors: has no entry for docker.io, from which an installation pulls about 105 images; Docker Hub allows an address 100 pulls in six hours without a login. Add a mirror, or docker.io to registryCredentials.";
	expect(warningsOf(larger)).toEqual([said]);
	const mirrors = { "docker.io": { endpoints: ["https://harbor.lab.internal"] } };
	expect(warningsOf({ ...larger, cluster: { registries: { mirrors } } })).toEqual([]);
});

test("warnings reports a single control plane", () => {
	expect(warningsOf({ nodes: servers(["node01"]) })).toEqual([
		"nodes: has one control plane: the API is down whenever it is, and losing its disk loses everything since the last off-site snapshot; three control planes tolerate the loss of one.",
	]);
});

test("warnings reports more control planes than etcd recommends", () => {
	const hosts = Object.fromEntries(["node01", "node02", "node03", "node04", "node05"].map((name) => [name, roomy]));
	const nine = Array.from({ length: 9 }, (_, index) => `node0${1 + (index % 5)}`);
	expect(warningsOf({ proxmox: { hosts }, nodes: servers(nine) })).toEqual([
		"nodes: has 9 control planes: etcd recommends 7 at most, because each write waits for more than half of them; make the others workers.",
	]);
});

test("warnings reports a host with the majority of etcd: two of three control planes, and all of them", () => {
	const two = { node04: roomy, node05: roomy, node01: null, node02: null, node03: null };
	const workers = { "proj-k8sw01": null, "proj-k8sw02": null, "proj-k8sw03": null };
	const spare = { spare: { ...server(9, "node04"), role: "worker" } };
	expect(
		warningsOf({
			proxmox: { hosts: two },
			nodes: { ...workers, ...spare, ...servers(["node04", "node04", "node05"]) },
		}),
	).toEqual([
		"proxmox.hosts.node04: runs 2 of 3 control planes (server0, server1), and etcd tolerates the loss of 1: when this host fails, the whole API fails; spread them over three hosts or more.",
	]);
	const one = { ...two, node05: null };
	expect(
		warningsOf({
			proxmox: { hosts: one },
			gpus: { "gtx-1660-ti": null },
			nodes: { ...workers, "proj-k8sw05": null, ...spare, ...servers(["node04", "node04", "node04"]) },
		}),
	).toEqual([
		"proxmox.hosts.node04: runs 3 of 3 control planes (server0, server1, server2), and etcd tolerates the loss of 1: when this host fails, the whole API fails; spread them over three hosts or more.",
	]);
});

test("warnings reports nothing about five control planes on four hosts", () => {
	const hosts = Object.fromEntries(["node01", "node02", "node03", "node04"].map((name) => [name, roomy]));
	expect(
		warningsOf({
			proxmox: { hosts: { ...hosts, node05: null } },
			gpus: { "gtx-1660-ti": null },
			nodes: { ...servers(["node01", "node02", "node03", "node04", "node01"]), "proj-k8sw05": null },
		}),
	).toEqual([]);
});

test("warnings reports a firewall without client networks", () => {
	const firewall = { enabled: true, adminCidrs: ["10.25.10.0/24"] };
	expect(warningsOf({ proxmox: { firewall } })).toEqual([
		"proxmox.firewall.clientCidrs: names no network, and the firewall is on: only the nodes reach the ingress.",
	]);
	expect(warningsOf({ proxmox: { firewall: { ...firewall, clientCidrs: ["10.25.0.0/16"] } } })).toEqual([]);
});

const day = 24 * 60 * 60 * 1000;
const from = (days: number) => new Date(Date.now() + days * day);
const dated = (name: string, notBefore: number, notAfter: number, ca = true) =>
	certificate({ name, notBefore: from(notBefore), notAfter: from(notAfter), ca });
const trusting = (pem: string) => ({ cluster: { registries: { authorities: { "harbor.lab.internal": pem } } } });
const key = "cluster.registries.authorities.harbor.lab.internal";
const iso = (days: number) => from(days).toISOString().slice(0, 10);

test("an authority out of its validity is refused, and one beside its successor gets a warning", async () => {
	const old = await dated("old", -20, -10);
	const next = await dated("next", 10, 400);
	const present = await dated("present", -1, 400);
	const refused = (pem: string) => parseStack(labValues(trusting(pem))).problems;
	expect(refused(old)).toEqual([
		{ key, message: `the certificate of CN=old expired on ${iso(-10)}; no server can be verified with it.` },
	]);
	expect(refused(old + next)).toEqual([
		{
			key,
			message: `the certificate of CN=old expired on ${iso(-10)}, and the certificate of CN=next is valid from ${iso(10)}; no server can be verified with it.`,
		},
	]);
	expect(warningsOf(trusting(old + present))).toEqual([`${key}: the certificate of CN=old expired on ${iso(-10)}.`]);
	expect(warningsOf(trusting(present))).toEqual([]);
});

test("warnings reports an authority that expires soon, and a certificate that is not an authority", async () => {
	expect(warningsOf(trusting(await dated("ending", -1, 20)))).toEqual([
		`${key}: the certificate of CN=ending expires on ${iso(20)}; add its successor before that day.`,
	]);
	expect(warningsOf(trusting(await dated("harbor", -1, 400, false)))).toEqual([
		`${key}: the certificate of CN=harbor is not that of an authority: it verifies only the server that has this very certificate, until that server gets another one.`,
	]);
});

test("a server without TLS outside private networks needs an exception of the policy pack", () => {
	const { cluster, network } = {
		cluster: {
			registries: {
				mirrors: {
					"docker.io": { endpoints: ["http://cache.radioastronomy.io:5000", "http://cache.lab.internal:5000"] },
				},
			},
		},
		network: { plainHttp: ["cache.radioastronomy.io:5000", "cache.lab.internal:5000"] },
	};
	const { value } = parseStack(labValues({ cluster, network }));
	const found = policyPackWarnings(value!)
		.filter(({ message }) => message.includes("program-known-resources"))
		.map(({ key, message }) => `${key}: ${message}`);
	expect(found).toEqual([
		"cluster.registries.mirrors.docker.io.endpoints.0: http://cache.radioastronomy.io:5000 has no TLS, and its host is not one of a private network; the policy program-known-resources requires an exception for the resource that has it (docs/compliance/README.md).",
	]);
});
