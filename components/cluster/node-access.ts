import type { ErrorHook } from "@pulumi/pulumi";
import type { Rke2Role } from "../../src/rke2/keys.ts";
import type { SshConnection } from "./ssh-connection.ts";

/** What it takes to run something on a node. */
export interface NodeAccess {
	nodeName: string;
	role: Rke2Role;
	connection: NodeConnection;
}

/** How a node is reached, and what is said when it cannot be. */
export interface NodeConnection {
	ssh: SshConnection;
	whenRefused: ErrorHook;
}
