/** The preflight of a node: an unchanged machine passes, and each fault is found before any change. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scriptText } from "../../components/cluster/scripts.ts";
import { describeRun } from "../../rehearsal/run/run.ts";
import { MachineRoom, machine } from "./support/machine-room.ts";

const scripts = [
	"lib.sh",
	"first-boot.sh",
	"preflight-system.sh",
	"preflight-machine.sh",
	"preflight-network.sh",
	"preflight.sh",
] as const;
const toolkit = "/usr/local/lib/rke2-lab";
const node = machine(341, "proj-k8sw01", "10.25.20.4");
const url = "http://127.0.0.1:8098/v1.35.7+rke2r1/rke2.linux-amd64.tar.gz";

let room: MachineRoom;

/** Starts an HTTP service on the machine that answers with the headers. */
const serve = (name: string, port: number, headers: object) =>
	room.ssh(
		node,
		`sudo systemd-run --quiet --unit ${name} /opt/rehearsal/bin/node --eval "require('http').createServer((_, answer) => answer.writeHead(404, ${JSON.stringify(headers).replaceAll('"', "'")}).end()).listen(${port})"`,
	);

beforeAll(async () => {
	room = await MachineRoom.open(describeRun(`preflight-${process.pid}`));
	await room.start(node);
	for (const name of scripts) {
		await room.ssh(node, `sudo install -D -m 0755 /dev/stdin ${toolkit}/${name}`, scriptText(name));
	}
	await serve("mirror", 8098, {});
	// Not with HTTP's own method of a proxy: it refuses every host.
	await room.ssh(
		node,
		`sudo systemd-run --quiet --unit proxy /opt/rehearsal/bin/node --eval "require('http').createServer().on('connect', (_, socket) => socket.end('HTTP/1.1 404 Not Found\\r\\n\\r\\n')).listen(8095)"`,
	);
	await room.ssh(node, "until curl --silent http://127.0.0.1:8098/; do sleep 0.1; done");
});

afterAll(async () => {
	await room.close();
});

interface Arguments {
	address?: string;
	url?: string;
	driver?: string;
	accepted?: string;
	registries?: string;
	proxy?: string;
}

/** Output of the preflight. Mounts and host name of the fault end with the run. `; true` returns the output of a refusal too. */
function preflight(fault = "true", args: Arguments = {}): Promise<string> {
	const line = [
		...[`${toolkit}/preflight.sh`, "proj-k8sw01", args.address ?? "10.25.20.4", "eth0", "v1.35.7+rke2r1"],
		...[args.url ?? url, args.driver ?? "none", args.accepted ?? "none"],
		...[`'${args.registries ?? "docker.io=http://127.0.0.1:8098/"}'`, args.proxy ?? ""],
	].join(" ");
	return room.ssh(node, "sudo unshare --mount --uts bash -es 2>&1; true", `${fault}\n${line}\n`);
}

/** Replaces a file or a command by a text for one run. */
const replaceFile = (path: string, text: string) =>
	`file=$(mktemp); printf '${text}' >"$file"; chmod 0755 "$file"; mount --bind "$file" ${path}`;
const hide = (command: string) =>
	`rest=$(mktemp --directory); cp -a /usr/sbin/. "$rest"; rm "$rest/${command}"; mount --bind "$rest" /usr/sbin`;
const service = (name: string) => ({
	on: `printf '[Service]\\nExecStart=sleep infinity\\n' | sudo tee /etc/systemd/system/${name} && sudo systemctl start ${name}`,
	off: `sudo systemctl stop ${name}`,
});

test("an unchanged machine passes without output and without a change", async () => {
	expect(await preflight()).toBe("proj-k8sw01: preflight: waiting for cloud-init to be done");
	expect(await room.ssh(node, "ls /var/lib/rke2-lab 2>&1 || true")).toContain("No such file");
});

const ubuntu = (version: string) => replaceFile("/etc/os-release", `ID=ubuntu\\nVERSION_ID=${version}\\n`);
/** A `uname` with another answer to one option. */
const answers = (option: string, text: string) =>
	replaceFile(
		"/usr/bin/uname",
		`#!/bin/sh\\ncase $1 in --${option}) echo ${text};; --machine) echo x86_64;; --nodename) cat /proc/sys/kernel/hostname;; *) cat /proc/sys/kernel/osrelease;; esac\\n`,
	);

describe.each<[name: string, fault: string, finding: RegExp, args?: Arguments]>([
	["another version", ubuntu("25.10"), /^operating-system: the system is ubuntu 25\.10 .*supported are Ubuntu 22\.04/],
	[
		"another system",
		replaceFile("/etc/os-release", "ID=rocky\\nVERSION_ID=10.0\\n"),
		/^operating-system: .* rocky 10\.0 /,
	],
	["another processor", answers("machine", "aarch64"), /^architecture: the processor is aarch64; supported is x86_64/],
	["an old kernel", answers("kernel-release", "5.4.0-100"), /^kernel: the kernel is 5\.4\.0-100; supported is 5\.8 /],
	[
		"a kernel in parts",
		replaceFile("/usr/sbin/modprobe", "#!/bin/sh\\n[ $3 != vxlan ]\\n"),
		/^kernel: .* has no module vxlan/,
	],
	["old control groups", "mount -t tmpfs tmpfs /sys/fs/cgroup", /^cgroups: .* first generation \(tmpfs at/],
	["no iptables", hide("iptables"), /^commands: the system has no iptables; /],
	[
		"half of AppArmor",
		`mount -t tmpfs tmpfs /sys/module; install -D <(echo Y) /sys/module/apparmor/parameters/enabled; ${hide("apparmor_parser")}`,
		/^apparmor: the kernel has AppArmor and the system no apparmor_parser/,
	],
	[
		"ufw",
		"mkdir -p /etc/ufw; mount -t tmpfs tmpfs /etc/ufw; echo ENABLED=yes >/etc/ufw/ufw.conf",
		/^firewall: ufw is /,
	],
	[
		"a GPU without a driver",
		replaceFile("/etc/os-release", "ID=debian\\nVERSION_ID=13\\n"),
		/^gpu-driver: the system is debian 13 /,
		{ driver: "operator" },
	],
	["a read-only disk", "mount -t tmpfs -o ro tmpfs /var/lib", /^disk: .* cannot be written: \/var\/lib is read-only/],
	["a disk without programs", "mount -t tmpfs -o noexec,size=8G tmpfs /var/lib", /^disk: \/var\/lib is mounted noexec/],
	["a full disk", "mount -t tmpfs -o size=3G tmpfs /var/lib", /^disk: \/var\/lib has 3 GiB free; .* need 5/],
	[
		"swap",
		replaceFile("/proc/swaps", "Filename Type\\n/dev/zram0 partition 1 0 -2\\n"),
		/^swap: \/dev\/zram0 is used as swap/,
	],
	["another name", "hostname other.example", /^hostname: this machine calls itself other\.example and is to be proj-/],
	[
		"an image with an identity",
		"cp /etc/machine-id /tmp; touch --date 2020-01-01 /tmp/machine-id; mount --bind /tmp/machine-id /etc/machine-id",
		/^machine-id: \/etc\/machine-id is older than the first boot/,
	],
	["no entropy", replaceFile("/proc/sys/kernel/random/entropy_avail", "12\\n"), /^entropy: the kernel has 12 bits/],
	[
		"another address",
		"true",
		/^interface: eth0 has 10\.25\.20\.4\/24 instead of 10\.25\.20\.9, the address of this node/,
		{ address: "10.25.20.9" },
	],
	[
		"remains of a cluster",
		"mount -t tmpfs tmpfs /var/lib; mkdir -p /var/lib/rancher/rke2/server/db/etcd",
		/^conflicts: \/var\/lib\/rancher\/rke2 is of another cluster/,
	],
	[
		"no way out",
		"true",
		/^download: http:\/\/10\.25\.20\.1:9\/ cannot be reached \(curl: 7\)/,
		{ url: "http://10.25.20.1:9/" },
	],
	[
		"a name that no name server knows",
		replaceFile("/etc/resolv.conf", "nameserver 127.0.0.1\\n"),
		/^download: the name in http:\/\/nowhere\.example\/ cannot be resolved: .*\(now: 127\.0\.0\.1\)/,
		{ url: "http://nowhere.example/" },
	],
	[
		"a registry behind a firewall",
		"true",
		/^registries: no image can come from ghcr\.io: http:\/\/10\.25\.20\.1:9\/v2\/ gives no answer \(curl: 7\): no connection, so a firewall or a missing route may keep it away: open the way, or set cluster\.proxy or a mirror/,
		{ registries: "docker.io=http://127.0.0.1:8098/,ghcr.io=http://10.25.20.1:9/v2/" },
	],
	[
		"a registry and a mirror that no name server knows",
		replaceFile("/etc/resolv.conf", "nameserver 127.0.0.1\\n"),
		/^registries: .* http:\/\/mirror\.example\/ gives no answer \(curl: 6\): the name cannot be resolved, .*\(now: 127\.0\.0\.1\).*, http:\/\/hub\.example\/ gives no answer/,
		{ registries: "docker.io=http://mirror.example/|http://hub.example/" },
	],
	[
		"a registry that a proxy does not let through",
		"true",
		/^registries: .* https:\/\/registry-1\.docker\.io\/v2\/ gives no answer \(curl: 56\): .*404.*, so the proxy may refuse the host/,
		{ registries: "docker.io=https://registry-1.docker.io/v2/", proxy: "http://127.0.0.1:8095/ 127.0.0.1" },
	],
])("%s", (_, fault, finding, args) => {
	test("is the only finding and stops a new node", async () => {
		const [, found, end, ...others] = lines(await preflight(fault, args));
		expect(found).toMatch(finding);
		expect(end).toMatch(
			/^nothing was installed or changed; mend what was found, or name in cluster\.preflight\.accept /,
		);
		expect(others).toEqual([]);
	});
});

describe.each<[name: string, switches: { on: string; off: string }, finding: RegExp, args?: Arguments]>([
	[
		"firewalld",
		service("firewalld.service"),
		/^firewall: firewalld\.service is active .*disable --now firewalld\.service`/,
	],
	["a container runtime", service("docker.service"), /^conflicts: docker\.service runs here /],
	[
		"routes of a cloud",
		{
			on: `${service("nm-cloud-setup.service").on}; printf '[Install]\\nWantedBy=multi-user.target\\n' | sudo tee -a /etc/systemd/system/nm-cloud-setup.service; sudo systemctl enable nm-cloud-setup.service`,
			off: "sudo systemctl disable --now nm-cloud-setup.service",
		},
		/^network-services: nm-cloud-setup\.service is enabled /,
	],
	[
		"a port that is taken",
		{
			on: "sudo systemd-run --quiet --unit taken /opt/rehearsal/bin/node --eval \"require('net').createServer().listen(9345)\"; until ss -Hltn sport = :9345 | grep -q .; do sleep 0.1; done",
			off: "sudo systemctl stop taken.service",
		},
		/^conflicts: something listens on port 9345, /,
	],
	[
		"a clock that nothing keeps",
		{ on: "sudo systemctl stop systemd-timesyncd.service", off: "sudo systemctl start systemd-timesyncd.service" },
		/^clock: nothing keeps the clock of this machine/,
	],
	[
		"a clock that is wrong",
		{
			on: "sudo systemd-run --quiet --unit late /opt/rehearsal/bin/node --eval \"require('http').createServer((_, answer) => answer.writeHead(200, { date: 'Mon, 02 Nov 2026 10:00:00 GMT' }).end()).listen(8097)\"; until curl -s http://127.0.0.1:8097/; do sleep 0.1; done",
			off: "sudo systemctl stop late.service",
		},
		/^clock: the clock here says .* and that of http:\/\/127\.0\.0\.1:8097\/ 2026-11-02T10:00:00Z; 30 s are tolerated/,
		{ url: "http://127.0.0.1:8097/" },
	],
])("%s", (_, { on, off }, finding, args) => {
	test("is the only finding and stops a new node", async () => {
		await room.ssh(node, on);
		const [, found, ...others] = lines(await preflight("true", args));
		await room.ssh(node, off);
		expect(found).toMatch(finding);
		expect(others).toHaveLength(1);
	});
});

test("a registry is reached when one of its mirrors answers, even with a refusal", async () => {
	const registries = "docker.io=http://10.25.20.1:9/|http://127.0.0.1:8098/v2/|https://registry-1.docker.io/v2/";
	expect(lines(await preflight("true", { registries }))).toHaveLength(1);
});

const several = [ubuntu("25.10"), hide("iptables"), "hostname other"].join("; ");

test("the clock is not compared when the answer comes from a cache", async () => {
	const [kept, age] = [new Date(Date.now() - 3_600_000).toUTCString(), "3600"];
	await serve("cache", 8096, { date: kept, age });
	await room.ssh(node, "until curl --silent http://127.0.0.1:8096/; do sleep 0.1; done");
	expect(lines(await preflight("true", { url: "http://127.0.0.1:8096/" }))).toHaveLength(1);
});

test("the preflight reports all findings at once", async () => {
	const checks = lines(await preflight(several)).map((line) => line.split(":")[0]);
	expect(checks.slice(1, -1)).toEqual(["operating-system", "commands", "hostname"]);
});

test("the preflight continues when all findings are accepted", async () => {
	const said = lines(await preflight(several, { accepted: "operating-system,commands,hostname" }));
	expect(said.slice(1).map((line) => line.slice(0, 30))).toEqual([
		"operating-system, as accepted:",
		"commands, as accepted: the sys",
		"hostname, as accepted: this ma",
	]);
});

test("the preflight reports findings as results and continues when the node is a member", async () => {
	const member = "mkdir -p /var/lib/rke2-lab; mount -t tmpfs tmpfs /var/lib/rke2-lab; touch /var/lib/rke2-lab/member";
	const said = (await preflight(`${member}; ${several}`)).split("\n").filter((line) => !line.includes(" clock: "));
	expect(said).toEqual([
		expect.stringMatching(/^nodes\.proj-k8sw01 runs, but would not be set up like this today: operating-system: /),
		expect.stringMatching(/today: commands: the system has no iptables/),
		expect.stringMatching(/today: hostname: /),
	]);
});

describe("a member whose registries do not answer", () => {
	const registries = "docker.io=http://10.25.20.1:9/";
	const withRelease = (version: string) =>
		`mkdir -p /var/lib/rke2-lab; mount -t tmpfs tmpfs /var/lib/rke2-lab; cd /var/lib/rke2-lab; touch member; echo ${version} >installed`;

	test("is refused a newer release, whose images it may not have", async () => {
		const said = lines(await preflight(withRelease("v1.35.6+rke2r1"), { registries }));
		expect(said.at(-2)).toMatch(/^registries: no image can come from docker\.io: /);
		expect(said.at(-1)).toBe(
			"nothing was changed, because RKE2 v1.35.7+rke2r1, and pods that move here meanwhile, may need images that this node does not have; mend what was found, or name registries in cluster.preflight.accept where the images come another way",
		);
	});

	test.each(["v1.35.7+rke2r1", "v1.35.10+rke2r1"])("continues with a warning when it runs %s", async (installed) => {
		const said = await preflight(withRelease(installed), { registries });
		expect(said).toContain("nodes.proj-k8sw01 runs, but would not be set up like this today: registries: no image can");
		expect(said).not.toContain("nothing was changed");
	});

	test("gets a newer release when the finding is accepted", async () => {
		const said = await preflight(withRelease("v1.35.6+rke2r1"), { registries, accepted: "registries" });
		expect(said).not.toContain("nothing was changed");
	});
});

function lines(text: string): string[] {
	return text.split("\n").map((line) => line.replace("proj-k8sw01: preflight: ", ""));
}
