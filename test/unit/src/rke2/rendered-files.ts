import { parse } from "yaml";
import type { StackConfig } from "../../../../src/config/schema/stack.ts";
import { nodeFiles } from "../../../../src/rke2/files.ts";
import { labStack } from "../../../fixtures/lab.ts";

const lab = labStack();

/** The files of a node by their path. */
export function filesOf(name: string, from: StackConfig = lab) {
	return new Map(nodeFiles(from, name, from.nodes[name]!).map((file) => [file.path, file]));
}

/** The node's config.yaml as RKE2 reads it: YAML 1.1. */
export function configOf(name: string, from?: StackConfig) {
	return parse(filesOf(name, from).get("/etc/rancher/rke2/config.yaml")!.content, { version: "1.1" });
}
