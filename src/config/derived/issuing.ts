/** Who signs the certificates of a stack. */
import type { StackConfig } from "../schema/stack.ts";

type CertManagerConfig = NonNullable<StackConfig["platform"]["certManager"]>;
export type Dns01 = CertManagerConfig["dns01"];
export type Dns01Provider = keyof Dns01;

/** The configuration where an authority is asked by ACME; nothing with an authority of one's own, or with none. */
export function acmeOf({ platform: { certManager } }: Pick<StackConfig, "platform">): CertManagerConfig | undefined {
	return certManager?.ownAuthority === undefined ? certManager : undefined;
}

/** The one that the schema has let through. */
export function dns01Provider({ dns01 }: Pick<CertManagerConfig, "dns01">): Dns01Provider {
	return Object.keys(dns01)[0] as Dns01Provider;
}
