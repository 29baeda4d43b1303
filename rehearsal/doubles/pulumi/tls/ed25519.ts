import ssh2 from "ssh2";

/** A key pair in OpenSSH's own format. */
export interface OpensshKeyPair {
	public: string;
	private: string;
}

/**
 * Makes a valid Ed25519 key pair. One pair in 256 of ssh2 1.17.0 is malformed, because ssh2 strips leading zero bytes of the
 * public half (ssh2#1390). This function discards such a pair.
 */
export function newEd25519KeyPair(): OpensshKeyPair {
	let pair: OpensshKeyPair;
	do {
		pair = ssh2.utils.generateKeyPairSync("ed25519");
	} while (ssh2.utils.parseKey(pair.private) instanceof Error || ssh2.utils.parseKey(pair.public) instanceof Error);
	return pair;
}
