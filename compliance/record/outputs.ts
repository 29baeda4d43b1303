/** Outputs of resources that exist, in the form in which other resources read them. */
import "reflect-metadata";
import { X509CertificateGenerator } from "@peculiar/x509";
import type { Outputs } from "../evaluation/preview.ts";
import { outputMarks } from "./output-marks.ts";

const { line, hostkey, base64, key, number } = outputMarks;

/** @param recorded the kubeconfig among the outputs of the stack's last run; left out, that run left none */
export function existingOutputs(recorded?: string): Outputs {
	return (type, name, inputs) => ({
		outputs: recorded === undefined ? {} : { kubeconfig: recorded },
		publicKeyOpenssh: hostkey,
		privateKeyOpenssh: key,
		stdout: stdoutOf(type, name),
		vmId: inputs.vmId ?? number,
	});
}

/** The same for the record, which has to tell the id of a machine that exists from a key of the stack file. */
export function withMarkedIds(outputs: Outputs): Outputs {
	return (type, name, inputs) => ({ ...outputs(type, name, inputs), vmId: number });
}

/** The same in the last weeks of the administrator's certificate, in which the program reads the kubeconfig again. */
export async function expiringOutputs(): Promise<Outputs> {
	return existingOutputs(kubeconfigWith(await expiringCertificate()));
}

function stdoutOf(type: string, name: string): string {
	if (name.endsWith("-kubeconfig")) {
		return kubeconfigWith(base64);
	}
	return type === "command:local:Command" ? hostkey : line;
}

/** @param certificate of the administrator, in base64 */
function kubeconfigWith(certificate: string): string {
	return `clusters: [{name: default, cluster: {certificate-authority-data: "${base64}", server: "https://127.0.0.1:6443"}}]
users: [{name: default, user: {client-certificate-data: "${certificate}", client-key-data: "${base64}"}}]
`;
}

const dayMs = 86_400_000;

/** @returns base64 of the PEM form, as RKE2 writes it */
async function expiringCertificate(): Promise<string> {
	const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
	const certificate = await X509CertificateGenerator.createSelfSigned({
		name: "CN=system:admin",
		keys: await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]),
		signingAlgorithm: algorithm,
		notBefore: new Date(Date.now() - dayMs),
		notAfter: new Date(Date.now() + 10 * dayMs),
	});
	return Buffer.from(certificate.toString("pem")).toString("base64");
}
