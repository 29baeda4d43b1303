import { type Finding, findingsAbout } from "../finding.ts";
import { existingNodes, type Subject } from "../subject.ts";

const { mistake, warning } = findingsAbout("gpus");

interface Mapping {
	id: string;
	/** `id=10de:24b0,node=node04,path=0000:0b:00.0,iommugroup=21` */
	map: string[];
	/** What Proxmox finds wrong with the mapping on the host that was asked. */
	checks?: { severity: "warning" | "error"; message: string }[];
}

/**
 * Resource mappings that were made by hand have to be there. One that the program makes is there only if an earlier `up` made it,
 * perhaps before any VM.
 */
export async function checkGpus(subject: Subject): Promise<Finding[]> {
	const { stack, api, hosts } = subject;
	const gpus = Object.entries(stack.gpus);
	const begun = existingNodes(subject).size > 0;
	const found = await Promise.all(
		hosts.map(async (host) => {
			const here = gpus.filter(([, gpu]) => gpu.host === host);
			if (here.length === 0) {
				return [];
			}
			const mappings = await api.get<Mapping[]>("/cluster/mapping/pci", { "check-node": host });
			return here.flatMap(([name, { device, model }]) => {
				const mapping = mappings.find(({ id }) => id === name);
				if (device) {
					return mapping && !begun
						? [
								warning(
									`gpus.${name}: a resource mapping of this name exists, and no VM of the cluster does`,
									`leave it if an earlier \`up\` made it; otherwise remove gpus.${name}.device to use it`,
								),
							]
						: [];
				}
				return mapping
					? broken(name, host, mapping)
					: [
							mistake(
								`gpus.${name}: Proxmox has no resource mapping of this name`,
								`make it for ${model} on ${host} (Datacenter > Resource Mappings)`,
							),
						];
			});
		}),
	);
	return found.flat();
}

function broken(name: string, host: string, { checks = [] }: Mapping): Finding[] {
	return checks.map(({ message, severity }) =>
		(severity === "error" ? mistake : warning)(
			`gpus.${name}: the resource mapping does not fit ${host} (${message.trim().replace(/\.$/, "")})`,
			`edit it (Datacenter > Resource Mappings), and choose the GPU of ${host} again`,
		),
	);
}
