/** Objects that an example adds to the lab, each without a fault but the one that the example gives it. */
import { paths } from "../../../src/rke2/paths.ts";
import { editFiles, serverNodes } from "./nodes.ts";
import { addResource, type Change } from "./resources.ts";

/** A namespace of the lab. */
export const labNamespace = "monitoring";

const rbac = "kubernetes:rbac.authorization.k8s.io/v1";

const container = {
	name: "main",
	image: "registry.example/app:1.0.0",
	resources: { limits: { memory: "64Mi" } },
	securityContext: {
		allowPrivilegeEscalation: false,
		readOnlyRootFilesystem: true,
		runAsNonRoot: true,
		capabilities: { drop: ["ALL"] },
		seccompProfile: { type: "RuntimeDefault" },
	},
};
const pod = { serviceAccountName: "app", automountServiceAccountToken: false };

/**
 * @param inContainer members of its one container; those of `securityContext` are added to the others
 * @param inPod members of the pod's specification
 */
export function addDeployment(inContainer: Record<string, unknown>, inPod: object = {}): Change {
	const { securityContext, ...others } = inContainer;
	const whole = {
		...container,
		...others,
		securityContext: { ...container.securityContext, ...(securityContext as object | undefined) },
	};
	return addResource("kubernetes:apps/v1:Deployment", "app", {
		metadata: { name: "app", namespace: labNamespace },
		spec: { template: { spec: { ...pod, ...inPod, containers: [whole] } } },
	});
}

export function addClusterRole(rule: Record<string, string[]>): Change {
	return addResource(`${rbac}:ClusterRole`, "app", { metadata: { name: "app" }, rules: [rule] });
}

/** @param group who gets the role */
export function addClusterRoleBinding(role: string, group: string, name = "app"): Change {
	return addResource(`${rbac}:ClusterRoleBinding`, name, {
		metadata: { name },
		roleRef: { kind: "ClusterRole", name: role },
		subjects: [{ kind: "Group", name: group }],
	});
}

/** Adds a manifest to the files of the servers, where RKE2 applies it. */
export function addManifest(object: Record<string, unknown>): Change {
	const file = `file ${paths.manifests}/app.yaml 0600 root:root\n| ${JSON.stringify(object)}\n\n`;
	return editFiles(serverNodes, /^(?=file )/m, file);
}

/** Takes an address out of all network policies that the program declares. */
export function removePeer(address: string): Change {
	const isPeer = (value: unknown) =>
		(value as { ipBlock?: { cidr?: string } } | null)?.ipBlock?.cidr === `${address}/32`;
	const without = (value: unknown): unknown => {
		if (Array.isArray(value)) {
			return value.filter((member) => !isPeer(member)).map(without);
		}
		return typeof value === "object" && value !== null
			? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, without(member)]))
			: value;
	};
	return (resources) =>
		resources.map((resource) =>
			resource.type.startsWith("kubernetes:networking.k8s.io/v1:NetworkPolicy")
				? { ...resource, props: without(resource.props) as Record<string, unknown> }
				: resource,
		);
}
