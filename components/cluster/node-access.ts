import type { ErrorHook, Input, Output, Resource } from "@pulumi/pulumi";
import type { Rke2Role } from "../../src/rke2/keys.ts";
import type { Connection } from "../../src/ssh/connection.ts";

/** For running commands on a node. */
export interface NodeAccess {
	nodeName: string;
	role: Rke2Role;
	connection: NodeConnection;
	/** Changes when the VM is made anew: every step on the node has to run again then, over another connection. */
	identity: Output<string>;
}

/** The VM of a node. It has to exist before it can answer SSH. */
export type NodeMachine = Resource & {
	/** Changes when the VM is made anew. */
	readonly identity: Output<string>;
};

/** The SSH connection to a node, and the explanation when the node refuses it. */
export interface NodeConnection {
	ssh: Connection<Input<string>>;
	whenRefused: ErrorHook;
}
