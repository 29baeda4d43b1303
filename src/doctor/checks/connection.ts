import { proxmoxHost } from "../../config/derived/endpoints.ts";
import type { StackConfig } from "../../config/schema/stack.ts";
import { NoConnection, type ProxmoxApi, ProxmoxRefusal } from "../../proxmox/api.ts";
import { tokenId } from "../../proxmox/privileges.ts";
import { unusableProxy } from "../../workstation/connections.ts";
import { type Finding, findingsAbout } from "../finding.ts";

const { mistake } = findingsAbout("connection");

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const untrusted = [
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"CERT_UNTRUSTED",
];
const unresolved = ["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL"];

/**
 * Name, port, certificate and token, in the order in which a request needs them: the first that is wrong hides the others.
 *
 * @returns findings, and whether Proxmox answered the token
 */
export async function checkConnection(
	stack: StackConfig,
	api: ProxmoxApi,
): Promise<{ findings: Finding[]; answers: boolean }> {
	try {
		const found = await api.get<{ version: string }>("/version");
		return { findings: versionMistakes(stack, found.version), answers: true };
	} catch (error) {
		if (error instanceof ProxmoxRefusal) {
			return { findings: [refused(stack, error)], answers: false };
		}
		if (error instanceof NoConnection) {
			return { findings: [unanswered(stack, error)], answers: false };
		}
		throw error;
	}
}

function versionMistakes(stack: StackConfig, found: string): Finding[] {
	const { version } = stack.proxmox;
	const major = Number.parseInt(found, 10);
	return major === version
		? []
		: [
				mistake(
					`proxmox.version is ${version}, and ${proxmoxHost(stack)} runs Proxmox VE ${found}`,
					[8, 9].includes(major)
						? `set proxmox.version: ${major}, and run the script of \`npm run proxmox:access\` again`
						: "run the nodes on Proxmox VE 8 or 9",
				),
			];
}

function refused({ cluster, proxmox }: StackConfig, { status, message }: ProxmoxRefusal): Finding {
	return status === 401
		? mistake(
				`Proxmox does not accept the token (${message})`,
				`set the token that the script of \`npm run proxmox:access\` printed, ${tokenId(cluster.name)}=uuid, with \`pulumi config set --secret proxmoxApiToken\``,
			)
		: mistake(
				`proxmox.endpoint ${proxmox.endpoint} answers with an error (${status}: ${message})`,
				"name the API of a Proxmox host, which by default has port 8006",
			);
}

function unanswered(stack: StackConfig, { code, message }: NoConnection): Finding {
	const host = proxmoxHost(stack);
	if (code === unusableProxy) {
		return mistake(
			`Proxmox was not examined: ${message}`,
			`correct the variable, or add ${host} to NO_PROXY when it is reached directly`,
		);
	}
	if (unresolved.includes(code)) {
		return mistake(
			`proxmox.endpoint: the name ${host} cannot be resolved here (${code})`,
			"add it to the DNS, or put the address of the host into proxmox.endpoint if its certificate has the address",
		);
	}
	if (untrusted.includes(code)) {
		return mistake(
			`proxmox.endpoint: this workstation does not trust the authority that signed the certificate of ${host}`,
			"put /etc/pve/pve-root-ca.pem of a Proxmox host into the file of SSL_CERT_FILE, beside the authorities of the system; docs/first-run.md has the commands",
		);
	}
	if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
		return mistake(
			`proxmox.endpoint: ${host} is not a name in the certificate (${message.replace(/^.*?altnames: /, "")})`,
			"put a name or an address of the certificate into proxmox.endpoint",
		);
	}
	if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
		return mistake(
			`proxmox.endpoint: the certificate of ${host} ${code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet"}, by the clock here`,
			"correct the clock if it is wrong; otherwise run `pvecm updatecerts --force` on the host",
		);
	}
	return mistake(
		`proxmox.endpoint: no connection to ${stack.proxmox.endpoint} (${code || message})`,
		"see that the host runs, that the port is that of the API (8006), and that no firewall is between",
	);
}
