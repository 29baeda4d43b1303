/** The inputs of all resources of the program, as a preview by the CLI shows them: with what the engine and the plugins add. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { PulumiCli } from "../../rehearsal/engine/cli.ts";
import type { EngineOptions, EngineResult } from "../../rehearsal/engine/engine.ts";

/** Inputs by the type and the name of a resource, with a blank between them. */
export type InputsByResource = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Groups of resources, which have no inputs of a provider. A reference reads another state. */
const isGrouping = (type: string) => /^(pulumi:pulumi:Stack(Reference)?$|rke2-lab:)/.test(type);

/**
 * @param options secrets are shown as `[secret]`, unknown values by the mark of the protocol
 */
export async function previewInputs(
	pulumi: PulumiCli,
	options: EngineOptions,
): Promise<EngineResult & { inputs: InputsByResource }> {
	const inputs = new Map<string, Record<string, unknown>>();
	const record = ({ resourcePreEvent }: EngineEvent) => {
		const resource = resourcePreEvent?.metadata.new;
		if (resource && !isGrouping(resource.type)) {
			inputs.set(`${resource.type} ${resource.urn.split("::").at(-1)}`, resource.inputs);
		}
	};
	return { ...(await pulumi.preview({ ...options, onEvent: record })), inputs };
}

/** A provider that the engine makes for resources that name none. */
export function isOfTheEngine(resource: string): boolean {
	return /^pulumi:providers:\S+ default(?:_|$)/.test(resource);
}
