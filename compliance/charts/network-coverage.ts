/** Checks that the network policies of a namespace match the chart in it: its pods, their ports, and its webhooks. */
import { parseAllDocuments } from "yaml";
import type { NamedPolicy } from "../../components/platform/network-policies/network-policy.ts";

type Labels = Readonly<Record<string, string>>;

/** Pods of one workload of a chart. */
interface Pods {
	labels: Labels;
	ports: { name?: string; containerPort: number }[];
}

interface Service {
	selector: Labels;
	ports: { port: number; targetPort?: number | string }[];
}

interface WebhookClient {
	service?: { name: string; port?: number };
}

/** The parts of a rendered object that this check reads. */
interface Rendered {
	kind: string;
	metadata: { name: string };
	webhooks?: { clientConfig: WebhookClient }[];
	spec?: {
		template?: { metadata?: { labels?: Labels }; spec: { containers: { ports?: Pods["ports"] }[] } };
		selector?: Labels;
		ports?: Service["ports"];
		conversion?: { webhook?: { clientConfig?: WebhookClient } };
	};
}

/** Policies for pods that the GPU Operator makes, which no chart has. */
const ofAnOperator = ["allow-driver-packages", "allow-gpu-metrics"];

/**
 * @param manifest output of `helm template`
 * @returns one sentence for every policy that selects no pod or opens a port without a listener, and for every webhook that
 *   the API server could not call
 */
export function misfits(policies: readonly NamedPolicy[], manifest: string): string[] {
	const objects = parseAllDocuments(manifest)
		.map((document) => document.toJS() as Rendered | null)
		.filter((object) => object !== null);
	const pods = objects.flatMap(({ spec }): Pods[] => {
		const { metadata, spec: pod } = spec?.template ?? {};
		return pod ? [{ labels: metadata?.labels ?? {}, ports: pod.containers.flatMap(({ ports = [] }) => ports) }] : [];
	});
	return [
		...policies.filter(({ name }) => !ofAnOperator.includes(name)).flatMap((policy) => idle(policy, pods)),
		...webhookServices(objects).flatMap(({ name, service, port }) =>
			listeners(service, port, pods).flatMap(({ labels, port }) =>
				policies.some((policy) => opens(policy, labels, port))
					? []
					: [`The API server calls ${name} on port ${port} of its pods, which no policy opens.`],
			),
		),
	];
}

function idle({ name, spec }: NamedPolicy, pods: readonly Pods[]): string[] {
	const selected = pods.filter(({ labels }) => selects(spec.podSelector.matchLabels, labels));
	if (selected.length === 0) {
		return [`${name} selects no pod of the chart.`];
	}
	const listening = selected.flatMap(({ ports }) => ports.map(({ containerPort }) => containerPort));
	return (spec.ingress ?? [])
		.flatMap(({ ports = [] }) => ports)
		.filter(({ port }) => !listening.includes(Number(port)))
		.map(({ port }) => `${name} opens port ${port}, on which no pod of the chart listens.`);
}

/** The Services behind webhooks for admission and for conversion, each once. */
function webhookServices(objects: readonly Rendered[]): { name: string; service: Service; port: number }[] {
	const clients = objects.flatMap(({ webhooks = [], spec }) => [
		...webhooks.map(({ clientConfig }) => clientConfig),
		...(spec?.conversion?.webhook?.clientConfig ? [spec.conversion.webhook.clientConfig] : []),
	]);
	const called = new Map(clients.flatMap(({ service }) => (service ? [[service.name, service.port ?? 443]] : [])));
	return objects.flatMap(({ kind, metadata: { name }, spec }) => {
		const port = called.get(name);
		return kind === "Service" && port !== undefined ? [{ name, service: spec as Service, port }] : [];
	});
}

/** The pods behind a port of a Service, each with its own port. */
function listeners({ selector, ports }: Service, called: number, pods: readonly Pods[]) {
	const { targetPort = called } = ports.find(({ port }) => port === called) ?? {};
	return pods
		.filter(({ labels }) => selects(selector, labels))
		.flatMap(({ labels, ports: own }) => {
			const port =
				typeof targetPort === "number" ? targetPort : own.find(({ name }) => name === targetPort)?.containerPort;
			return port === undefined ? [] : [{ labels, port }];
		});
}

function opens({ spec }: NamedPolicy, labels: Labels, port: number): boolean {
	return (
		selects(spec.podSelector.matchLabels, labels) &&
		(spec.ingress ?? []).some(({ ports = [] }) => ports.some((open) => open.port === port))
	);
}

function selects(selector: Labels = {}, labels: Labels): boolean {
	return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
