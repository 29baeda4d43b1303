/** What a stack file may say under `access`: who people are, and what they may do. */
import { z } from "zod";
import { dnsLabel, httpsUrl, pemCertificates } from "./formats.ts";

const groups = z
	.array(z.string().regex(/^\S+$/, { error: "must be a group as it stands in the token, such as an Entra object id" }))
	.default([]);

const oidc = z
	.strictObject({
		issuer: httpsUrl("must be an https URL, exactly as it stands in the tokens").describe(
			"For Entra ID: `https://login.microsoftonline.com/<tenant id>/v2.0`.",
		),
		clientId: z.string().min(1).describe("Application id of the client; the audience of the tokens."),
		usernameClaim: z
			.string()
			.min(1)
			.default("oid")
			.describe("Claim that names the person in the audit log; one that nobody can change."),
		groupsClaim: z.string().min(1).default("groups").describe("Claim with the groups, on which all rights hang."),
		issuerCa: pemCertificates.optional().describe("Authority of the issuer, where it is not a public one."),
	})
	.optional()
	.describe("Identity provider of the people; without one only the administrator's kubeconfig gets in.");

export const access = z
	.strictObject({
		oidc,
		clusterAdministrators: groups.describe("Groups that may do everything (cluster-admin)."),
		clusterReaders: groups.describe("Groups that may read everything but secrets."),
		namespaces: z
			.record(
				dnsLabel,
				z.strictObject({
					administrators: groups.describe("Groups that manage the namespace, its roles included (admin)."),
					editors: groups.describe("Groups that read and write in the namespace, secrets included (edit)."),
				}),
			)
			.default({})
			.describe("Rights in workload namespaces, by a key of `platform.namespaces`."),
	})
	.prefault({});
