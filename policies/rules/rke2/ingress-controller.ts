import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

/**
 * Without the key RKE2 installs its own: ingress-nginx up to 1.35, its bundled Traefik from 1.36 on, which takes ports 80 and
 * 443 of every node. A chart in `disable` names one of them and leaves the other.
 */
export const rke2IngressController = serverRule({
	name: "rke2-ingress-controller",
	description: "RKE2 installs no ingress controller of its own.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["4.8"], iso27001: ["A.8.9"], nist80053: ["CM-7"] },
	remediation: "Render `ingress-controller: none` into config.yaml of every server.",
	url: "https://docs.rke2.io/networking/networking_services",
	examples: [
		{
			change: "the bundled ingress controller",
			apply: editFiles(serverNodes, "ingress-controller: none", "ingress-controller: traefik"),
			sentence:
				"The RKE2 configuration in proj-k8sm01-converge has ingress-controller: traefik; the only allowed value is none.",
		},
	],

	check(config, report) {
		const controllers = [config.effective["ingress-controller"] ?? []].flat();
		if (controllers.length !== 1 || controllers[0] !== "none") {
			report(
				`${config.title} has ingress-controller: ${controllers.join(", ") || "nothing"}; the only allowed value is none.`,
			);
		}
	},
});
