import type { HostDescription } from "./descriptions.ts";
import { invalidParameters } from "./server/errors.ts";
import type { Route } from "./server/router.ts";

/** What a host has: its bridges and its PCI devices (pve-manager 9.2, PVE/API2/Network.pm and PVE/API2/Hardware/PCI.pm). */
export function hostRoutes(hosts: HostDescription[]): Route[] {
	const described = (name: string): HostDescription => hosts.find((host) => host.name === name)!;
	return [
		{
			method: "GET",
			path: "/nodes/{node}/network",
			handle({ access, parameters }) {
				const type = parameters.optional("type");
				if (type !== "any_bridge") {
					invalidParameters({ type: "only 'any_bridge' is part of this double" });
				}
				const { bridges, address } = described(parameters.required("node"));
				return bridges
					.filter((bridge) => {
						const path = `/sdn/zones/localnetwork/${bridge}`;
						const privileges = ["SDN.Audit", "SDN.Use"];
						return privileges.some((one) => access.has(path, one)) || access.hasBelow(path, ...privileges);
					})
					.map((iface) => ({
						iface,
						type: "bridge",
						active: 1,
						autostart: 1,
						...(address?.bridge === iface && {
							cidr: address.cidr,
							address: address.cidr.split("/")[0],
							netmask: address.cidr.split("/")[1],
							...(address.gateway && { gateway: address.gateway }),
						}),
					}));
			},
		},
		{
			method: "GET",
			path: "/nodes/{node}/hardware/pci",
			handle({ access, parameters }) {
				access.requireAny("/", "Sys.Audit", "Sys.Modify");
				return described(parameters.required("node")).pciDevices.map((device) => {
					const [vendor, id] = device.id.split(":");
					const [subsystemVendor, subsystem] = device.subsystemId?.split(":") ?? [];
					return {
						id: device.path,
						class: device.class ?? "0x030000",
						vendor: `0x${vendor}`,
						device: `0x${id}`,
						device_name: device.deviceName,
						subsystem_vendor: subsystemVendor && `0x${subsystemVendor}`,
						subsystem_device: subsystem && `0x${subsystem}`,
						iommugroup: device.iommuGroup,
					};
				});
			},
		},
	];
}
