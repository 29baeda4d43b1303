import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { ServerSettings } from "../config/settings.ts";
import type { KubeCredentials } from "../kube/client.ts";
import { writeKubeconfig } from "../kube/kubeconfig.ts";
import type { Paths } from "../paths.ts";
import { authorityFile } from "../pki/authorities.ts";

const localApi = "https://127.0.0.1:6443";

// Kubeconfigs below server/cred, and the certificate in each.
const componentCertificates: Record<string, string> = {
	admin: "client-admin",
	supervisor: "client-supervisor",
	controller: "client-controller",
	scheduler: "client-scheduler",
	"api-server": "client-kube-apiserver",
};

/** Writes the kubeconfigs of the components and of the administrator, and links kubectl. */
export function writeServerKubeconfigs(paths: Paths, settings: ServerSettings): void {
	for (const [name, certificate] of Object.entries(componentCertificates)) {
		writeKubeconfig(join(paths.credentials, `${name}.kubeconfig`), content(paths, certificate));
	}
	const file = settings.kubeconfigFile ?? paths.kubeconfig;
	writeKubeconfig(file, content(paths, "client-admin"), settings.kubeconfigMode);
	linkKubectl(paths);
}

/** Links kubectl at the place where RKE2 unpacks it: /var/lib/rancher/rke2/bin. */
export function linkKubectl(paths: Paths): void {
	mkdirSync(paths.userBinaries, { recursive: true, mode: 0o755 });
	const link = join(paths.userBinaries, "kubectl");
	rmSync(link, { force: true });
	symlinkSync(join(paths.binaries, "kubectl"), link);
}

/** The double's own credentials for this server's API, with the privileges of an administrator. */
export function supervisorCredentials(paths: Paths): KubeCredentials {
	const { server, certificateAuthority, clientCertificate, clientKey } = content(paths, "client-supervisor");
	return { server, ca: certificateAuthority, cert: clientCertificate, key: clientKey };
}

function content(paths: Paths, certificate: string) {
	return {
		server: localApi,
		certificateAuthority: readFileSync(authorityFile(paths, "server"), "utf8"),
		clientCertificate: readFileSync(join(paths.tls, `${certificate}.crt`), "utf8"),
		clientKey: readFileSync(join(paths.tls, `${certificate}.key`), "utf8"),
	};
}
