/** The first boot of a machine, and the steps of the program that wait for it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { scriptText } from "../../components/cluster/scripts.ts";
import { describeRun } from "../../rehearsal/run/run.ts";
import { renderBundle } from "../../src/rke2/bundle.ts";
import { hostFiles } from "../../src/rke2/host.ts";
import { labStack } from "../fixtures/lab.ts";
import { MachineRoom, machine } from "./support/machine-room.ts";
import { eventually } from "./support/scenario.ts";

let room: MachineRoom;

beforeAll(async () => {
	room = await MachineRoom.open(describeRun(`first-boot-${process.pid}`));
});

afterAll(async () => {
	await room.close();
});

test("a machine boots with a host key and refuses every login when its account cannot be made", async () => {
	const locked = machine(321, "locked", "10.25.20.4");
	locked.cloudInit.user = "admin";
	await room.start(locked);
	await expect(room.ssh(locked, "true")).rejects.toThrow("admin@10.25.20.4: Permission denied");
});

test("a prepared machine keeps its host key when its cloud-init data change, and a new machine does not", async () => {
	const [prepared, fresh] = [machine(324, "prepared", "10.25.20.7"), machine(325, "fresh", "10.25.20.8")];
	await Promise.all([room.start(prepared), room.start(fresh)]);
	await room.ssh(prepared, "sudo bash -s", `${scriptText("unpack.sh")}${renderBundle(hostFiles(labStack()))}`);
	for (const spec of [prepared, fresh]) {
		await room.hypervisor.stop(spec.vmId);
		await room.hypervisor.start({ ...spec, cloudInit: { ...spec.cloudInit, searchDomain: "other.example" } });
	}
	await expect(eventually(() => room.ssh(prepared, "hostname --domain"))).resolves.toBe("other.example");
	expect(await room.hostKey(fresh)).not.toBe(await room.pinnedKey(fresh));
});

test("the preparation waits when an upgrade of all packages runs", async () => {
	const upgrading = machine(322, "upgrading", "10.25.20.5");
	upgrading.cloudInit.upgradesPackages = true;
	await room.start(upgrading);
	// apt-get update fails while another process has the lock of the lists.
	const prepare = `${scriptText("lib.sh")}${scriptText("first-boot.sh")}\nbegin prepare upgrading\nwait_for_first_boot\napt-get -qq update\n`;
	await room.ssh(upgrading, "sudo bash -s", prepare);
	expect(await room.ssh(upgrading, "ls /var/lib/cloud/instance")).toBe("");
});

test("packages are installed later when another process has the lock of apt", async () => {
	const upgrading = machine(323, "upgrading", "10.25.20.6");
	upgrading.cloudInit.upgradesPackages = true;
	await room.start(upgrading);
	const toolkit = "/usr/local/lib/rke2-lab";
	for (const name of ["lib.sh", "apt.sh", "address.sh"] as const) {
		await room.ssh(upgrading, `sudo install -D /dev/stdin ${toolkit}/${name}`, scriptText(name));
	}
	// No archive can be reached here. A hook restores the package as soon as apt has read its lists.
	await room.ssh(
		upgrading,
		`sudo mv /usr/sbin/keepalived /root
		 echo 'APT::Update::Post-Invoke { "mv /root/keepalived /usr/sbin"; };' | sudo tee /etc/apt/apt.conf.d/archive`,
	);
	await room.ssh(upgrading, `sudo bash ${toolkit}/address.sh upgrading keepalived`);
	expect(await room.ssh(upgrading, "ls /usr/sbin/keepalived")).toBe("/usr/sbin/keepalived");
});
