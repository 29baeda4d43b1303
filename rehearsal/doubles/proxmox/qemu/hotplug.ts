import { parseProperties } from "../properties.ts";
import { isCdrom, parseDrive } from "./drives.ts";
import { parseNic } from "./network.ts";
import { isDrive } from "./options.ts";
import type { Configuration } from "./vm.ts";

/** Options that do not concern a running machine. They are never pending. */
const immediate = new Set([
	...["description", "lock", "migrate_downtime", "migrate_speed", "name", "onboot", "protection", "shares", "startup"],
	...["tags", "vmstatestorage", "cpuunits", "cpulimit"],
]);

/** Drive options that QEMU reads only when the drive is plugged in. */
const fixedDriveOptions = ["aio", "discard", "iothread", "queues", "product", "cache", "ssd", "vendor", "ro"];

/**
 * Whether a change reaches the running machine, as `vmconfig_hotplug_pending` in qemu-server decides it. Other changes wait
 * for a power cycle. CPU and memory are among them: their hot-plug has to be enabled for each VM, which this double does not
 * imitate.
 */
export function canHotplug(running: Configuration, option: string, value: string | null): boolean {
	const features = parseHotplugFeatures(running.hotplug);
	if (immediate.has(option) || /^unused\d+$/.test(option)) {
		return true;
	}
	if (option === "tablet") {
		return features.has("usb");
	}
	if (/^net\d+$/.test(option)) {
		return features.has("network") || keepsNicPlugged(running[option], value);
	}
	if (isDrive(option)) {
		return canHotplugDrive(running[option], option, value, features.has("disk"));
	}
	if (option === "balloon" && value !== null) {
		return (running.balloon === "0") === (value === "0");
	}
	if (option === "agent" && value !== null && running.agent !== undefined) {
		return sameAgent(running.agent, value);
	}
	return false;
}

function canHotplugDrive(old: string | undefined, option: string, value: string | null, hotplug: boolean): boolean {
	if (/^(efidisk|tpmstate)/.test(option)) {
		return false;
	}
	const pluggable = hotplug && !/^(ide|sata)/.test(option);
	if (old === undefined || value === null) {
		return pluggable;
	}
	const [before, after] = [parseDrive(old), parseDrive(value)];
	if (isCdrom(before)) {
		return true;
	}
	if (before.file !== after.file) {
		return hotplug;
	}
	return fixedDriveOptions.every((name) => before[name] === after[name]);
}

function keepsNicPlugged(old: string | undefined, value: string | null): boolean {
	if (old === undefined || value === null) {
		return false;
	}
	const [before, after] = [parseNic(old), parseNic(value)];
	return (
		before.model === after.model &&
		before.mac === after.mac &&
		before.options.queues === after.options.queues &&
		before.options.mtu === after.options.mtu
	);
}

/** While the agent's channel is open only the trimming after a clone can change. */
function sameAgent(old: string, value: string): boolean {
	const [before, after] = [old, value].map((text) => {
		const { fstrim_cloned_disks: _, ...rest } = parseProperties(text, "enabled");
		return JSON.stringify(Object.entries(rest).sort());
	});
	return before === after;
}

function parseHotplugFeatures(hotplug: string | undefined): Set<string> {
	if (hotplug === "0") {
		return new Set();
	}
	return new Set((hotplug === undefined || hotplug === "1" ? "network,disk,usb" : hotplug).split(/[,;\s]+/));
}
