/** Section 2: etcd. */
import type { Section } from "./control.ts";

export const etcd = {
	"2.1": { title: "etcd serves over TLS", level: 1 },
	"2.2": { title: "etcd asks clients for a certificate", level: 1 },
	"2.3": { title: "etcd signs no certificate for itself", level: 1 },
	"2.4": { title: "etcd members talk over TLS", level: 1 },
	"2.5": { title: "etcd members ask each other for a certificate", level: 1 },
	"2.6": {
		title: "etcd members sign no certificate for themselves",
		level: 1,
	},
	"2.7": { title: "etcd trusts an authority of its own", level: 2 },
} satisfies Section;
