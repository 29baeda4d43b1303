import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { acceptsAnyPod } from "../../../src/config/derived/node-taints.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { nodeStepName } from "../../../src/facts/resource-names.ts";
import type { NodeAccess } from "../../cluster/node-access.ts";
import { remoteScript } from "../../cluster/remote-script.ts";
import { traefikValues } from "../traefik/values.ts";

type IngressStack = Pick<StackConfig, "nodes" | "platform">;

export interface IngressCheckArgs {
	stack: IngressStack;
	/** Every control plane node: all of them ask, so that the check does not depend on one of them. */
	servers: readonly NodeAccess[];
}

/** An address of a ready pod answers within seconds. On a node that has just joined, the pod still has to pull its image. */
const longestWaitSeconds = 480;

/** Of one request that gets no answer, and of its repetition. */
const secondsOfRequest = 10;

/**
 * Asks the ingress for a page at each of its addresses, from every control plane node, as a client outside the cluster does.
 * `up` fails when an address does not answer HTTPS, or does not serve the wildcard certificate of the stack.
 *
 * The command line contains the addresses and a digest of the settings of the ingress. The check runs again when they change.
 */
export class IngressCheck extends pulumi.ComponentResource {
	constructor(name: string, { stack, servers }: IngressCheckArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:IngressCheck", name, {}, opts);
		const { certManager, checks } = stack.platform;
		const waitSeconds = Math.min(checks.timeoutSeconds, longestWaitSeconds);
		const targets = ingressTargets(stack);
		const question = [
			`ingress-check.${certManager?.domain ?? "invalid"}`,
			certManager ? "issued" : "any",
			String(waitSeconds),
			revisionOf(stack),
			...targets,
		];
		for (const { nodeName, connection, identity } of servers) {
			remoteScript(
				nodeStepName(nodeName, "ingress"),
				{
					connection,
					script: "ingress.sh",
					arguments: [nodeName, ...question],
					timeoutSeconds: 120 + waitSeconds + secondsOfRequest * targets.length,
				},
				{ parent: this, replacementTrigger: identity },
			);
		}
		this.registerOutputs({});
	}
}

/** `<node>=<address>:<port>`, or `service` where MetalLB assigns the address. */
export function ingressTargets({ nodes, platform: { traefik } }: IngressStack): string[] {
	if (traefik.exposure === "loadBalancer") {
		return ["service"];
	}
	const port = traefik.exposure === "nodePort" ? traefik.nodePorts.websecure : 443;
	return Object.entries(nodes)
		.filter(([, node]) => acceptsAnyPod(node))
		.map(([name, { address }]) => `${name}=${address}:${port}`);
}

function revisionOf({ platform }: Pick<StackConfig, "platform">): string {
	const { version } = platform.traefik;
	return createHash("sha256")
		.update(JSON.stringify([version, traefikValues(platform)]))
		.digest("hex")
		.slice(0, 8);
}
