/** The authority that signs the certificates of a stack. */
import type { StackConfig } from "../schema/stack.ts";

type CertManagerConfig = NonNullable<StackConfig["platform"]["certManager"]>;
export type Dns01 = CertManagerConfig["dns01"];
export type Dns01Provider = keyof Dns01;

/** The configuration of cert-manager when it uses ACME; nothing with `ownAuthority` or without cert-manager. */
export function acmeOf({ platform: { certManager } }: Pick<StackConfig, "platform">): CertManagerConfig | undefined {
	return certManager?.ownAuthority === undefined ? certManager : undefined;
}

/** The provider; the schema accepts exactly one. */
export function dns01Provider({ dns01 }: Pick<CertManagerConfig, "dns01">): Dns01Provider {
	return Object.keys(dns01)[0] as Dns01Provider;
}
