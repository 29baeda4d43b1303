/** The section `access` of a stack file: how users log in, and what they may do. */
import { z } from "zod";
import { dnsLabel, httpsUrl, pemCertificates } from "./formats.ts";

const groups = z
	.array(z.string().regex(/^\S+$/, { error: "must be a group as the token names it, such as an Entra object id" }))
	.default([]);

const oidc = z
	.strictObject({
		issuer: httpsUrl("must be an https URL, exactly as the tokens have it").describe(
			"For Entra ID: `https://login.microsoftonline.com/<tenant id>/v2.0`.",
		),
		clientId: z.string().min(1).describe("Application id of the client; the audience of the tokens."),
		usernameClaim: z
			.string()
			.min(1)
			.default("oid")
			.describe("Claim that names the user in the audit log. Choose one that a user cannot change."),
		groupsClaim: z
			.string()
			.min(1)
			.default("groups")
			.describe("Claim with the groups of the user. Rights belong to groups."),
		issuerCa: pemCertificates.optional().describe("Certificate authority of the issuer, when it is not a public one."),
	})
	.optional()
	.describe("Identity provider of the users. Without it only the administrator's kubeconfig gives access.");

export const access = z
	.strictObject({
		oidc,
		clusterAdministrators: groups.describe("Groups that may do everything (cluster-admin)."),
		clusterReaders: groups.describe("Groups that may read everything except Secrets."),
		namespaces: z
			.record(
				dnsLabel,
				z.strictObject({
					administrators: groups.describe("Groups that manage the namespace, including its roles (admin)."),
					editors: groups.describe("Groups that read and write in the namespace, including Secrets (edit)."),
				}),
			)
			.default({})
			.describe("Rights in workload namespaces, by key of `platform.namespaces`."),
	})
	.prefault({});
