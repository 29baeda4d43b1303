import { describe, expect, test } from "vitest";
import type { LabStack } from "../../../../fixtures/lab.ts";
import type { Registration } from "../../recorder.ts";
import { lab, named, objects, platform, releaseType } from "../platform-lab.ts";

test("MetalLB runs without FRR, with the runtime's seccomp profile, and with a webhook that refuses nothing while it starts", () => {
	const securityContext = { seccompProfile: { type: "RuntimeDefault" } };
	expect(named(objects, releaseType, "metallb").inputs.values).toEqual({
		crds: { validationFailurePolicy: "Ignore" },
		frrk8s: { enabled: false },
		controller: { securityContext },
		speaker: { frr: { enabled: false }, securityContext },
	});
});

describe("load balancing", () => {
	const advertisement = "kubernetes:metallb.io/v1beta1:L2Advertisement";
	const announcing = (stack: LabStack) => {
		stack.platform.metallb = { ...stack.platform.metallb, announce: true, pool: ["10.25.20.30-10.25.20.35"] };
	};

	test("keeps a pool that assigns no address and is not announced when the switch is off", () => {
		const pool = named(objects, "kubernetes:metallb.io/v1beta1:IPAddressPool", "default-pool");
		expect(pool.inputs.spec).toEqual({ addresses: ["10.25.10.30-10.25.10.35"], autoAssign: false });
		expect(pool.dependsOn).toContain("metallb");
		expect(objects.some(({ type }) => type === advertisement)).toBe(false);
	});

	test("assigns and announces addresses when the switch is on, and changes only the pool and the advertisement", async () => {
		const on = await platform(announcing);
		expect(named(on, "kubernetes:metallb.io/v1beta1:IPAddressPool", "default-pool").inputs.spec).toEqual({
			addresses: ["10.25.20.30-10.25.20.35"],
			autoAssign: true,
		});
		expect(named(on, advertisement, "l2-advert").inputs.spec).toEqual({ ipAddressPools: ["default-pool"] });
		const rest = (registrations: Registration[]) =>
			registrations.filter(({ name }) => name !== "default-pool" && name !== "l2-advert");
		expect(rest(on)).toEqual(rest(lab));
	});
});
