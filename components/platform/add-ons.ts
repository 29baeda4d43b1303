/** What each add-on consists of, and the order in which the program creates them. */
import type * as pulumi from "@pulumi/pulumi";
import { type ChartPin, chartPins } from "../../src/config/derived/chart-pins.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { type AddOnKey, addOnEntries, type ChartName } from "../../src/facts/add-ons.ts";
import type { Connect } from "../cluster/api-client.ts";
import { CertManager } from "./cert-manager/cert-manager.ts";
import { CertificateWait } from "./cert-manager/certificate-wait.ts";
import type { IssuerSecrets } from "./cert-manager/dns01.ts";
import { certManagerPolicies } from "./cert-manager/network-policies.ts";
import { certManagerValues } from "./cert-manager/values.ts";
import { GpuOperator } from "./gpu-operator/gpu-operator.ts";
import { gpuOperatorPolicies } from "./gpu-operator/network-policies.ts";
import { GpuSmokeTest } from "./gpu-operator/smoke-test.ts";
import { gpuOperatorValues } from "./gpu-operator/values.ts";
import { Metallb } from "./metallb/metallb.ts";
import { metallbPolicies } from "./metallb/network-policies.ts";
import { metallbValues } from "./metallb/values.ts";
import type { NamedPolicy } from "./network-policies/network-policy.ts";
import { traefikPolicies } from "./traefik/network-policies.ts";
import { Traefik } from "./traefik/traefik.ts";
import { traefikValues } from "./traefik/values.ts";

/** A chart with all that the program adds to it. */
export interface PlatformChart extends ChartPin {
	namespace: string;
	values: Record<string, unknown>;
	/** Network policies of the namespace. */
	policies: NamedPolicy[];
}

type Contents = Pick<PlatformChart, "values" | "policies">;

/** Called only for add-ons that the stack file has. */
const contents: Readonly<Record<AddOnKey, (stack: StackConfig) => Contents>> = {
	traefik: (stack) => ({ values: traefikValues(stack.platform), policies: traefikPolicies(stack) }),
	certManager: (stack) => ({
		values: certManagerValues(stack, stack.platform.certManager!),
		policies: certManagerPolicies(stack),
	}),
	metallb: (stack) => ({ values: metallbValues(), policies: metallbPolicies(stack) }),
	gpuOperator: (stack) => ({
		values: gpuOperatorValues(stack, stack.platform.gpuOperator!),
		policies: gpuOperatorPolicies(stack, stack.platform.gpuOperator!),
	}),
};

/** For checks of the charts: every chart that the stack file asks for, by its name. */
export function platformCharts(stack: StackConfig): Partial<Record<ChartName, PlatformChart>> {
	const pins = chartPins(stack.platform);
	return Object.fromEntries(
		addOnEntries.flatMap(([key, { chart, namespace }]) => {
			const pin = pins[chart];
			return pin ? [[chart, { ...pin, namespace, ...contents[key](stack) }]] : [];
		}),
	);
}

export interface AddOnsArgs {
	stack: StackConfig;
	issuerSecrets: IssuerSecrets;
	/** With the rights of the administrator. */
	connect: Connect;
}

export function createAddOns(
	{ stack, issuerSecrets, connect }: AddOnsArgs,
	childOptions: pulumi.ComponentResourceOptions,
): { traefik: Traefik } {
	const { certManager, gpuOperator, metallb, traefik } = stack.platform;
	const wait = new CertificateWait(stack.platform.checks, connect);
	const issuers = certManager
		? new CertManager("cert-manager", { stack, certManager, secrets: issuerSecrets, wait }, childOptions).issuers
		: [];
	const balancer = metallb ? [new Metallb("metallb", { stack, metallb }, childOptions)] : [];
	const ingress = new Traefik(
		"traefik",
		{ stack, issuers, wait },
		// Helm waits until a load balancer has its address.
		{ ...childOptions, dependsOn: traefik.exposure === "loadBalancer" ? balancer : [] },
	);
	if (gpuOperator && Object.values(stack.nodes).some(({ gpu }) => gpu)) {
		const operator = new GpuOperator("gpu-operator", { stack, gpuOperator }, childOptions);
		const { smokeTest } = gpuOperator;
		if (smokeTest) {
			new GpuSmokeTest("gpu-smoke-test", { stack, gpuOperator, smokeTest }, { ...childOptions, dependsOn: operator });
		}
	}
	return { traefik: ingress };
}
