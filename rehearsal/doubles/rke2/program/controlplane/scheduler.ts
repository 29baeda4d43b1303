import { join } from "node:path";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { mergeArguments } from "./arguments.ts";

/** The command line of kube-scheduler: RKE2's defaults, then `kube-scheduler-arg`. */
export function schedulerArguments(paths: Paths, settings: ServerSettings): string[] {
	const kubeconfig = join(paths.credentials, "scheduler.kubeconfig");
	const certificate = join(paths.tls, "kube-scheduler/kube-scheduler");
	return mergeArguments(
		{
			"authentication-kubeconfig": kubeconfig,
			"authorization-kubeconfig": kubeconfig,
			"bind-address": "127.0.0.1",
			kubeconfig,
			profiling: "false",
			"secure-port": "10259",
			"tls-cert-file": `${certificate}.crt`,
			"tls-private-key-file": `${certificate}.key`,
		},
		settings.extraArguments.scheduler,
	);
}
