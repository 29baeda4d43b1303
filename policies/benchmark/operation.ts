/** Section 3: authentication of people, and the audit log. */
import type { Section } from "./control.ts";

export const operation = {
	"3.1.1": {
		title: "People do not authenticate by client certificate",
		level: 1,
		decidedBy: { person: "Give people an identity provider; keep the administrator's kubeconfig for emergencies." },
	},
	"3.1.2": {
		title: "People do not authenticate by a ServiceAccount's token",
		level: 1,
		decidedBy: { person: "Create no long-lived ServiceAccount tokens for people; review Secrets of that type." },
	},
	"3.1.3": {
		title: "People do not authenticate by a bootstrap token",
		level: 1,
		decidedBy: { person: "Keep the cluster token with the administrators; it is for nodes." },
	},
	"3.2.1": {
		title: "An audit policy exists",
		level: 1,
	},
	"3.2.2": { title: "The audit policy records what matters", level: 2 },
} satisfies Section;
