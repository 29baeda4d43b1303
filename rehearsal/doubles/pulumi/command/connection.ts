/** The input `connection` of remote.Command: pulumi-command, provider/pkg/provider/remote/connection.go. */
import { z } from "zod";

export const connectionDefaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

const unpinned = "is missing, and the double refuses a host whose key is not given";

const login = z.strictObject({
	host: z.string(),
	port: z.number().default(connectionDefaults.port),
	user: z.string().default(connectionDefaults.user),
	privateKey: z.string(),
	/** Required here. The real plugin connects to any host without it. RSA keys fail with a modern sshd. */
	hostKey: z
		.string({ error: ({ input }) => (input === undefined ? unpinned : undefined) })
		.regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/, {
			error: "must be an ed25519 or ecdsa key in OpenSSH form",
		}),
	/** Number of failed attempts before the last one. -1 means no limit. */
	dialErrorLimit: z.number().default(connectionDefaults.dialErrorLimit),
	/** Timeout of a TCP connection in seconds. 0 means no limit. */
	perDialTimeout: z.number().default(connectionDefaults.perDialTimeout),
});

export const connection = login.extend({
	/** A bastion. Its connection has the same inputs: proxyConnection.go beside it. */
	proxy: login.optional(),
});

export type Login = z.output<typeof login>;
export type Connection = z.output<typeof connection>;
