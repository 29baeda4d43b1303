import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { listOf } from "../../lib/rke2/files.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

/** Nodes and administrators reach the API by this address. If the certificate lacks it, they switch the check off. */
export const rke2ApiCertificate = serverRule({
	name: "rke2-api-certificate",
	description: "The API's certificate names the address at which nodes register, and no name that a client sends.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["3.10"], iso27001: ["A.8.24"], nist80053: ["SC-8", "SC-23"] },
	remediation: "List the host of `server` in `tls-san` on every server, and leave `tls-san-security` on.",
	url: "https://docs.rke2.io/install/ha",
	examples: [
		{
			change: "the virtual address missing from the certificate",
			apply: editFiles(serverNodes, "|   - 10.25.20.29\n", ""),
			sentence:
				"The RKE2 configuration in proj-k8sm01-converge lacks 10.25.20.29, the host of server, in tls-san; add it.",
		},
	],

	check(config, report) {
		const { effective } = config;
		const host = URL.parse(String(effective.server ?? ""))?.hostname;
		const names = listOf(config, "tls-san");
		if (host && !names.includes(host)) {
			report(`${config.title} lacks ${host}, the host of server, in tls-san; add it.`);
		}
		if (effective["tls-san-security"] !== undefined && String(effective["tls-san-security"]) !== "true") {
			report(`${config.title} turns tls-san-security off; remove it.`);
		}
	},
});
