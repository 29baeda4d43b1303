/** The configuration of a policy pack, composed as the CLI does it. */
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";

const LEVELS: Readonly<Record<string, analyzer.EnforcementLevel>> = {
	advisory: analyzer.EnforcementLevel.ADVISORY,
	mandatory: analyzer.EnforcementLevel.MANDATORY,
	remediate: analyzer.EnforcementLevel.REMEDIATE,
	disabled: analyzer.EnforcementLevel.DISABLED,
};

interface Entry {
	level: analyzer.EnforcementLevel | undefined;
	properties: object;
}

/**
 * Each policy with its own level, replaced by the pack's initial configuration, replaced by the user's. Unknown names are
 * passed on as well.
 *
 * @param text a file as `--policy-pack-config` takes it; left out, the pack's own configuration counts
 * @throws one sentence for a level that does not exist, or an unknown name without one
 */
export function policyConfiguration(info: analyzer.AnalyzerInfo, text?: string): analyzer.ConfigureAnalyzerRequest {
	const entries = new Map<string, Entry>();
	for (const policy of info.getPoliciesList()) {
		entries.set(policy.getName(), { level: policy.getEnforcementlevel(), properties: {} });
	}
	const initial = [...info.getInitialconfigMap().entries()];
	apply(
		entries,
		initial.map(([name, config]) => [
			name,
			{ level: config.getEnforcementlevel(), properties: config.getProperties()?.toJavaScript() ?? {} },
		]),
	);
	apply(entries, Object.entries(text ? JSON.parse(text) : {}).map(parseEntry));

	const request = new analyzer.ConfigureAnalyzerRequest();
	for (const [name, { level, properties }] of entries) {
		if (level === undefined) {
			throw new Error(`The policy configuration has no enforcement level for ${name}, which the pack does not have.`);
		}
		const config = new analyzer.PolicyConfig()
			.setEnforcementlevel(level)
			.setProperties(protobuf.Struct.fromJavaScript({ ...properties }));
		request.getPolicyconfigMap().set(name, config);
	}
	return request;
}

function parseEntry([name, value]: [string, unknown]): [string, Entry] {
	const { enforcementLevel, ...properties } =
		typeof value === "string" ? { enforcementLevel: value } : (value as { enforcementLevel?: string });
	const level = enforcementLevel === undefined ? undefined : LEVELS[enforcementLevel];
	if (enforcementLevel !== undefined && level === undefined) {
		throw new Error(`The policy configuration gives ${name} the enforcement level ${enforcementLevel}.`);
	}
	return [name, { level, properties }];
}

function apply(entries: Map<string, Entry>, given: readonly (readonly [string, Entry])[]): void {
	const all = given.find(([name]) => name === "all")?.[1].level;
	for (const entry of all === undefined ? [] : entries.values()) {
		entry.level = all;
	}
	for (const [name, { level, properties }] of given) {
		const before = entries.get(name);
		entries.set(name, { level: level ?? before?.level, properties: { ...before?.properties, ...properties } });
	}
}
