import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "../setup/command.ts";

export interface DeployedRelease {
	name: string;
	namespace: string;
	version: string;
	status: string;
}

/** Lists every Helm release of the cluster with Helm. */
export async function listReleases(helm: string, kubeconfig: string): Promise<DeployedRelease[]> {
	const directory = await mkdtemp(join(tmpdir(), "rehearsal-helm-"));
	try {
		const file = join(directory, "kubeconfig");
		await writeFile(file, kubeconfig, { mode: 0o600 });
		const list = await execute([helm, "list", "--all-namespaces", "--all", "--output", "json", "--kubeconfig", file]);
		const releases: { name: string; namespace: string; chart: string; status: string }[] = JSON.parse(list);
		return releases.map(({ name, namespace, chart, status }) => ({
			name,
			namespace,
			// `chart` is "<name>-<version>", and both may contain hyphens. The version starts at the first digit after a hyphen.
			version: /-(v?\d+\..*)$/.exec(chart)?.[1] ?? chart,
			status,
		}));
	} finally {
		await rm(directory, { recursive: true });
	}
}
