import { hostOf, portOf } from "../config/formats/hosts.ts";

/**
 * How the program logs in on one machine.
 *
 * @typeParam Text text in the program is an output of Pulumi, and clear text where `npm run reach` compares it with the state
 */
export interface Login<Text = string> {
	host: string;
	port: number;
	user: string;
	/** In OpenSSH form; the key for a bastion may have another form of PEM. */
	privateKey: Text;
	/** The only host key that the command accepts; without one the provider would connect to any machine. */
	hostKey: Text;
	dialErrorLimit: number;
	/** Seconds. */
	perDialTimeout: number;
}

/** How a command reaches its node. */
export interface Connection<Text = string> extends Login<Text> {
	/** The bastion through which it goes. */
	proxy?: Login<Text>;
}

interface LoginArgs<Text> extends Pick<Login<Text>, "user" | "privateKey" | "hostKey"> {
	/** Name or address, with its port when it is not 22. */
	host: string;
}

export function sshLogin<Text>({ host, user, privateKey, hostKey }: LoginArgs<Text>): Login<Text> {
	return {
		host: hostOf(host),
		port: portOf(host, 22),
		user,
		privateKey,
		hostKey,
		// SSH is up, because the program has learned the host key. The account of cloud-init may still be missing.
		dialErrorLimit: 20,
		perDialTimeout: 15,
	};
}

/** @param bastion none where the workstation reaches the nodes itself */
export function sshConnection<Text>(node: LoginArgs<Text>, bastion: LoginArgs<Text> | undefined): Connection<Text> {
	return { ...sshLogin(node), ...(bastion && { proxy: sshLogin(bastion) }) };
}

/** The key of the stack's secret `bastionKey`, as OpenSSH wants a file to end. Pulumi may have removed the last line feed, or added one. */
export function bastionKeyFrom(text: string): string {
	return `${text.trimEnd()}\n`;
}
