import { expect, test } from "vitest";
import { explanation } from "../../../../components/cluster/refused-login.ts";

// The messages of Go: OpError.Error in src/net/net.go. For a name that is not resolved they have no address.
test.each([
	"dial tcp 192.168.7.4:2204: connect: connection refused",
	"dial tcp 192.168.7.4:2204: i/o timeout",
	"dial tcp: lookup nat.lab.internal: no such host",
	"dial tcp: lookup nat.lab.internal on 10.25.10.53:53: server misbehaving",
])("a node that is not at its recorded address any more: %s", (reason) => {
	expect(explanation("w01", `after 20 failed attempts: ${reason}`)).toMatch(
		/^The program did not reach SSH on w01 at its recorded address\. .*docs\/operations\/reach\.md/,
	);
});

test("a bastion that is not found is explained as a bastion", () => {
	const failure = "proxy: after 20 failed attempts: dial tcp: lookup jump.lab.internal: no such host";
	expect(explanation("w01", failure)).toMatch(/^The program did not reach w01 through ssh\.bastion: /);
});

test("a command that fails on the node needs no explanation of the login", () => {
	const failure = "Process exited with status 1: curl: dial tcp: lookup mirror: no such host";
	expect(explanation("w01", failure)).toBeUndefined();
});
