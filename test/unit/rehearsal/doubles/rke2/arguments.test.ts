import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readFlagValues } from "../../../../../rehearsal/doubles/rke2/program/config/flag-values.ts";
import { serverSettings } from "../../../../../rehearsal/doubles/rke2/program/config/settings.ts";
import { apiserverArguments } from "../../../../../rehearsal/doubles/rke2/program/controlplane/apiserver.ts";
import { controllerManagerArguments } from "../../../../../rehearsal/doubles/rke2/program/controlplane/controller-manager.ts";
import { pathsUnder } from "../../../../../rehearsal/doubles/rke2/program/paths.ts";
import { type MachineRootOptions, machineRoot } from "./fixture.ts";

/** The command lines that a server with this configuration gives its components. */
function commandLines(options: MachineRootOptions) {
	const paths = pathsUnder(machineRoot(options), "/opt/rehearsal/bin");
	const settings = serverSettings(readFlagValues("server", [], paths.configFile));
	const apiserver = apiserverArguments(paths, settings);
	return {
		paths,
		settings,
		apiserver,
		controllerManager: controllerManagerArguments(paths, settings),
		apiserverFlag: (name: string) =>
			apiserver
				.filter((argument) => argument.startsWith(`--${name}=`))
				.map((argument) => argument.slice(name.length + 3)),
	};
}

describe("merging of component arguments", () => {
	test("the administrator's admission plugins are added to RKE2's own", () => {
		const { apiserverFlag } = commandLines({
			config: "kube-apiserver-arg: ['enable-admission-plugins=EventRateLimit,DenyServiceExternalIPs']\n",
		});
		expect(apiserverFlag("enable-admission-plugins")).toEqual([
			"NodeRestriction",
			"EventRateLimit,DenyServiceExternalIPs",
		]);
	});

	test("key=value replaces a default, key+= and key-= add around it", () => {
		const { apiserverFlag, controllerManager } = commandLines({
			config:
				"kube-apiserver-arg: [profiling=true, 'api-audiences+=lab', 'api-audiences-=first']\n" +
				"kube-controller-manager-arg: [terminated-pod-gc-threshold=10]\n",
		});
		expect(apiserverFlag("profiling")).toEqual(["true"]);
		expect(apiserverFlag("api-audiences")).toEqual([
			"first",
			"https://kubernetes.default.svc.cluster.local,rke2",
			"lab",
		]);
		expect(controllerManager).toContain("--terminated-pod-gc-threshold=10");
	});

	test("the last drop-in by name wins, and key+ appends", () => {
		const { apiserverFlag, controllerManager } = commandLines({
			config: "kube-apiserver-arg: [request-timeout=60s]\nkube-controller-manager-arg: [v=2]\n",
			dropIns: {
				"20-more.yaml": "kube-apiserver-arg+: [v=4]\nkube-controller-manager-arg: [v=5]\n",
				"10-other.yaml": "kube-controller-manager-arg: [v=3]\n",
			},
		});
		expect(apiserverFlag("request-timeout")).toEqual(["60s"]);
		expect(apiserverFlag("v")).toEqual(["4"]);
		expect(controllerManager.filter((argument) => argument.startsWith("--v="))).toEqual(["--v=5"]);
	});
});

describe("profile: cis", () => {
	test("adds audit flags, and a policy that records nothing when there is none", () => {
		const { paths, apiserverFlag } = commandLines({ config: "profile: cis\n" });
		expect(apiserverFlag("audit-policy-file")).toEqual([paths.auditPolicy]);
		expect(apiserverFlag("audit-log-maxage")).toEqual(["30"]);
		expect(parse(readFileSync(paths.auditPolicy, "utf8")).rules).toEqual([{ level: "None" }]);
	});

	test("restricts pods in all namespaces that are not exempt", () => {
		const { paths, apiserverFlag } = commandLines({ config: "profile: cis\n" });
		expect(apiserverFlag("admission-control-config-file")).toEqual([paths.podSecurity]);
		const { defaults, exemptions } = parse(readFileSync(paths.podSecurity, "utf8")).plugins[0].configuration;
		expect(defaults).toMatchObject({ enforce: "restricted", audit: "restricted", warn: "restricted" });
		expect(exemptions.namespaces).toContain("kube-system");
	});

	test("uses the administrator's admission configuration when there is one", () => {
		const { apiserverFlag } = commandLines({
			config: "profile: cis\npod-security-admission-config-file: /etc/rancher/rke2/admission.yaml\n",
		});
		expect(apiserverFlag("admission-control-config-file")).toEqual(["/etc/rancher/rke2/admission.yaml"]);
	});

	test("adds nothing when no profile is set", () => {
		const { apiserverFlag } = commandLines({ config: "" });
		expect(apiserverFlag("audit-policy-file")).toEqual([]);
		expect(apiserverFlag("service-account-extend-token-expiration")).toEqual([]);
	});
});

describe("write-kubeconfig-mode", () => {
	test.each([
		['"0600"', 0o600],
		['"0640"', 0o640],
		// YAML 1.1 reads 0640 as octal: the number 416 arrives, and 416 is read as octal again.
		["0640", 0o416],
		// 384, which is no octal number: ignored.
		["0600", 0o600],
	])("%s gives the mode %o", (text, mode) => {
		expect(commandLines({ config: `write-kubeconfig-mode: ${text}\n` }).settings.kubeconfigMode).toBe(mode);
	});
});
