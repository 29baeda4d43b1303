import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** As the node calls itself in what it prints. */
const node = hostname().split(".")[0];
const script = fileURLToPath(new URL("../../../compliance/live/check-node.sh", import.meta.url));
let directory: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "live-"));
	for (const [name, mode] of Object.entries({ "a.key": 0o600, "b.key": 0o640, "c.crt": 0o644 })) {
		writeFileSync(join(directory, name), "");
		chmodSync(join(directory, name), mode);
	}
});
afterEach(() => rmSync(directory, { recursive: true }));

function check(role: string, ...rows: string[][]) {
	return checkTable(role, `# comment\n${rows.map((row) => `${row.join("\t")}\n`).join("")}`);
}

function checkTable(role: string, input: string) {
	const { status, stdout, stderr } = spawnSync("sh", [script, role], { input, encoding: "utf8" });
	return { status, lines: stdout.trim().split("\n"), stderr };
}

test("a file passes when its mode has no bit more than the allowed mode", () => {
	expect(check("server", ["1.1.20", "server", "mode", "644", `${directory}/*`])).toMatchObject({
		status: 0,
		lines: ["a.key 600", "b.key 640", "c.crt 644"].map((file) => `${node} 1.1.20 pass ${directory}/${file}`),
	});
});

test("a file fails when its mode has one bit more than the allowed mode", () => {
	expect(check("server", ["1.1.21", "server", "mode", "600", `${directory}/*.key`])).toMatchObject({
		status: 1,
		lines: [`${node} 1.1.21 pass ${directory}/a.key 600`, `${node} 1.1.21 fail ${directory}/b.key 640`],
	});
});

test("the first row counts when several name a file", () => {
	const special = ["1.1.21", "server", "mode", "640", `${directory}/b.key`];
	expect(check("server", special, ["1.1.21", "server", "mode", "600", `${directory}/*.key`])).toMatchObject({
		status: 0,
		lines: [`${node} 1.1.21 pass ${directory}/b.key 640`, `${node} 1.1.21 pass ${directory}/a.key 600`],
	});
});

test("two stars stand for every file below a folder, however deep, and for no link", () => {
	mkdirSync(join(directory, "deep/er"), { recursive: true });
	writeFileSync(join(directory, "deep/er/d.key"), "");
	chmodSync(join(directory, "deep/er/d.key"), 0o666);
	symlinkSync(join(directory, "c.crt"), join(directory, "deep/link.key"));
	const { status, lines } = check("server", ["1.1.21", "server", "mode", "600", `${directory}/**/*.key`]);
	expect(status).toBe(1);
	expect(lines.toSorted()).toEqual([
		`${node} 1.1.21 fail ${directory}/b.key 640`,
		`${node} 1.1.21 fail ${directory}/deep/er/d.key 666`,
		`${node} 1.1.21 pass ${directory}/a.key 600`,
	]);
	expect(check("server", ["1.1.21", "server", "mode", "600", `${directory}/none/**/*`]).lines).toEqual([
		`${node} 1.1.21 absent ${directory}/none/**/* -`,
	]);
});

test("a file below a folder is found when its name has blanks and stars", () => {
	writeFileSync(join(directory, "a * b.pem"), "");
	chmodSync(join(directory, "a * b.pem"), 0o666);
	expect(check("server", ["1.1.21", "server", "mode", "600", `${directory}/**/*.pem`]).lines).toEqual([
		`${node} 1.1.21 fail ${directory}/a * b.pem 666`,
	]);
});

test("a name with a line feed fails, because its file would not be found", () => {
	writeFileSync(join(directory, "a\nb"), "");
	const { status, lines } = check("server", ["1.1.21", "server", "mode", "644", `${directory}/**/*.key`]);
	expect(status).toBe(1);
	expect(lines).toContain(`${node} 1.1.21 fail ${directory}/**/*.key line-feed-in-a-name`);
});

test("an owner is one of a list", () => {
	const { username } = userInfo();
	const group = spawnSync("stat", ["-c", "%G", join(directory, "c.crt")], { encoding: "utf8" }).stdout.trim();
	const row = ["1.1.12", "server", "owner", `etcd:etcd,${username}:${group}`, `${directory}/c.crt`];
	expect(check("server", row)).toMatchObject({ status: 0 });
});

test("bash runs the script and reads the tables from one pipe", () => {
	const input = `${readFileSync(script, "utf8")}# comment\n1.1.21\tserver\tmode\t600\t${directory}/*.key\n`;
	const { status, stdout } = spawnSync("bash", ["-s", "server"], { input, encoding: "utf8" });
	expect(stdout.trim().split("\n")).toEqual([
		`${node} 1.1.21 pass ${directory}/a.key 600`,
		`${node} 1.1.21 fail ${directory}/b.key 640`,
	]);
	expect(status).toBe(1);
});

test("only the lock of a container network may be 750, as its plugins make it", () => {
	const network = join(directory, "networks/k8s-pod-network");
	mkdirSync(network, { recursive: true });
	for (const [name, mode] of Object.entries({ lock: 0o750, "10.42.0.2": 0o600, "last_reserved_ip.0": 0o640 })) {
		writeFileSync(join(network, name), "");
		chmodSync(join(network, name), mode);
	}
	const table = readFileSync(new URL("../../../compliance/live/files.tsv", import.meta.url), "utf8");
	const rows = table.split("\n").filter((row) => row.startsWith("1.1.9\t") && row.includes("/var/lib/cni/"));
	const { lines } = checkTable("server", rows.join("\n").replaceAll("/var/lib/cni", directory));
	expect(lines).toEqual([
		`${node} 1.1.9 pass ${network}/lock 750`,
		`${node} 1.1.9 pass ${network}/10.42.0.2 600`,
		`${node} 1.1.9 fail ${network}/last_reserved_ip.0 640`,
	]);
});

test("a key of the cluster fails in every folder where RKE2 and the program keep one", () => {
	const server = "/var/lib/rancher/rke2/server";
	const keys = {
		"1.1.11": [`${server}/db/etcd/config`],
		"1.1.21": [
			`${server}/tls/service.key`,
			`${server}/tls/etcd/peer-ca.key`,
			`${server}/tls/kube-scheduler/kube-scheduler.key`,
			`${server}/cred/encryption-config.json`,
			`${server}/cred/api-server.kubeconfig`,
			"/etc/rancher/rke2/token",
			"/etc/rancher/rke2/agent-token",
			"/etc/rancher/rke2/config.yaml",
		],
		"1.1.20": [`${server}/tls/server-ca.crt`, `${server}/tls/etcd/server-ca.crt`],
	};
	for (const file of Object.values(keys).flat()) {
		mkdirSync(dirname(join(directory, file)), { recursive: true });
		writeFileSync(join(directory, file), "");
		chmodSync(join(directory, file), 0o666);
	}
	const table = readFileSync(new URL("../../../compliance/live/files.tsv", import.meta.url), "utf8");
	const { lines } = checkTable("server", table.replaceAll("\t/", `\t${directory}/`));
	const modes = lines.filter((line) => line.endsWith(" 666"));
	expect(modes.toSorted()).toEqual(
		Object.entries(keys)
			.flatMap(([control, files]) => files.map((file) => `${node} ${control} fail ${directory}${file} 666`))
			.toSorted(),
	);
});

test("the last row counts when it has no line feed", () => {
	const row = ["1.1.21", "server", "mode", "600", `${directory}/b.key`].join("\t");
	expect(checkTable("server", row)).toMatchObject({
		status: 1,
		lines: [`${node} 1.1.21 fail ${directory}/b.key 640`],
	});
});

test.each(["", "# comment\n\n"])("a table without a row (%j) is refused with the usage", (input) => {
	expect(checkTable("server", input)).toMatchObject({
		status: 2,
		stderr: "No table came in.\nUsage: cat files.tsv arguments.tsv | check-node.sh server|agent\n",
	});
});

test("a file of another owner fails", () => {
	const { status, lines } = check("agent", ["4.1.8", "any", "owner", "nobody:nogroup", `${directory}/c.crt`]);
	expect(status).toBe(1);
	expect(lines).toEqual([expect.stringContaining(`${node} 4.1.8 fail ${directory}/c.crt ${userInfo().username}:`)]);
});

test("a missing file is absent, and rows of the other role have no result", () => {
	const absent = ["4.1.3", "any", "mode", "600", `${directory}/none`];
	expect(check("agent", absent, ["1.1.21", "server", "mode", "600", `${directory}/b.key`])).toMatchObject({
		status: 0,
		lines: [`${node} 4.1.3 absent ${directory}/none -`],
	});
});

test("an unknown role is refused with the usage", () => {
	expect(check("worker")).toMatchObject({
		status: 2,
		stderr: "Usage: cat files.tsv arguments.tsv | check-node.sh server|agent\n",
	});
});

describe("arguments of a component that runs", () => {
	/** Of a name that no real one has. */
	const component = "kube-pretender-of-tests";
	const given = ["--profiling=false", "--plugins=A,B", "--plugins=C", "--maxage=30", "--bare", "--ciphers=X,Y"];
	const repeated = ["--mode=strict", "--mode=open", "--log=/var/log/audit", "--log=", "--token_file=/x"];
	const children: ChildProcess[] = [];
	async function start(...parameters: string[]): Promise<void> {
		const child = spawn(join(directory, component), ["-c", "echo; read -r line", "--", ...parameters]);
		children.push(child);
		await once(child.stdout!, "data");
	}
	beforeEach(async () => {
		symlinkSync("/bin/sh", join(directory, component));
		await start(...given, ...repeated);
	});
	afterEach(() => {
		for (const child of children.splice(0)) {
			child.kill();
		}
	});

	test.each<[what: string, allowed: string, argument: string, result: string]>([
		["is", "false", "profiling", "pass"],
		["is", "true", "profiling", "fail"],
		["is", "true", "bare", "pass"],
		["is", "true", "other", "fail"],
		["not", "true", "profiling", "pass"],
		["not", "false", "profiling", "fail"],
		["not", "false", "other", "pass"],
		["has", "C", "plugins", "pass"],
		["has", "AB", "plugins", "fail"],
		["lacks", "D", "plugins", "pass"],
		["lacks", "B", "plugins", "fail"],
		["among", "X,Y,Z", "ciphers", "pass"],
		["among", "X,Z", "ciphers", "fail"],
		["among", "X", "other", "fail"],
		["min", "30", "maxage", "pass"],
		["min", "31", "maxage", "fail"],
		["min", "1", "other", "fail"],
		["set", "-", "maxage", "pass"],
		["set", "-", "other", "fail"],
		["unset", "-", "other", "pass"],
		["unset", "-", "maxage", "fail"],
		["is", "open", "mode", "pass"],
		["is", "strict", "mode", "fail"],
		["set", "-", "log", "fail"],
		["set", "-", "token-file", "pass"],
		["unset", "-", "token-file", "fail"],
		["without", "http:", "log", "pass"],
		["without", "Y", "ciphers", "fail"],
		["without", "http:", "other", "pass"],
	])("%s %s: %s is a %s", (what, allowed, argument, result) => {
		const { status, lines } = check("server", ["1.2.1", "server", what, allowed, `${component}:${argument}`]);
		expect(lines).toEqual([expect.stringMatching(`^${node} 1\\.2\\.1 ${result} ${component}:${argument} `)]);
		expect(status).toBe(result === "pass" ? 0 : 1);
	});

	test("are checked for each running process", async () => {
		await start("--profiling=true");
		const row = ["1.2.15", "server", "is", "false", `${component}:profiling`];
		const { status, lines } = check("server", row);
		const line = (result: string, found: string) => `${node} 1.2.15 ${result} ${component}:profiling ${found}`;
		expect(lines.toSorted()).toEqual([line("fail", "true"), line("pass", "false")]);
		expect(status).toBe(1);
	});

	test("are absent when the component does not run", () => {
		expect(check("server", ["1.2.1", "server", "is", "false", "kube-nobody:profiling"])).toMatchObject({
			status: 0,
			lines: [`${node} 1.2.1 absent kube-nobody:profiling -`],
		});
	});
});

test("an unknown check in a table is refused", () => {
	expect(check("server", ["1.2.1", "server", "equals", "false", "kube-apiserver:profiling"])).toMatchObject({
		status: 2,
		stderr: "The table has the check equals for 1.2.1, which does not exist.\n",
	});
});
