/** Each exposure on one cluster, one after the other, and the addresses that MetalLB assigns while it announces. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chartDoubles, packageCharts } from "../../rehearsal/doubles/network/chart-repository.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { type Side, upAsReviewed } from "./support/as-reviewed.ts";
import { errors, eventually, only, without } from "./support/scenario.ts";

// One worker is enough, because Traefik's pods do not run on servers.
// The nodes cannot announce the pool of the stack file.
const pool = ["10.25.20.30-10.25.20.32"];
const announced = { metallb: { announce: true } };
const exposed = (exposure: string, more: object = {}) => ({ platform: { traefik: { exposure }, ...more } });

const onHostPorts = { type: "ClusterIP", externalTrafficPolicy: undefined, nodePorts: [], hostPorts: [80, 443, 9111] };
const onNodePorts = {
	type: "NodePort",
	externalTrafficPolicy: "Local",
	nodePorts: [30080, 30443],
	hostPorts: [9111],
};

describe("a cluster of two machines", () => {
	let rehearsal: Rehearsal;

	let before: Side = { change: {} };

	/** Changes the stack as its review says, and expects no replacement and an empty preview. */
	async function change(to: Record<string, unknown>): Promise<void> {
		const result = await upAsReviewed(rehearsal, before, { change: to });
		before = { change: to };
		expect(result.changes).toMatchObject({ replace: 0 });
		expect(changeCount(await rehearsal.preview(to))).toBe(0);
	}

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-exposure",
			stack: "lab",
			policies: false,
			change: {
				nodes: only("proj-k8sm01", "proj-k8sw01"),
				gpus: { "rtx-a4000": null, "gtx-1660-ti": null },
				// Allows a load balancer in a namespace.
				platform: {
					...without("gpuOperator"),
					metallb: { pool },
					namespaces: { openwebui: { services: ["LoadBalancer"] } },
				},
			},
			say: () => undefined,
		});
		expect(errors(await rehearsal.up())).toEqual([]);
		await rehearsal.kubectl("create", "service", "loadbalancer", "outside", "--tcp=80", "-n", "openwebui");
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test("a load balancer waits, and Traefik has ports 80 and 443 of the workers, when nothing is announced", async () => {
		await refused("outside");
		expect(await traefik(rehearsal)).toEqual(onHostPorts);
		expect(await addresses(rehearsal)).toEqual([]);
		expect(await rehearsal.kubectl("get", "l2advertisements", "-A", "--output", "name")).toBe("");
	});

	test("the load balancer gets the pool's first address when it is announced, and Traefik has node ports behind a reverse proxy", async () => {
		await change(exposed("nodePort", announced));
		await eventually(async () => expect(await addresses(rehearsal)).toEqual(["outside 10.25.20.30"]));
		expect(await traefik(rehearsal)).toEqual(onNodePorts);
	});

	test("the pool assigns no more addresses when it is no longer announced, and Services keep theirs", async () => {
		await change(exposed("nodePort"));
		const { items } = JSON.parse(await rehearsal.kubectl("get", "ipaddresspools", "-A", "--output", "json"));
		expect(items[0].spec.autoAssign).toBe(false);
		await rehearsal.kubectl("create", "service", "loadbalancer", "late", "--tcp=80", "-n", "openwebui");
		await refused("late");
		expect(await addresses(rehearsal)).toEqual(["outside 10.25.20.30"]);
		expect(await traefik(rehearsal)).toEqual(onNodePorts);
	});

	test("waiting Services and Traefik get addresses when the pool is announced again", async () => {
		await change(exposed("loadBalancer", announced));
		const [late, outside, ingress, ...others] = await addresses(rehearsal);
		expect([late, outside, others]).toEqual([expect.stringMatching(/^late /), "outside 10.25.20.30", []]);
		expect([late, ingress].map((line) => line?.split(" ")[1]).sort()).toEqual(["10.25.20.31", "10.25.20.32"]);
		expect(ingress).toMatch(/^traefik /);
		expect(await traefik(rehearsal)).toMatchObject({ type: "LoadBalancer", externalTrafficPolicy: "Local" });
		await rehearsal.kubectl("delete", "services", "late", "outside", "-n", "openwebui");
	});

	test("Traefik has ports 80 and 443 of the workers again when the exposure is the first one", async () => {
		await change({});
		expect(await traefik(rehearsal)).toEqual(onHostPorts);
		expect(await addresses(rehearsal)).toEqual([]);
	});

	test("up fails and names the address when a server does not reach the ingress, or gets another certificate there", async () => {
		const { address } = rehearsal.stack.nodes["proj-k8sw01"]!;
		const rule = `to ${address} ipproto tcp dport 443 prohibit`;
		await rehearsal.onNode("proj-k8sm01", `ip rule add ${rule}`);
		// Another revision of the ingress, so that the check runs, and a short wait.
		const impatient = { platform: { checks: { timeoutSeconds: 10 }, traefik: { nodePorts: { web: 30081 } } } };
		const unreached = await rehearsal.up(impatient);
		expect(errors(unreached).join("\n")).toMatch(
			new RegExp(`proj-k8sm01: ingress: the ingress at ${address}:443 \\(proj-k8sw01\\) does not serve: .*[Cc]onnect`),
		);
		await rehearsal.onNode("proj-k8sm01", `ip rule delete ${rule}`);

		await rehearsal.kubectl("delete", "tlsstore", "default", "-n", "traefik");
		const uncovered = await rehearsal.up(impatient);
		expect(errors(uncovered).join("\n")).toContain(
			"does not serve: serves a certificate that does not cover ingress-check.",
		);
		await rehearsal.refresh();
		expect(errors(await rehearsal.up())).toEqual([]);
		expect(changeCount(await rehearsal.preview())).toBe(0);
	});

	test("up applies the definitions of a chart's crds folder when the chart has a new version", async () => {
		const [source, version] = [join(rehearsal.run.directory, "newer-charts"), "41.9.0"];
		await cp(chartDoubles, source, { recursive: true });
		await edit(join(source, "traefik/Chart.yaml"), "version: 41.3.0", `version: ${version}`);
		await edit(
			join(source, "traefik/crds/traefik.io.yaml"),
			"priority: { type: integer }",
			"priority: { type: integer }\n                      newField: { type: string }",
		);
		await packageCharts(source, join(rehearsal.run.directory, "charts"));
		const route = JSON.stringify({
			apiVersion: "traefik.io/v1alpha1",
			kind: "IngressRoute",
			metadata: { name: "new-field", namespace: "openwebui" },
			spec: { routes: [{ kind: "Rule", match: "Host(`a.example`)", newField: "value" }] },
		});
		await writeFile(join(rehearsal.run.directory, "route.json"), route);
		const create = () =>
			rehearsal.kubectl("create", "--validate=strict", "-f", join(rehearsal.run.directory, "route.json"));
		await expect(create()).rejects.toThrow('unknown field "spec.routes[0].newField"');

		const newer = { platform: { traefik: { version } } };
		const preview = await rehearsal.preview(newer);
		expect(preview.diagnostics.map(({ message }) => message.trim())).toContainEqual(
			"traefik goes from 41.3.0 to 41.9.0: `up` first updates the definitions of custom resources in the chart's crds folder, which Helm does not do.",
		);
		await change(newer);
		await create();
	});

	/** Resolves after MetalLB reported that it has no address for the Service. */
	function refused(service: string): Promise<void> {
		return eventually(async () => {
			const events = await rehearsal.kubectl("events", "-n", "openwebui", "--for", `service/${service}`);
			expect(events).toContain("AllocationFailed");
		});
	}
});

async function edit(file: string, text: string, by: string): Promise<void> {
	const content = await readFile(file, "utf8");
	expect(content).toContain(text);
	await writeFile(file, content.replace(text, by));
}

interface Service {
	metadata: { name: string };
	spec: { type: string; externalTrafficPolicy?: string; ports: { nodePort?: number }[] };
	status: { loadBalancer?: { ingress?: { ip: string }[] } };
}

/** `<service> <address>` of every Service with an external address. */
async function addresses(rehearsal: Rehearsal): Promise<string[]> {
	const { items } = JSON.parse(await rehearsal.kubectl("get", "services", "-A", "--output", "json"));
	return (items as Service[])
		.flatMap(({ metadata, status }) => (status.loadBalancer?.ingress ?? []).map(({ ip }) => `${metadata.name} ${ip}`))
		.sort();
}

/** Traefik in the cluster: its Service, and the host ports of its pods. */
async function traefik(rehearsal: Rehearsal) {
	const get = async (kind: string) =>
		JSON.parse(await rehearsal.kubectl("get", kind, "traefik", "-n", "traefik", "--output", "json"));
	const { spec }: Service = await get("service");
	const { spec: daemonSet } = await get("daemonset");
	const ports: { hostPort?: number }[] = daemonSet.template.spec.containers[0].ports;
	return {
		type: spec.type,
		externalTrafficPolicy: spec.externalTrafficPolicy,
		nodePorts: known(spec.ports.map(({ nodePort }) => nodePort)),
		hostPorts: known(ports.map(({ hostPort }) => hostPort)),
	};
}

function known(ports: (number | undefined)[]): number[] {
	return ports.filter((port) => port !== undefined).sort((a, b) => a - b);
}
