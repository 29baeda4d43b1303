import { addArgument, addToConfig, editFiles, everyNode, serverNodes } from "../../lib/examples/nodes.ts";
import { addManifest } from "../../lib/examples/objects.ts";
import { addResource, editResource } from "../../lib/examples/resources.ts";
import { contentsOf } from "../../lib/record/contents.ts";
import { missingIgnoredChanges, unknownIgnoredChanges } from "../../lib/record/ignored-changes.ts";
import { formerShapesOf, shapeOf } from "../../lib/record/known-resources.ts";
import { nameOfObject, otherPartsOfVolume } from "../../lib/record/object-names.ts";
import { unmarkedSecretOutputs } from "../../lib/record/secret-outputs.ts";
import { type Deviation, deviationsFrom } from "../../lib/record/shapes.ts";
import { remoteCommand } from "../../lib/rke2/files.ts";
import { keepsFormer, type Resource } from "../../lib/rules/resource.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";

/** A resource of a wholly different form needs no sentence for each of its parts. */
const mostSentences = 5;

/** Components of Pulumi and of the program only group resources; they have no inputs of a provider. */
const grouping = /^(?:pulumi:pulumi:Stack$|rke2-lab:)/;
const ownComponent = /^rke2-lab:/;

/**
 * All other rules refuse what somebody thought of. This one refuses what nobody has looked at: the desired state of the
 * program is known to the last property, and the record has it (docs/compliance/known-resources.md).
 */
export const programKnownResources: ResourceRule = {
	name: "program-known-resources",
	description:
		"The program declares only resources, inputs, files and settings that the record of known resources has, and ignores no other changes than those of the program.",
	severity: "high",
	foundation: true,
	controls: [],
	frameworks: { cisControls: ["2.5", "4.1"], iso27001: ["A.8.9", "A.8.19"], nist80053: ["CM-2", "CM-3", "CM-7"] },
	remediation:
		"Remove what the record does not have; a change of the program itself is recorded by `npm run policy:record` and reviewed with it.",
	subject: { plural: "resources", isDeclaredBy: ({ type }) => !grouping.test(type) },
	examples: [
		{
			change: "a provider that does not verify the certificate of Proxmox",
			apply: editResource("pulumi:providers:proxmoxve", "proxmox", (props) => ({ ...props, insecure: true })),
			sentence: "proxmox has insecure, which the record of known resources does not have; remove it.",
		},
		{
			change: "a second disk that is a device of the host",
			apply: editResource("proxmoxve:index/vmLegacy:VmLegacy", "proj-k8sw01", (props) => ({
				...props,
				disks: [...(props.disks as object[]), { interface: "scsi2", pathInDatastore: "/dev/sdb" }],
			})),
			sentence:
				"proj-k8sw01 has pathInDatastore in disks > 2, which the record of known resources does not have; remove it.",
		},
		{
			change: "an argument of the API server that no rule knows",
			apply: addArgument("kube-apiserver-arg", "tls-min-version=VersionTLS10"),
			sentence:
				"proj-k8sm01-converge has another value in stdin > files > /etc/rancher/rke2/config.yaml > content > kube-apiserver-arg > 0 than the record of known resources; allowed is enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs,EventRateLimit or authentication-config=/etc/rancher/rke2/authentication.yaml.",
		},
		{
			change: "a host path in the API server",
			apply: addToConfig(serverNodes, "kube-apiserver-extra-mount: [/root:/root]"),
			sentence:
				"proj-k8sm01-converge has kube-apiserver-extra-mount in stdin > files > /etc/rancher/rke2/config.yaml > content, which the record of known resources does not have; remove it.",
		},
		{
			change: "a file that everybody may change",
			apply: editFiles(everyNode, "file /etc/rancher/rke2/resolv.conf 0600", "file /etc/rancher/rke2/resolv.conf 0666"),
			sentence:
				"proj-k8sm01-converge has another value in stdin > files > /etc/rancher/rke2/resolv.conf > mode than the record of known resources; allowed is 0600.",
		},
		{
			change: "an audit policy whose first rule silences one user",
			apply: editFiles(
				serverNodes,
				"| rules:\n|   - level: Metadata",
				"| rules:\n|   - level: None\n|     users: [mallory]\n|   - level: Metadata",
			),
			sentence:
				"proj-k8sm01-converge has users in stdin > files > /etc/rancher/rke2/audit-policy.yaml > content > rules > 0, which the record of known resources does not have; remove it.",
		},
		{
			change: "an API of another program",
			apply: addManifest({
				apiVersion: "apiregistration.k8s.io/v1",
				kind: "APIService",
				metadata: { name: "v1.example.org" },
				spec: { group: "example.org", version: "v1", service: { name: "app", namespace: "kube-system" } },
			}),
			sentence:
				"proj-k8sm01-converge has /var/lib/rancher/rke2/server/manifests/app.yaml in stdin > files, which the record of known resources does not have; remove it.",
		},
		{
			change: "a default deny that keeps the value of its first day",
			apply: (resources) =>
				resources.map((resource) =>
					resource.name === "monitoring-default-deny-all"
						? { ...resource, opts: { ...resource.opts, ignoreChanges: ["spec"] } }
						: resource,
				),
			sentence:
				"monitoring-default-deny-all ignores changes of spec, which the program does not; remove it from ignoreChanges.",
		},
		{
			change: "a kubeconfig that the state has in clear text",
			apply: (resources) =>
				resources.map((resource) =>
					resource.name === "cluster-kubeconfig"
						? { ...resource, opts: { ...resource.opts, additionalSecretOutputs: [] } }
						: resource,
				),
			sentence:
				"cluster-kubeconfig does not mark stdout and stderr as secret, so that the state has a kubeconfig in clear text; add it to additionalSecretOutputs.",
		},
		{
			change: "two volumes of a worker with one directory",
			apply: editResource("kubernetes:core/v1:PersistentVolume", "proj-k8sw01-volume-02", (props) => ({
				...props,
				spec: { ...(props.spec as object), local: { path: "/mnt/data/volume-01" } },
			})),
			sentence: "proj-k8sw01-volume-02 has the local.path of another volume; take it from the name.",
		},
		{
			change: "a user of Proxmox",
			apply: addResource("proxmoxve:index/userLegacy:UserLegacy", "mallory", { userId: "mallory@pve" }),
			sentence:
				"mallory is a proxmoxve:index/userLegacy:UserLegacy that the record of known resources does not have; remove it.",
		},
	],

	checkResource(resource, report) {
		const { type, name } = resource;
		if (grouping.test(type)) {
			const inputs = ownComponent.test(type) ? Object.keys(resource.props) : [];
			if (inputs.length > 0) {
				report(
					`${name} is a component of the program and has ${inputs.join(", ")}; a component has no inputs, remove them.`,
				);
			}
			return;
		}
		const shape = shapeOf(type, name);
		if (shape === undefined) {
			report(`${name} is a ${type} that the record of known resources does not have; remove it.`);
			return;
		}
		const ignored = unknownIgnoredChanges(resource);
		if (ignored.length > 0) {
			report(
				`${name} ignores changes of ${ignored.join(", ")}, which the program does not; remove it from ignoreChanges.`,
			);
		}
		const missing = missingIgnoredChanges(resource);
		if (missing.length > 0) {
			const then = type === remoteCommand ? ", and run `npm run reach`" : "";
			report(`${name} does not ignore changes of ${missing.join(", ")}; add it to ignoreChanges${then}.`);
		}
		const unmarked = unmarkedSecretOutputs(resource);
		if (unmarked.length > 0) {
			report(
				`${name} does not mark ${unmarked.join(" and ")} as secret, so that the state has a kubeconfig in clear text; add it to additionalSecretOutputs.`,
			);
		}
		const otherName = nameOfObject(resource);
		if (otherName !== undefined) {
			report(`${name} declares the object of a resource ${otherName}; correct its metadata.`);
		}
		for (const part of otherPartsOfVolume(resource)) {
			report(`${name} has the ${part} of another volume; take it from the name.`);
		}
		const contents = contentsOf(resource);
		const deviations = deviationsFrom(shape, contents);
		const keepsFiles = deviations.length > 0 && type === remoteCommand && keepsFormer(resource, "stdin");
		if (keepsFiles && formerShapesOf(type, name).some((former) => deviationsFrom(former, contents).length === 0)) {
			return;
		}
		for (const deviation of deviations.slice(0, mostSentences)) {
			report(sentence(resource, deviation));
		}
		if (deviations.length > mostSentences) {
			report(`${name} differs from the record of known resources in ${deviations.length - mostSentences} more places.`);
		}
	},
};

/** The value that was found is left out: it can be a secret. */
function sentence({ name }: Resource, { path, fault, allowed }: Deviation): string {
	const place = path.slice(0, -1).join(" > ");
	const last = path.at(-1) ?? "";
	switch (fault) {
		case "not known":
			return `${name} has ${last}${place && ` in ${place}`}, which the record of known resources does not have; remove it.`;
		case "missing":
			return `${name} has no ${[...path].join(" > ")}, which the record of known resources has; set ${allowed}.`;
		case "another value":
			return `${name} has another value in ${path.join(" > ")} than the record of known resources; allowed is ${allowed}.`;
	}
}
