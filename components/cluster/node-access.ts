import type { ErrorHook, Input } from "@pulumi/pulumi";
import type { Connection } from "../../src/reach/ssh-connection.ts";
import type { Rke2Role } from "../../src/rke2/keys.ts";

/** For running commands on a node. */
export interface NodeAccess {
	nodeName: string;
	role: Rke2Role;
	connection: NodeConnection;
}

/** The SSH connection to a node, and the explanation when the node refuses it. */
export interface NodeConnection {
	ssh: Connection<Input<string>>;
	whenRefused: ErrorHook;
}
