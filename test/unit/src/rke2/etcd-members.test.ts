/** lib.sh on etcd's list of members, in the form of etcd's JSON gateway. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = new URL("../../../../src/rke2/scripts/lib.sh", import.meta.url).pathname;

const members = [
	{ ID: "12", name: "server-1-ab12cd34", peerURLs: ["https://10.0.0.4:2380"], clientURLs: ["https://10.0.0.4:2379"] },
	{
		ID: "13",
		name: "server-2-ab12cd34",
		peerURLs: ["https://10.0.0.5:2380"],
		clientURLs: ["https://10.0.0.5:2379"],
		isLearner: true,
	},
	{ ID: "14", peerURLs: ["https://10.0.0.6:2380"] },
];

/** Runs a function of lib.sh on the server with the address. */
function run(call: string, address: string) {
	const directory = mkdtempSync(join(tmpdir(), "etcd-members-test-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	writeFileSync(join(directory, "config.yaml"), `node-ip: ${address}\n`);
	writeFileSync(join(directory, "answer"), JSON.stringify({ header: { cluster_id: "1", member_id: "12" }, members }));
	const constants = `STATE=${directory} RKE2_CONFIG=${directory} RKE2_DATA=${directory}`;
	const program = `${constants}; . ${script}; etcd_ask() { cat ${directory}/answer; }; ${call}`;
	return spawnSync("bash", ["-c", program], { encoding: "utf8" });
}

test("list_members gives each member's node, address and part", () => {
	expect(run("list_members", "10.0.0.4").stdout).toBe(
		"12 server-1 10.0.0.4 voter\n13 server-2 10.0.0.5 learner\n14 - 10.0.0.6 starting\n",
	);
});

test.each([
	["a voter", "10.0.0.4", 0],
	["a learner", "10.0.0.5", 1],
	["a member that has not started", "10.0.0.6", 1],
	["no member", "10.0.0.40", 1],
])("is_etcd_voter knows %s", (_, address, status) => {
	expect(run("is_etcd_voter", address).status).toBe(status);
});

const membersScript = script.replace("lib.sh", "members.sh");

test.each([
	["has a leader", "touch $APPLIED", '{"leader":"12","raftTerm":"3"}', 1],
	["has no leader", "touch $APPLIED", '{"raftTerm":"3","errors":["etcdserver: no leader"]}', 0],
	["names the leader 0", "touch $APPLIED", '{"leader":"0"}', 0],
	["has no leader, in the middle of a change", "true", "{}", 1],
])("has_lost_quorum knows a server whose etcd %s", (_, change, answer, status) => {
	const stubs = `${change}; etcd_ask() { echo '${answer}'; }`;
	expect(run(`. ${membersScript}; ${stubs}; has_lost_quorum`, "10.0.0.4").status).toBe(status);
});

test("has_lost_quorum is not sure where etcd does not answer", () => {
	const stubs = "touch $APPLIED; etcd_ask() { return 7; }";
	expect(run(`. ${membersScript}; ${stubs}; has_lost_quorum`, "10.0.0.4").status).toBe(1);
});
