import type { StackConfig } from "../config/schema/stack.ts";

/** Address of the release tarball of the cluster's version. The plus in a version has to be encoded. */
export function tarballUrl({ version, artifacts }: StackConfig["cluster"]): string {
	return `${artifacts.url.replace(/(?<!\/)\/+$/, "")}/${encodeURIComponent(version)}/rke2.linux-amd64.tar.gz`;
}
