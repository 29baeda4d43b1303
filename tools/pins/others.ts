/** Versions that occur in one place of the tree only, and in no list of packages. */
import { readFileSync } from "node:fs";
import { releases as proxmox } from "../../rehearsal/doubles/proxmox/cluster.ts";
import { kubernetesPlugin } from "../../rehearsal/setup/releases.ts";
import type { Pin } from "./pin.ts";

const machineImage = "rehearsal/setup/image/customise.sh";
const canal = "rehearsal/doubles/rke2/program/pods/canal.ts";

export function others(): Pin[] {
	const [, actionlint = ""] = /actionlint@(v[\d.]+)/.exec(readFileSync("package.json", "utf8")) ?? [];
	const [, computing = ""] = /cuda-sample:([\w.-]+)/.exec(readFileSync("src/config/schema/platform.ts", "utf8")) ?? [];
	const schema = "src/config/schema/serving-checks.ts";
	const [, busybox = ""] = /library\/busybox:([\d.]+)"\)/.exec(readFileSync(schema, "utf8")) ?? [];
	const [, ubuntu = ""] = /\b(\d{2}\.\d{2}\.\d+)\b/.exec(readFileSync(machineImage, "utf8")) ?? [];
	const [, cniVersion = ""] = /cniVersion: "([\d.]+)"/.exec(readFileSync(canal, "utf8")) ?? [];
	return [
		{
			kind: "release",
			name: "Pulumi's Kubernetes plugin, as it is built",
			value: kubernetesPlugin.version,
			places: ["rehearsal/setup/releases.ts"],
			source: "https://github.com/pulumi/pulumi-kubernetes/releases",
			note: "the tag of the newest commit that is published as a module",
		},
		{
			kind: "release",
			name: "Ubuntu, as the rehearsal's machines say they are",
			value: ubuntu,
			places: [machineImage],
			source: "https://releases.ubuntu.com/noble/",
		},
		{
			kind: "module",
			name: "github.com/rhysd/actionlint",
			value: actionlint,
			places: ["package.json"],
			source: "https://pkg.go.dev/github.com/rhysd/actionlint",
			question: { by: "go", module: "github.com/rhysd/actionlint" },
		},
		{
			kind: "image",
			name: "nvcr.io/nvidia/k8s/cuda-sample",
			value: computing,
			places: ["src/config/schema/platform.ts"],
			source: "https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/getting-started.html",
			note: "named in the reference as an example; nothing pulls it unless the stack file says so",
		},
		{
			kind: "image",
			name: "docker.io/library/busybox",
			value: busybox,
			places: [schema],
			source: "https://hub.docker.com/_/busybox",
		},
		...Object.values(proxmox).map(
			(value): Pin => ({
				kind: "release",
				name: "Proxmox VE, as the double says it is",
				value,
				places: ["rehearsal/doubles/proxmox/cluster.ts"],
				source: "https://pve.proxmox.com/wiki/Downloads",
			}),
		),
		{
			kind: "constant",
			name: "version of CNI's configuration, as Canal leaves it",
			value: cniVersion,
			places: [canal],
			source: "https://github.com/projectcalico/calico/blob/master/manifests/canal.yaml",
			question: {
				by: "text",
				url: "https://raw.githubusercontent.com/projectcalico/calico/master/manifests/canal.yaml",
				patterns: ['"cniVersion": "([\\d.]+)"'],
			},
		},
	];
}
