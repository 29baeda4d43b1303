import { X509Certificate } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { certificate } from "../../../../../rehearsal/doubles/rke2/program/cli/certificate.ts";
import { readFlagValues } from "../../../../../rehearsal/doubles/rke2/program/config/flag-values.ts";
import { serverSettings } from "../../../../../rehearsal/doubles/rke2/program/config/settings.ts";
import { ensureEncryptionConfig } from "../../../../../rehearsal/doubles/rke2/program/controlplane/encryption.ts";
import type { EtcdClient } from "../../../../../rehearsal/doubles/rke2/program/etcd/client.ts";
import { pathsUnder } from "../../../../../rehearsal/doubles/rke2/program/paths.ts";
import { createAuthorities } from "../../../../../rehearsal/doubles/rke2/program/pki/authorities.ts";
import {
	bootstrapKey,
	findBootstrapData,
	openBootstrapData,
	readSharedFiles,
	reconcileBootstrapData,
	sealBootstrapData,
} from "../../../../../rehearsal/doubles/rke2/program/pki/bootstrap-data.ts";
import { ensureServerCertificates } from "../../../../../rehearsal/doubles/rke2/program/pki/leaves.ts";
import { ensureToken, rotateServerToken } from "../../../../../rehearsal/doubles/rke2/program/pki/server-token.ts";
import { machineRoot } from "./fixture.ts";

function server(config: string, existing?: ReturnType<typeof pathsUnder>) {
	const paths = existing ?? pathsUnder(machineRoot({ config: "" }), "/nonexistent");
	const file = join(machineRoot({ config }), "etc/rancher/rke2/config.yaml");
	return { paths, settings: serverSettings(readFlagValues("server", [], file)) };
}

const node = "node-name: proj-k8sm01\nnode-ip: 10.25.20.4\n";

describe("certificates of a server", () => {
	test("are valid only for the node, the Service and tls-san", async () => {
		const { paths, settings } = server(`${node}tls-san: [10.25.20.29, api.lab.example]\n`);
		await createAuthorities(paths);
		await ensureServerCertificates(paths, settings);
		const serving = new X509Certificate(readFileSync(join(paths.tls, "serving-kube-apiserver.crt")));
		for (const address of ["127.0.0.1", "10.43.0.1", "10.25.20.4", "10.25.20.29"]) {
			expect(serving.checkIP(address), address).toBe(address);
		}
		expect(serving.checkHost("api.lab.example")).toBe("api.lab.example");
		expect(serving.checkIP("10.25.20.30")).toBeUndefined();
		const ca = new X509Certificate(readFileSync(join(paths.tls, "server-ca.crt")));
		expect(serving.verify(ca.publicKey)).toBe(true);
		expect(serving.checkIssued(ca)).toBe(true);
	});

	test("do not change at the next start, unless a name is missing", async () => {
		const { paths, settings } = server(node);
		await createAuthorities(paths);
		const read = (name: string) => readFileSync(join(paths.tls, `${name}.crt`), "utf8");
		await ensureServerCertificates(paths, settings);
		const [admin, serving] = [read("client-admin"), read("serving-kube-apiserver")];
		await ensureServerCertificates(paths, settings);
		expect(read("serving-kube-apiserver")).toBe(serving);
		await ensureServerCertificates(paths, server(`${node}tls-san: [10.25.20.29]\n`).settings);
		expect(read("serving-kube-apiserver")).not.toBe(serving);
		expect(read("client-admin")).toBe(admin);
	});
});

describe("rke2 certificate rotate", () => {
	/** Contents by path below the data directory. */
	function contents(directory: string): Record<string, string> {
		const found = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
		return Object.fromEntries(
			found.map(({ parentPath, name }) => {
				const path = join(parentPath, name);
				return [relative(directory, path), readFileSync(path, "utf8")];
			}),
		);
	}

	function agentFiles(paths: ReturnType<typeof pathsUnder>): void {
		mkdirSync(paths.agent, { recursive: true });
		for (const name of ["client-kubelet.crt", "client-kubelet.key", "client-ca.crt"]) {
			writeFileSync(join(paths.agent, name), name);
		}
	}

	test("lets a server make all but its authorities anew at the next start, and keeps the former ones", async () => {
		const { paths, settings } = server(node);
		await createAuthorities(paths);
		await ensureServerCertificates(paths, settings);
		agentFiles(paths);
		const before = contents(paths.tls);
		certificate(paths, ["rotate"]);
		await ensureServerCertificates(paths, settings);
		const after = contents(paths.tls);
		const same = Object.keys(before).filter((file) => after[file] === before[file]);
		expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
		expect(same.filter((file) => !/(?:^|-|\/)ca\.(?:crt|key)$/.test(file)).sort()).toEqual([
			"kube-controller-manager/kube-controller-manager.crt",
			"kube-controller-manager/kube-controller-manager.key",
			"kube-scheduler/kube-scheduler.crt",
			"kube-scheduler/kube-scheduler.key",
			"service.current.key",
			"service.key",
		]);
		expect(Object.keys(contents(paths.agent))).toEqual(["client-ca.crt"]);
		const [backup] = readdirSync(paths.server).filter((name) => name.startsWith("tls-"));
		expect(contents(join(paths.server, backup!))).toEqual({
			...before,
			"client-kubelet.crt": "client-kubelet.crt",
			"client-kubelet.key": "client-kubelet.key",
		});
	});

	test("takes an agent for a server where a directory of a server is, unless it gets the services", () => {
		const { paths } = server(node);
		agentFiles(paths);
		mkdirSync(paths.server, { recursive: true });
		certificate(paths, ["rotate", "--service", "kubelet,kube-proxy,rke2-controller"]);
		expect(Object.keys(contents(paths.agent)).filter((file) => !file.startsWith("tls-"))).toEqual(["client-ca.crt"]);
		expect(() => certificate(paths, ["rotate", "--service", "kubelet,kubeproxy"])).toThrow(
			"service kubeproxy is not recognized",
		);
	});
});

describe("bootstrap data", () => {
	test("give another server the same authorities and encryption key", async () => {
		const first = server("secrets-encryption-provider: secretbox\n");
		const second = server("");
		await createAuthorities(first.paths);
		ensureEncryptionConfig(first.paths, first.settings);
		openBootstrapData(second.paths, "secret", sealBootstrapData(first.paths, "secret"));
		for (const file of [
			"tls/server-ca.key",
			"tls/etcd/peer-ca.crt",
			"tls/service.key",
			"cred/encryption-config.json",
		]) {
			expect(readFileSync(join(second.paths.server, file), "utf8")).toBe(
				readFileSync(join(first.paths.server, file), "utf8"),
			);
		}
	});

	test("contain no readable key and cannot be opened with another token", async () => {
		const { paths } = server("");
		await createAuthorities(paths);
		const sealed = sealBootstrapData(paths, "secret");
		expect(sealed).not.toContain("PRIVATE KEY");
		expect(() => openBootstrapData(paths, "other", sealed)).toThrow("encrypted with different token");
	});
});

describe("a start with a datastore", () => {
	const started = async (changedAgo: number) => {
		const { paths, settings } = server("token: hunter2\n");
		await createAuthorities(paths);
		ensureToken(paths, settings);
		const stored = sealBootstrapData(paths, "hunter2");
		ensureToken(paths, server("token: hunter2\nagent-token: hunter4\n", paths).settings);
		const passwd = join(paths.server, "cred/passwd");
		const changed = Math.floor(Date.now() / 1_000) - changedAgo;
		utimesSync(passwd, changed, changed);
		return { paths, stored, passwd };
	};

	test("fails when a file is newer than in the datastore, for example after an agent token was added", async () => {
		const { paths, stored } = await started(-10);
		expect(() => reconcileBootstrapData(paths, "hunter2", stored, readSharedFiles(paths))).toThrow(
			/cred\/passwd newer than datastore and could cause a cluster outage/,
		);
	});

	test("replaces a file when it is missing or older", async () => {
		const { paths, stored, passwd } = await started(10);
		reconcileBootstrapData(paths, "hunter2", stored, readSharedFiles(paths));
		rmSync(passwd);
		reconcileBootstrapData(paths, "hunter2", stored, readSharedFiles(paths));
	});

	test("fails when the datastore has another token", async () => {
		const { paths, stored } = await started(0);
		expect(() => reconcileBootstrapData(paths, "hunter3", stored, {})).toThrow("encrypted with different token");
	});
});

/** A server with the token hunter2, and a datastore in memory. */
async function withDatastore() {
	const { paths, settings } = server("token: hunter2\n");
	await createAuthorities(paths);
	ensureToken(paths, settings);
	const data = new Map([[bootstrapKey("hunter2"), sealBootstrapData(paths, "hunter2")]]);
	const etcd = {
		get: async (key: string) => data.get(key),
		put: async (key: string, value: string) => void data.set(key, value),
		keys: async (prefix: string) => [...data.keys()].filter((key) => key.startsWith(prefix)),
		delete: async (key: string) => void data.delete(key),
	} as unknown as EtcdClient;
	return { paths, etcd };
}

describe("the token", () => {
	test("is written in its secure form, with the hash of the authority", async () => {
		const { paths, settings } = server("token: hunter2\n");
		await createAuthorities(paths);
		expect(ensureToken(paths, settings)).toEqual({ server: "hunter2", agent: "hunter2" });
		const written = readFileSync(join(paths.server, "node-token"), "utf8").trim();
		expect(written).toMatch(/^K10[0-9a-f]{64}::server:hunter2$/);
		// RKE2 accepts the full form, which it wrote, in place of the short form.
		expect(ensureToken(paths, server(`token: "${written}"\n`).settings).server).toBe("hunter2");
	});

	test("is refused when it is not the one that encrypts the data in the datastore", async () => {
		const { paths, etcd } = await withDatastore();
		await expect(findBootstrapData(etcd, "hunter3")).rejects.toThrow("different token");
		expect(await findBootstrapData(etcd, "hunter2")).toBeDefined();
		expect(readFileSync(join(paths.server, "token"), "utf8")).toContain("::server:hunter2");
	});

	test("is the only one that opens the data after a rotation", async () => {
		const { paths, etcd } = await withDatastore();
		await rotateServerToken(paths, etcd, "hunter3");
		expect(readFileSync(join(paths.server, "token"), "utf8")).toContain("::server:hunter3");
		await expect(findBootstrapData(etcd, "hunter2")).rejects.toThrow("different token");
		const data = await findBootstrapData(etcd, "hunter3");
		openBootstrapData(pathsUnder(machineRoot({ config: "" }), "/nonexistent"), "hunter3", data!);
	});

	test("leaves the server with another password when it has the form of a bootstrap token", async () => {
		const { paths, etcd } = await withDatastore();
		await expect(rotateServerToken(paths, etcd, "abcdef.0123456789abcdef")).rejects.toThrow("bootstrap token");
		expect(readFileSync(join(paths.credentials, "passwd"), "utf8")).toContain("abcdef.0123456789abcdef");
		expect(await findBootstrapData(etcd, "hunter2")).toBeDefined();
	});

	test("is refused when it has the hash of another authority", async () => {
		const { paths } = server("");
		await createAuthorities(paths);
		const { settings } = server(`token: "K10${"0".repeat(64)}::server:hunter2"\n`);
		expect(() => ensureToken(paths, settings)).toThrow("does not match the Cluster CA certificate hash");
	});
});
