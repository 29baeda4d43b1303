/** Names of the cluster's administrators and of other people in the API. */

/** Prefix of users and groups from the identity provider: with it no token can name `system:masters`. */
export const oidcPrefix = "oidc:";

/** The one ClusterRoleBinding that grants cluster-admin, to the groups of `access.clusterAdministrators`. */
export const administratorsBinding = "cluster-administrators";
