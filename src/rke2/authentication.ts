import { stringify } from "yaml";
import type { StackConfig } from "../config/schema/stack.ts";
import { oidcPrefix } from "../facts/administrators.ts";
import { parseVersion } from "./version.ts";

/**
 * Authentication configuration of the API server: it accepts tokens of one issuer for one client. The issuer of
 * Entra contains the tenant, so that the API server refuses tokens of other tenants.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
 */
export function authenticationConfiguration(
	oidc: NonNullable<StackConfig["access"]["oidc"]>,
	rke2Version: string,
): string {
	const { minor } = parseVersion(rke2Version);
	const mapping = (claim: string) => ({ claim, prefix: oidcPrefix });
	return stringify({
		// The format became stable with Kubernetes 1.34.
		apiVersion: `apiserver.config.k8s.io/${minor >= 34 ? "v1" : "v1beta1"}`,
		kind: "AuthenticationConfiguration",
		jwt: [
			{
				issuer: {
					url: oidc.issuer,
					audiences: [oidc.clientId],
					...(oidc.issuerCa === undefined ? {} : { certificateAuthority: oidc.issuerCa }),
				},
				claimMappings: { username: mapping(oidc.usernameClaim), groups: mapping(oidc.groupsClaim) },
			},
		],
	});
}
