import * as pulumi from "@pulumi/pulumi";
import type { Login } from "../../src/ssh/connection.ts";
import { scriptText } from "./scripts.ts";

/**
 * Lets a script that runs where Pulumi runs reach the nodes through the bastion, if there is one.
 *
 * @param stdin the script, and what it reads
 */
export function throughBastion(
	stdin: pulumi.Input<string>,
	bastion: Login<pulumi.Input<string>> | undefined,
): pulumi.Input<string> {
	if (!bastion) {
		return stdin;
	}
	const { user, host, port, hostKey, privateKey } = bastion;
	return pulumi.secret(
		pulumi.interpolate`${scriptText("bastion.sh")}${user} ${host} ${port} ${hostKey}\n${privateKey}\n${stdin}`,
	);
}
