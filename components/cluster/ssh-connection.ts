import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

export type SshConnection = types.input.remote.ConnectionArgs;

export interface SshConnectionArgs {
	address: string;
	user: string;
	/** In OpenSSH form. */
	privateKey: pulumi.Input<string>;
	/** The only host key that is accepted; without one the provider would connect to anybody. */
	hostKey: pulumi.Input<string>;
}

export function sshConnection({ address, user, privateKey, hostKey }: SshConnectionArgs): SshConnection {
	return {
		host: address,
		port: 22,
		user,
		privateKey,
		hostKey,
		// The host key has answered before, so SSH is up: what may still be missing is the account that cloud-init makes.
		dialErrorLimit: 20,
		perDialTimeout: 15,
	};
}
