import { type NodeStep, nodeStepOf } from "../../../src/facts/resource-names.ts";
import { releaseIn } from "../../../src/rke2/release-argument.ts";
import { parseVersion } from "../../../src/rke2/version.ts";
import { remoteCommand } from "../../lib/rke2/files.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";

/** `prepare.sh NODE ROLE RELEASE URL SHA256 ...`, as src/rke2/scripts/prepare.sh reads its arguments. */
const digest = /\/prepare\.sh \S+ \S+ \S+ \S+ (?<sha256>\S+)(?: |$)/;

/** A channel or a minor gives another release tomorrow, and nodes of different days then differ. */
export const rke2PinnedRelease: ResourceRule = {
	name: "rke2-pinned-release",
	description: "Every node gets one exact RKE2 release, checked by its digest.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19", "A.8.32"], nist80053: ["CM-2", "CM-3", "SI-7"] },
	remediation: "Set `cluster.version` to one full release and `cluster.artifacts.sha256` to the digest of its tarball.",
	url: "https://docs.rke2.io/security/hardening_guide",

	type: remoteCommand,
	subject: {
		plural: "commands that bring a release to a node",
		isDeclaredBy: ({ name }) => bringsRelease(nodeStepOf(name)),
	},
	examples: [
		{
			change: "the nodes converge on a channel",
			apply: (resources) =>
				resources.map((resource) =>
					resource.type === remoteCommand
						? {
								...resource,
								props: {
									...resource.props,
									create: String(resource.props.create).replace(/ v\d\S+\+rke2r\d+ /, " stable "),
								},
							}
						: resource,
				),
			sentence: "proj-k8sw01-converge installs no exact RKE2 release; pass converge.sh one such as v1.35.7+rke2r1.",
		},
	],

	checkResource({ name, props }, report) {
		const step = nodeStepOf(name);
		if (!bringsRelease(step)) {
			return;
		}
		const command = String(props.create);
		if (!isRelease(releaseIn(command))) {
			report(`${name} installs no exact RKE2 release; pass ${step}.sh one such as v1.35.7+rke2r1.`);
		}
		if (step === "prepare" && !/^[0-9a-f]{64}$/.test(digest.exec(command)?.groups?.sha256 ?? "")) {
			report(`${name} checks no digest of the release; pass prepare.sh its SHA-256, 64 hexadecimal digits.`);
		}
	},
};

function isRelease(version = ""): boolean {
	try {
		parseVersion(version);
		return true;
	} catch {
		return false;
	}
}

function bringsRelease(step: NodeStep | undefined): step is "prepare" | "converge" {
	return step === "prepare" || step === "converge";
}
