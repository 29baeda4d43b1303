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

/** Every Helm release of the cluster, by Helm itself. */
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
			// `chart` is "<name>-<version>", and both parts may hold hyphens: the version starts at the first digit after one.
			version: /-(v?\d+\..*)$/.exec(chart)?.[1] ?? chart,
			status,
		}));
	} finally {
		await rm(directory, { recursive: true });
	}
}
