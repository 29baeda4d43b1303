import { addArgument } from "../../lib/examples/nodes.ts";
import { argumentRule, leftToRke2, only } from "../../lib/rke2/component-arguments.ts";

/** Without TLS there are no certificates of clients and members either. */
const clients = ["2.1", "2.2"] as const;
const members = ["2.4", "2.5"] as const;

/** RKE2 gives etcd certificates of its own authority. Each of these arguments could undo a part of that. */
export const rke2EtcdArguments = argumentRule(
	{
		name: "rke2-etcd-arguments",
		description: "No argument of etcd undoes a setting that RKE2 hardens.",
		severity: "high",
		frameworks: { cisControls: ["3.10", "4.1"], iso27001: ["A.8.9", "A.8.24"], nist80053: ["CM-6", "SC-8"] },
		remediation: "Remove the argument from `etcd-arg` on every server, or give it the allowed value.",
		url: "https://docs.rke2.io/security/cis_self_assessment112",
		examples: [
			{
				change: "etcd-arg: client-cert-auth=false",
				apply: addArgument("etcd-arg", "client-cert-auth=false"),
				sentence:
					"The RKE2 configuration in proj-k8sm01-converge sets client-cert-auth in etcd-arg; the only allowed value is true (control 2.2).",
			},
		],
	},
	"etcd-arg",
	[
		...leftToRke2("2.1", "cert-file", "key-file"),
		only("2.2", "client-cert-auth", "true"),
		only("2.3", "auto-tls", "false"),
		...leftToRke2("2.4", "peer-cert-file", "peer-key-file"),
		only("2.5", "peer-client-cert-auth", "true"),
		only("2.6", "peer-auto-tls", "false"),
		...leftToRke2("2.7", "trusted-ca-file", "peer-trusted-ca-file"),
		...clients.flatMap((control) => leftToRke2(control, "listen-client-urls")),
		...members.flatMap((control) => leftToRke2(control, "listen-peer-urls")),
		...leftToRke2("2.1", "listen-client-http-urls", "listen-metrics-urls"),
		// etcd gets its settings in a file, to which RKE2 adds each argument as a key: these would replace a whole section.
		...([...clients, "2.3", "2.7"] as const).flatMap((control) => leftToRke2(control, "client-transport-security")),
		...([...members, "2.6", "2.7"] as const).flatMap((control) => leftToRke2(control, "peer-transport-security")),
	],
);
