/** What stands for the outputs of resources that exist. */

const base64 = "b3V0cHV0IG9mIGFub3RoZXIgcmVzb3VyY2U=";

/** Outputs of resources that exist, in the form in which other resources read them, each by its format. */
export const outputMarks = {
	line: "[output: line]",
	hostkey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOi7eQhFymZCw2bl01oWMpf5i8fN3RxQRYzc0WqG+pE0",
	base64,
	key: `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`,
	number: 987_654_321,
} as const;
