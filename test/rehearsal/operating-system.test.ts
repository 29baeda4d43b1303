/** Services of a machine's operating system, and the program's settings for them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scriptText } from "../../components/cluster/scripts.ts";
import { describeRun } from "../../rehearsal/run/run.ts";
import { renderBundle } from "../../src/rke2/bundle.ts";
import { hostFiles } from "../../src/rke2/host.ts";
import { labStack } from "../fixtures/lab.ts";
import { MachineRoom, machine } from "./support/machine-room.ts";
import { eventually } from "./support/scenario.ts";

const [prepared, untouched] = [machine(331, "prepared", "10.25.20.4"), machine(332, "untouched", "10.25.20.5")];

let room: MachineRoom;

beforeAll(async () => {
	room = await MachineRoom.open(describeRun(`operating-system-${process.pid}`));
	await Promise.all([room.start(prepared), room.start(untouched)]);
});

afterAll(async () => {
	await room.close();
});

describe("networkd after a restart", () => {
	/** Makes what Canal and keepalived make, on an image whose networkd has a configuration for any link. */
	const make = `sudo sh -ec '
		printf "[Match]\\nName=*\\n[Network]\\nLinkLocalAddressing=no\\n" >/etc/systemd/network/90-any.network
		ip link add flannel.1 type veth peer name cali1
		ip address add 10.42.0.0/32 dev flannel.1
		ip link set flannel.1 up
		ip link set cali1 up
		ip route add 10.42.1.0/24 dev flannel.1
		ip route add 10.42.2.0/24 via 10.25.20.1 dev eth0
		ip rule add from 10.42.0.0/16 table 100 priority 1000
		ip address add 10.25.20.29/32 dev eth0'`;
	const look = `ip -4 -oneline address | grep --only-matching 10.25.20.29; ip route | grep --only-matching "^10.42[^ ]*"
		ip rule | grep --only-matching "^1000"; networkctl list --no-legend flannel.1 cali1 | grep --only-matching unmanaged || true`;

	async function restart(spec: typeof prepared): Promise<string> {
		await room.ssh(spec, make);
		await room.ssh(spec, "sudo systemctl restart systemd-networkd.service");
		await eventually(async () =>
			expect(await room.ssh(spec, "networkctl list --no-legend eth0")).toMatch(/configured/),
		);
		return (await room.ssh(spec, look)).split("\n").join(" ");
	}

	test("keeps foreign devices, addresses and routes when the node was prepared", async () => {
		await room.ssh(prepared, "sudo bash -s", `${scriptText("unpack.sh")}${renderBundle(hostFiles(labStack()))}`);
		expect(await restart(prepared)).toBe("10.25.20.29 10.42.1.0/24 10.42.2.0/24 1000 unmanaged unmanaged");
	});

	test("removes all of them when the node was not prepared", async () => {
		expect(await restart(untouched)).toBe("");
	});
});

test("NetworkManager reloads its configuration when the node is no member yet", async () => {
	const unit = "[Service]\nExecStart=sleep infinity\nExecReload=touch /run/reloaded\n";
	await room.ssh(untouched, "sudo tee /etc/systemd/system/NetworkManager.service", unit);
	await room.ssh(untouched, "sudo systemctl start NetworkManager.service");
	const told = async (): Promise<string> => {
		const tell = `${scriptText("lib.sh")}${scriptText("network-services.sh")}\nbegin prepare untouched\ntell_network_manager\n`;
		await room.ssh(untouched, "sudo bash -s", tell);
		return room.ssh(untouched, "ls /run/reloaded 2>&1; sudo rm -f /run/reloaded");
	};
	expect(await told()).toBe("/run/reloaded");
	await room.ssh(untouched, "sudo touch /var/lib/rke2-lab/member");
	expect(await told()).toContain("No such file");
});
