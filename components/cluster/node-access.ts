import type { ErrorHook, Input } from "@pulumi/pulumi";
import type { Connection } from "../../src/reach/ssh-connection.ts";
import type { Rke2Role } from "../../src/rke2/keys.ts";

/** What it takes to run something on a node. */
export interface NodeAccess {
	nodeName: string;
	role: Rke2Role;
	connection: NodeConnection;
}

/** How a node is reached, and what is said when it cannot be. */
export interface NodeConnection {
	ssh: Connection<Input<string>>;
	whenRefused: ErrorHook;
}
