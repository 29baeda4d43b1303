/** Helm releases among the resources of a program. */

/** The type of a release. */
export const helmRelease = "kubernetes:helm.sh/v3:Release";

/** The inputs of a release that rules read. */
export interface Release {
	chart?: string;
	repositoryOpts?: { repo?: string };
	valueYamlFiles?: unknown[];
	postrender?: string;
	version?: string;
	namespace?: string;
	createNamespace?: boolean;
}
