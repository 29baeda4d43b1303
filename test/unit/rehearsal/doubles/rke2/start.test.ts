import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installRelease, machineRoot, runDouble } from "./fixture.ts";

let prefix: string;
const roots: string[] = [];

beforeAll(async () => {
	prefix = await installRelease();
});

afterAll(() => {
	for (const directory of [prefix, ...roots]) {
		rmSync(directory, { recursive: true, force: true });
	}
});

function start(
	command: "server" | "agent" | "etcd-snapshot",
	options: Parameters<typeof machineRoot>[0],
	...argv: string[]
) {
	const root = machineRoot(options);
	roots.push(root);
	return runDouble(prefix, root, command, ...argv);
}

describe("keys of config.yaml", () => {
	test("an unknown key is skipped with a warning", async () => {
		// The sysctl would be fatal, were the profile read.
		const run = await start("server", {
			config: "profle: cis\nflannel-backend: wireguard\ncni: weave\n",
			sysctls: { "kernel/panic": "0" },
		});
		expect(run.log).toEqual([
			"warning: Unknown flag --profle found in config.yaml, skipping",
			"warning: Unknown flag --flannel-backend found in config.yaml, skipping",
			"info: Starting rke2 server v1.35.7+rke2r1",
			'fatal: invalid value "weave" for --cni: one of none, calico, canal, cilium, flannel is needed',
		]);
		expect(run.exitCode).toBe(1);
	});

	test("a server's key is unknown to an agent", async () => {
		const run = await start("agent", { config: "tls-san: [10.25.20.29]\n" });
		expect(run.log).toContain("warning: Unknown flag --tls-san found in config.yaml, skipping");
	});

	test("an unknown flag on the command line is fatal", async () => {
		const run = await start("server", { config: "" }, "--profle=cis");
		expect(run.log.at(-1)).toMatch(/^fatal: rke2 server: Unknown option '--profle'/);
	});

	test("a boolean flag is fatal when its value is no boolean", async () => {
		const run = await start("server", { config: "selinux: perhaps\n" });
		expect(run.log.at(-1)).toBe('fatal: invalid boolean value "perhaps" for --selinux');
	});
});

describe("profile: cis", () => {
	test("names every wrong kernel parameter", async () => {
		const run = await start("agent", {
			config: "profile: cis\nserver: https://10.25.20.29:9345\ntoken: x\n",
			sysctls: { "kernel/panic": "0", "vm/overcommit_memory": "0" },
		});
		expect(run.log.at(-1)).toBe(
			"fatal: invalid kernel parameter value vm.overcommit_memory=0 - expected 1\n" +
				"invalid kernel parameter value kernel.panic=0 - expected 10",
		);
	});

	test("requires the etcd user on a server", async () => {
		const run = await start("server", { config: "profile: cis\n", etcdUser: false });
		expect(run.log.at(-1)).toMatch(/^fatal: missing required: user: unknown user etcd/);
	});

	test("is refused together with protect-kernel-defaults: false", async () => {
		const run = await start("server", { config: "profile: cis\nprotect-kernel-defaults: false\n" });
		expect(run.log.at(-1)).toBe("fatal: --protect-kernel-defaults must be true when using --profile=cis");
	});

	test("is fatal when its name is misspelt", async () => {
		const run = await start("server", { config: "profile: cis-1.23\n" });
		expect(run.log.at(-1)).toMatch(/^fatal: invalid value provided for --profile flag: cis-1.23/);
	});
});

test("a role label in node-label stops the kubelet", async () => {
	const run = await start("agent", {
		config: "server: https://10.25.20.29:9345\ntoken: x\nnode-label: [node-role.kubernetes.io/worker=true, zone=a]\n",
	});
	expect(run.log.at(-1)).toMatch(/labels specified with --node-labels: \[node-role\.kubernetes\.io\/worker\]/);
});

test("a token is refused without its value when its form is wrong", async () => {
	const run = await start("agent", { config: "server: https://10.25.20.29:9345\ntoken: K10abc::server:hunter2\n" });
	expect(run.log.at(-1)).toMatch(/^fatal: failed to normalize token/);
	expect(run.log.join()).not.toContain("hunter2");
});

describe("etcd-snapshot", () => {
	const store = "etcd-s3: true\netcd-s3-config-secret: store\n";

	test("saves and prunes nothing when the store of config.yaml does not answer", async () => {
		for (const command of ["save", "prune"]) {
			const run = await start("etcd-snapshot", { config: store }, command);
			expect(run.log.at(-1)).toBe(
				"fatal: see server log for details: https://127.0.0.1:9345/db/snapshot: 400 Bad Request",
			);
			expect(run.exitCode).toBe(1);
		}
	});

	test("needs no store when the flag with config.yaml's name disables it", async () => {
		const alone = await start("etcd-snapshot", { config: store }, "save", "--etcd-s3=false");
		expect(alone.log.at(-1)).toMatch(/^fatal: ENOENT: .*\/server\/token/);
		const short = await start("etcd-snapshot", { config: store }, "save", "--s3=false");
		expect(short.log.at(-1)).toMatch(/^fatal: rke2 etcd-snapshot: Unknown option '--s3'/);
	});
});

describe("a reset", () => {
	const reset = ["--cluster-reset", "--cluster-reset-restore-path=/none"];

	test.each([
		[
			"a server URL",
			"server: https://10.25.20.29:9345\ntoken: secret\n",
			"fatal: cannot perform cluster-reset while server URL is set - remove server from configuration before resetting",
		],
		["no token", "", /^fatal: .*\/server\/token does not exist, please pass --token to complete the restoration$/],
		["no snapshot", "token: secret\n", "fatal: etcd: snapshot path does not exist: /none"],
		[
			"a store that only the Secret names",
			"token: secret\netcd-s3: true\netcd-s3-config-secret: store\n",
			"fatal: cannot use S3 config secret when restoring snapshot; configuration must be set in CLI or config file",
		],
		[
			"a store without a bucket",
			"token: secret\netcd-s3: true\netcd-s3-endpoint: s3.internal\n",
			"fatal: failed to initialize S3 client: s3 bucket name was not set",
		],
	])("is refused with %s", async (_, config, message) => {
		const { log, exitCode } = await start("server", { config: `node-ip: 10.25.20.4\n${config}` }, ...reset);
		expect(log.at(-1)).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
		expect(exitCode).toBe(1);
	});

	test("without a snapshot is refused a second time, until a normal start", async () => {
		const file = "var/lib/rancher/rke2/server/db/reset-flag";
		const { log } = await start("server", { config: "token: secret\n", files: { [file]: "" } }, "--cluster-reset");
		expect(log.at(-1)).toMatch(
			/^fatal: cluster-reset was successfully performed, .* manually delete the \S+\/db\/reset-flag file$/,
		);
	});
});
