import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { hostFiles } from "../../../../src/rke2/host.ts";
import { labStack } from "../../../fixtures/lab.ts";

const stack = labStack();

test("both time daemons get the time servers", () => {
	const files = hostFiles(labStack({ network: { timeServers: ["10.25.10.2", "us.pool.ntp.org"] } }));
	const content = (path: string) => files.find((file) => file.path === path)!.content;
	expect(content("/etc/systemd/timesyncd.conf.d/rke2-lab.conf")).toBe("[Time]\nNTP=10.25.10.2 us.pool.ntp.org\n");
	expect(content("/etc/chrony/sources.d/rke2-lab.sources")).toBe(
		"server 10.25.10.2 iburst\nserver us.pool.ntp.org iburst\n",
	);
});

test("needrestart does not restart RKE2, and treats other services as before", () => {
	const { content } = hostFiles(stack).find(({ path }) => path.startsWith("/etc/needrestart/"))!;
	// How needrestart reads such a file, and how it looks a service up (/usr/sbin/needrestart).
	const reader = `
		our %nrconf = (override_rc => { qr(^dbus) => 0 });
		eval do { local $/; <STDIN> };
		die $@ if $@;
		for my $unit (qw(rke2-server.service rke2-agent.service ssh.service dbus.service)) {
			my ($rule) = grep { $unit =~ /$_/ } keys %{$nrconf{override_rc}};
			print $unit, " ", defined $rule ? $nrconf{override_rc}->{$rule} : "restarted", "\\n";
		}`;
	expect(execFileSync("perl", ["-e", reader], { input: content, encoding: "utf8" })).toBe(
		"rke2-server.service 0\nrke2-agent.service 0\nssh.service restarted\ndbus.service 0\n",
	);
});

test("the VXLAN device computes its checksums itself, or offloads them when the stack file says so", () => {
	const link = (checksumOffload?: boolean) =>
		hostFiles(labStack({ cluster: { canal: { checksumOffload } } })).find(({ path }) => path.endsWith(".link"))
			?.content;
	expect(link()).toBe("[Match]\nOriginalName=flannel.1\n\n[Link]\nTransmitChecksumOffload=no\n");
	expect(link(true)).toContain("\nTransmitChecksumOffload=yes\n");
});

test("further kernel settings and modules are added to those that Kubernetes needs", () => {
	const files = hostFiles(
		labStack({ cluster: { kernel: { settings: { "vm.max_map_count": 262144 }, modules: ["nfs"] } } }),
	);
	const content = (path: string) => files.find((file) => file.path === path)!.content;
	expect(content("/etc/sysctl.d/99-zz-rke2-lab.conf")).toBe("vm.max_map_count = 262144\n");
	expect(content("/etc/modules-load.d/rke2.conf")).toBe("br_netfilter\noverlay\nnfs\n");
});

test("at boot the program's kernel settings apply after those of a hardened image, and the stack file's last", () => {
	const paths = hostFiles(stack).map(({ path }) => path);
	const ours = paths.filter((path) => path.startsWith("/etc/sysctl.d/"));
	expect(["/etc/sysctl.d/99-sysctl.conf", "/etc/sysctl.d/99-cis-kernel.conf", ...ours].sort().slice(2)).toEqual(ours);
	expect(ours.at(-1)).toBe("/etc/sysctl.d/99-zz-rke2-lab.conf");
});

test("a node has the kernel settings of the CIS profile before RKE2 starts", () => {
	const text = hostFiles(stack).find(({ path }) => path === "/etc/sysctl.d/99-zz-rke2-cis.conf")!.content;
	expect(text.split("\n").sort()).toEqual([
		"",
		"kernel.panic = 10",
		"kernel.panic_on_oops = 1",
		"vm.overcommit_memory = 1",
		"vm.panic_on_oom = 0",
	]);
});
