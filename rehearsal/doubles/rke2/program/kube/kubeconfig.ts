import { stringify } from "yaml";
import { writeFileAtomically } from "../process/files.ts";

interface KubeconfigContent {
	server: string;
	certificateAuthority: string;
	clientCertificate: string;
	clientKey: string;
}

/** Writes a kubeconfig that contains its certificates, as RKE2 writes `rke2.yaml` and the files of its components. */
export function writeKubeconfig(path: string, content: KubeconfigContent, mode = 0o600): void {
	const base64 = (text: string) => Buffer.from(text).toString("base64");
	const document = {
		apiVersion: "v1",
		kind: "Config",
		clusters: [
			{
				name: "default",
				cluster: {
					"certificate-authority-data": base64(content.certificateAuthority),
					server: content.server,
				},
			},
		],
		contexts: [{ name: "default", context: { cluster: "default", user: "default" } }],
		"current-context": "default",
		users: [
			{
				name: "default",
				user: {
					"client-certificate-data": base64(content.clientCertificate),
					"client-key-data": base64(content.clientKey),
				},
			},
		],
	};
	writeFileAtomically(path, stringify(document), mode);
}
