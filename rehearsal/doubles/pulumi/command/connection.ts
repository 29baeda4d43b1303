/** The input `connection` of remote.Command: pulumi-command, provider/pkg/provider/remote/connection.go. */
import { z } from "zod";

export const connectionDefaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

const unpinned = "is missing, and the double refuses a host whose key is not given";

export const connection = z.strictObject({
	host: z.string(),
	port: z.number().default(connectionDefaults.port),
	user: z.string().default(connectionDefaults.user),
	privateKey: z.string(),
	/** Required here, though the plugin connects to anybody without it. RSA keys fail against a modern sshd. */
	hostKey: z
		.string({ error: ({ input }) => (input === undefined ? unpinned : undefined) })
		.regex(/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/, {
			error: "must be an ed25519 or ecdsa key in OpenSSH form",
		}),
	/** Failures after which one more is the last; -1 is without limit. */
	dialErrorLimit: z.number().default(connectionDefaults.dialErrorLimit),
	/** Seconds to connect by TCP; 0 is without limit. */
	perDialTimeout: z.number().default(connectionDefaults.perDialTimeout),
});

export type Connection = z.output<typeof connection>;
