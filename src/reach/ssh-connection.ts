/**
 * How a command reaches its node.
 *
 * @typeParam Text text in the program is an output of Pulumi, and clear text where `npm run reach` compares it with the state
 */
export interface Connection<Text = string> {
	host: string;
	port: number;
	user: string;
	/** In OpenSSH form. */
	privateKey: Text;
	/** The only host key that the command accepts; without one the provider would connect to any machine. */
	hostKey: Text;
	dialErrorLimit: number;
	/** Seconds. */
	perDialTimeout: number;
}

interface SshConnectionArgs<Text> extends Pick<Connection<Text>, "user" | "privateKey" | "hostKey"> {
	address: string;
}

export function sshConnection<Text>({ address, user, privateKey, hostKey }: SshConnectionArgs<Text>): Connection<Text> {
	return {
		host: address,
		port: 22,
		user,
		privateKey,
		hostKey,
		// SSH is up, because the program has learned the host key. The account of cloud-init may still be missing.
		dialErrorLimit: 20,
		perDialTimeout: 15,
	};
}
