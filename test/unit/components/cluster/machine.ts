import * as pulumi from "@pulumi/pulumi";

/** Stands for the VM of a node. */
export class Machine extends pulumi.CustomResource {
	readonly identity: pulumi.Output<string>;

	constructor(name: string) {
		super("test:index:Machine", name);
		this.identity = pulumi.output(`identity of ${name}`);
	}
}
