/** The platform as the components ask for it: what the tests of its parts have in common. */
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "vitest";
import type { NodeAccess } from "../../../../components/cluster/node-access.ts";
import { Platform } from "../../../../components/platform/platform.ts";
import type { StackConfig } from "../../../../src/config/schema/stack.ts";
import { sshConnection } from "../../../../src/ssh/connection.ts";
import { type LabStack, labStack } from "../../../fixtures/lab.ts";
import { type Registration, record } from "../recorder.ts";

export const releaseType = "kubernetes:helm.sh/v3:Release";
export const namespaceType = "kubernetes:core/v1:Namespace";
export const policyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

function server(nodeName: string): NodeAccess {
	const ssh = sshConnection<pulumi.Input<string>>(
		{ host: nodeName, user: "rke2", privateKey: "key", hostKey: "key" },
		undefined,
	);
	const whenRefused = new pulumi.ErrorHook(`${nodeName}-refused-login`, () => false);
	const identity = pulumi.output(`identity of ${nodeName}`);
	return { nodeName, role: "server", connection: { ssh, whenRefused }, identity };
}

/** The platform of the lab's stack file, changed as a test needs it. */
export function platform(change: (stack: LabStack) => void = () => {}): Promise<Registration[]> {
	const stack = labStack();
	change(stack);
	return platformOf(stack);
}

/** The platform of any stack, with a secret of each kind. */
export function platformOf(stack: StackConfig): Promise<Registration[]> {
	return record(() => {
		const provider = new Provider("kubernetes", { kubeconfig: "{}", clusterIdentifier: "lab" });
		const cluster = new pulumi.ComponentResource("test:index:Cluster", "cluster");
		new Platform("platform", {
			stack,
			provider,
			kubeconfig: pulumi.secret(""),
			servers: [server("proj-k8sm01"), server("proj-k8sm02")],
			issuerSecrets: {
				cloudflareApiToken: pulumi.secret("hunter2"),
				dns01Secret: pulumi.secret("hunter3"),
				ownAuthorityKey: pulumi.secret("hunter4"),
			},
			cluster,
		});
	});
}

export const lab = await platform();
/** What goes into the cluster, as opposed to components and providers. */
export const objects = lab.filter(({ type }) => type.startsWith("kubernetes:"));

export function named(registrations: Registration[], type: string, name: string): Registration {
	const found = registrations.filter((resource) => resource.type === type && resource.name === name);
	expect(found, `${type} ${name}`).toHaveLength(1);
	return found[0]!;
}
