/** All switches of a stack file off, on, off and on again on one cluster. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { errors, only } from "./support/scenario.ts";

/** One server, one worker with a GPU and two without. A drain without another worker waits for the disruption budgets. */
const machines = only("proj-k8sm01", "proj-k8sw01", "proj-k8sw02", "proj-k8sw04");
const group = "44444444-0000-0000-0000-444444444444";
const features = {
	cluster: {
		etcdSnapshots: { s3: { endpoint: "s3.internal:9000", bucket: "rke2-etcd-backups" } },
		etcdMetrics: true,
		registries: { mirrors: { "docker.io": { endpoints: ["https://harbor.lab.internal"] } } },
		proxy: { url: "http://proxy.lab.internal:3128" },
		kernel: { settings: { "net.ipv4.ip_local_port_range": "20000 60999" } },
	},
	access: {
		oidc: {
			issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
			clientId: "99999999-8888-7777-6666-555555555555",
		},
		clusterAdministrators: [group],
		clusterReaders: [group],
		namespaces: { ollama: { administrators: [group], editors: [group] } },
	},
	proxmox: {
		pool: "rke2",
		backup: { storage: "pbs", retention: { keepDaily: 7 } },
		highAvailability: true,
		firewall: { enabled: true, adminCidrs: ["10.25.10.0/24"], clientCidrs: ["10.25.0.0/16"] },
		protectControlPlanes: true,
		startOrder: true,
	},
	network: { timeServers: ["10.25.10.2"] },
	ssh: { hostKeySource: "guest-agent" },
	platform: {
		traefik: { exposure: "loadBalancer", trustedProxies: ["10.25.10.0/24"] },
		certManager: { issuer: "staging" },
		metallb: { announce: true },
		gpuOperator: { smokeTest: { image: `registry.internal/vectoradd:1.0@sha256:${"a".repeat(64)}` } },
	},
};

/** Merge patch that removes the features, so that the values of the stack file remain. */
const off = {
	cluster: { etcdSnapshots: { s3: null }, etcdMetrics: null, registries: null, proxy: null, kernel: null },
	access: null,
	proxmox: {
		pool: null,
		backup: null,
		highAvailability: null,
		firewall: null,
		protectControlPlanes: false,
		startOrder: null,
	},
	network: { timeServers: null },
	ssh: { hostKeySource: null },
	nodes: { "proj-k8sw04": { gpu: { timeSlices: null } } },
	platform: {
		traefik: { exposure: null, trustedProxies: null },
		certManager: { issuer: null },
		metallb: { announce: null },
		gpuOperator: { smokeTest: null },
	},
};

const lastingTypes = ["proxmoxve:index/vmLegacy:VmLegacy", "pulumi:providers:proxmoxve", "pulumi:providers:kubernetes"];

describe("every feature", () => {
	let rehearsal: Rehearsal;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-switches",
			stack: "lab",
			// The token has the privileges for all features. Only the program's configuration differs between the steps.
			change: {
				...features,
				nodes: { ...machines, "proj-k8sw04": { gpu: { timeSlices: 4 } } },
				gpus: { "gtx-1660-ti": null },
				proxmox: { ...features.proxmox, version: 9, sharedVmDatastore: true },
				platform: { ...features.platform, metallb: { announce: true, pool: ["10.25.20.30-10.25.20.31"] } },
			},
			say: () => undefined,
		});
		expect(errors(await rehearsal.up(off))).toEqual([]);
	});

	afterAll(async () => {
		await rehearsal?.close();
	});

	test.each([
		["on", undefined],
		["off", off],
		["on again", undefined],
	])("no machine and no provider is replaced, and a preview is empty, when all are %s", async (_, change) => {
		const up = await rehearsal.up(change);
		expect(errors(up)).toEqual([]);
		const lasting = up.steps.filter(({ type }) => lastingTypes.includes(type));
		expect(lasting.filter(({ operation }) => !["same", "update"].includes(operation))).toEqual([]);
		const counts = lastingTypes.map((type) => lasting.filter((step) => step.type === type).length);
		expect(counts).toEqual([4, 1, 1]);
		expect(changeCount(await rehearsal.preview(change))).toBe(0);
	});

	test("the cluster is as the stack file requires", async () => {
		const { problems } = await rehearsal.verify();
		expect(problems).toEqual([]);
	});
});
