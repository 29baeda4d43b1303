/** Settings of the stack file reach the cluster, and are removed when the stack file no longer has them. */
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineResult, EngineStep } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { textsUnder } from "../engine/state-files.ts";
import { authority } from "../fixtures/certificates.ts";
import { upAsReviewed } from "./support/as-reviewed.ts";
import { errors, nodesOnly } from "./support/scenario.ts";
import { readableTexts, searchSecrets } from "./support/secret-search.ts";

// Two workers, because a drain without another worker waits for the disruption budgets.
const administrators = "22222222-0000-0000-0000-222222222222";
const auditors = "44444444-0000-0000-0000-444444444444";
const projects = "33333333-0000-0000-0000-333333333333";
const features = {
	cluster: {
		etcdSnapshots: { s3: { endpoint: "s3.internal:9000", bucket: "rke2-etcd-backups", folder: "cluster1" } },
		etcdMetrics: true,
		registries: {
			mirrors: { "docker.io": { endpoints: ["https://harbor.lab.internal"] } },
			authorities: { "harbor.lab.internal": authority },
		},
		// The mirror of the rehearsal is at the gateway, in the nodes' network, and therefore reached without the proxy.
		proxy: { url: "http://proxy.lab.internal:3128" },
		kernel: { settings: { "net.ipv4.ip_local_port_range": "20000 60999" } },
	},
	network: { timeServers: ["10.25.10.2"] },
	access: {
		oidc: {
			issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
			clientId: "99999999-8888-7777-6666-555555555555",
		},
		clusterAdministrators: [administrators],
		clusterReaders: [auditors],
		namespaces: { ollama: { editors: [projects] } },
	},
};

const timeServers = "timedatectl show-timesync --property SystemNTPServers --value";
const passwords = [1, 2].map(() => randomBytes(20).toString("hex")) as [string, string];

const agentTokens = [1, 2].map(() => randomBytes(32).toString("hex")) as [string, string];

/** The stack's secret for the mirror, and the workers' token. */
function credentials(password: string, agentToken: string) {
	const registryCredentials = JSON.stringify({ "harbor.lab.internal": { username: "robot$lab", password } });
	return { agentToken, registryCredentials };
}

describe("every setting of the cluster at once", () => {
	let rehearsal: Rehearsal;
	let on: EngineResult;
	let changed: EngineResult;
	/** Printed lines and diagnostics so far. */
	const printed: string[] = [];
	const steps: EngineStep[] = [];
	const secrets = credentials(passwords[0], agentTokens[0]);
	const latest = { change: features, options: { secrets: credentials(passwords[1], agentTokens[1]) } };

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-settings",
			stack: "lab",
			change: nodesOnly("proj-k8sm01", "proj-k8sw01", "proj-k8sw02"),
			say: (line) => printed.push(line),
			onStep: (step) => steps.push(step),
			onDiagnostic: (diagnostic) => printed.push(JSON.stringify(diagnostic)),
		});
		on = await rehearsal.up(features, { secrets });
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	/** Status of the registration port for a user with the token in a file. sudo would log a token on the command line. */
	const answerTo = (user: string, file: string, path = "config") =>
		rehearsal.onNode(
			"proj-k8sm01",
			`sh -c 'curl -sk -o /dev/null -w %{http_code} --user ${user}:$(sed s/.*:// ${file}) https://10.25.20.29:9345/v1-rke2/${path}'`,
		);
	const [serverToken, agentToken, firstAgentToken] = ["token", "agent-token", "first-agent-token"].map(
		(name) => `/etc/rancher/rke2/${name}`,
	) as [string, string, string];

	test("up succeeds", () => {
		expect(errors(on)).toEqual([]);
	});

	test("nodes have their zone and the role label that no kubelet may set", async () => {
		const { items } = JSON.parse(await rehearsal.kubectl("get", "nodes", "--output", "json"));
		const labels = Object.fromEntries(items.map(({ metadata }: Node) => [metadata.name, metadata.labels]));
		expect(labels).toMatchObject({
			"proj-k8sm01": { "topology.kubernetes.io/zone": "node01", "topology.kubernetes.io/region": "astronomy-lab" },
			"proj-k8sw01": { "topology.kubernetes.io/zone": "node01", "node-role.kubernetes.io/worker": "true" },
		});
	});

	test("the Secret of the snapshot store has the keys that RKE2 reads", async () => {
		const secret = JSON.parse(
			await rehearsal.kubectl("get", "secret", "rke2-etcd-snapshot-store", "-n", "kube-system", "--output", "json"),
		);
		expect(secret.type).toBe("etcd.k3s.cattle.io/s3-config-secret");
		expect(Object.keys(secret.data)).toEqual(
			expect.arrayContaining(["etcd-s3-access-key", "etcd-s3-bucket", "etcd-s3-endpoint", "etcd-s3-secret-key"]),
		);
	});

	test("etcd's metrics answer on the node's address", async () => {
		const metrics = await rehearsal.onNode("proj-k8sw01", "curl --silent --fail http://10.25.20.4:2381/metrics");
		expect(metrics).toContain("etcd_server_has_leader 1");
	});

	test("the API server has the identity provider, and groups have the privileges of the stack file", async () => {
		const manifest = "/var/lib/rancher/rke2/agent/pod-manifests/kube-apiserver.yaml";
		expect(await rehearsal.onNode("proj-k8sm01", `cat ${manifest}`)).toContain(
			"--authentication-config=/etc/rancher/rke2/authentication.yaml",
		);
		const may = (group: string, ...question: string[]) =>
			rehearsal
				.kubectl("auth", "can-i", ...question, "--as", "oidc:somebody", "--as-group", `oidc:${group}`)
				.then((answer) => answer.trim())
				.catch(() => "no");
		expect(await may(projects, "create", "deployments", "-n", "ollama")).toBe("yes");
		expect(await may(projects, "create", "deployments", "-n", "openwebui")).toBe("no");
		expect(await may(projects, "create", "rolebindings", "-n", "ollama")).toBe("no");
		expect(await may(auditors, "list", "clusterrolebindings")).toBe("yes");
		expect(await may(auditors, "get", "pods", "-n", "kube-system")).toBe("yes");
		expect(await may(auditors, "get", "secrets", "-n", "kube-system")).toBe("no");
		expect(await may(auditors, "delete", "nodes")).toBe("no");
		expect(await may(administrators, "delete", "nodes")).toBe("yes");
		expect(await may(administrators, "get", "secrets", "-n", "kube-system")).toBe("yes");
	});

	test("registries.yaml has the mirrors, and only root may read it", async () => {
		const registries = "/etc/rancher/rke2/registries.yaml";
		expect(await rehearsal.onNode("proj-k8sw01", `stat --format %a,%U ${registries}`)).toBe("600,root\n");
		const authority = await rehearsal.onNode("proj-k8sw01", `grep ca_file ${registries}`);
		expect(await rehearsal.onNode("proj-k8sw01", `cat ${authority.split(":")[1]!.trim()}`)).toContain("CERTIFICATE");
	});

	test("a registry's password is in registries.yaml and in no place that others can read", async () => {
		const [password] = passwords;
		for (const node of ["proj-k8sm01", "proj-k8sw01", "proj-k8sw02"]) {
			expect(await rehearsal.onNode(node, "cat /etc/rancher/rke2/registries.yaml")).toContain(`password: ${password}`);
			const left = "sh -c 'journalctl --no-pager --output cat; cat /var/lib/rke2-lab/wanted /var/lib/rke2-lab/applied'";
			expect(await rehearsal.onNode(node, left)).not.toContain(password);
		}
		const state = join(rehearsal.run.directory, "engine");
		const texts = [...textsUnder(state).values()];
		expect(texts.join("\n")).toContain("proj-k8sw01-registries");
		for (const text of [...texts, ...printed, JSON.stringify(on), JSON.stringify(steps)]) {
			expect(text.includes(password)).toBe(false);
		}
	});

	test("root on a worker gets no key of the cluster with any credential of the worker", async () => {
		const worker = "proj-k8sw01";
		// Every text in RKE2's files that may be a password, for both users, and every certificate with its key.
		const tries = `
			for secret in $(grep -rhoE "[[:alnum:]]{32,}" /etc/rancher | sort -u); do
				for user in server node; do ask --user $user:$secret; done
			done
			for key in /var/lib/rancher/rke2/agent/*.key; do ask --cert \${key%.key}.crt --key $key; done`;
		const ask = `ask() { curl -sk -o /dev/null -w "%{http_code}\\n" "$@" https://10.25.20.29:9345/v1-rke2/server-bootstrap; }`;
		const script = Buffer.from(`${ask}\n${tries}\n`).toString("base64");
		const answers = (await rehearsal.onNode(worker, `sh -c 'echo ${script} | base64 -d | bash'`)).trim().split("\n");
		expect(answers.length).toBeGreaterThan(4);
		expect([...new Set(answers)].sort()).toEqual(["401", "403"]);
		expect(await rehearsal.onNode(worker, "ls /etc/rancher/rke2")).not.toMatch(/^token$/m);
		// The request itself is right: it succeeds with the server token.
		expect(await answerTo("server", serverToken, "server-bootstrap")).toBe("200");

		const join = `timeout 60 /usr/local/bin/rke2 server --config /dev/null --server https://10.25.20.29:9345`;
		const joining = rehearsal.onNode(worker, `sh -c '${join} --token-file /etc/rancher/rke2/agent-token 2>&1 || true'`);
		expect(await joining).toMatch(/level=fatal .*not authorized/);
	});

	test("a worker holds the server token when its cluster is older than its agent token", async () => {
		// The former state: the servers accept one token, and every node has it.
		await rehearsal.onNode("proj-k8sm01", "sed -i '/^agent-token-file: /d' /etc/rancher/rke2/config.yaml");
		await rehearsal.onNode("proj-k8sm01", "systemctl restart rke2-server.service");
		expect(await answerTo("node", serverToken)).toBe("200");
		await rehearsal.onNode("proj-k8sm01", `cp ${agentToken} ${firstAgentToken}`);
		for (const worker of ["proj-k8sw01", "proj-k8sw02"]) {
			await rehearsal.onNode(worker, `sh -c 'echo a-server-token >${serverToken}'`);
			await rehearsal.onNode(worker, "sed -i 's|agent-token|token|' /etc/rancher/rke2/config.yaml");
		}
	});

	test("a server saves a snapshot before a change when the snapshot store does not answer, and retains five", async () => {
		const snapshots = "/var/lib/rancher/rke2/server/db/snapshots";
		const earlier = [1, 2, 3, 4, 5, 6].map((second) => `before-change-proj-k8sm01-${second}`);
		await rehearsal.onNode("proj-k8sm01", `install -d -m 0700 ${snapshots}`);
		await rehearsal.onNode("proj-k8sm01", `touch ${earlier.map((name) => `${snapshots}/${name}`).join(" ")}`);
		steps.length = 0;
		changed = await upAsReviewed(rehearsal, { change: features, options: { secrets } }, latest);
		const kept = (await rehearsal.onNode("proj-k8sm01", `ls ${snapshots}`)).trim().split("\n");
		const saved = expect.stringMatching(/^before-change-proj-k8sm01-\d{10}$/);
		expect(kept).toEqual([saved, ...earlier.slice(2)]);
		expect(changed.diagnostics.map(({ message }) => message).join("\n")).toContain(
			`proj-k8sm01: converge: the state before this change is the snapshot ${kept[0]} in ${snapshots}`,
		);
	});

	test("another password reaches one node after the other", async () => {
		expect(changed.changes).toMatchObject({ create: 0, replace: 0, delete: 0 });
		const converged = steps
			.filter(({ urn, operation }) => urn.endsWith("-converge") && operation === "update")
			.map(({ urn, phase }) => `${urn.split("::").at(-1)} ${phase}`);
		expect(converged).toEqual(
			["proj-k8sm01", "proj-k8sw01", "proj-k8sw02"].flatMap((node) =>
				["started", "succeeded"].map((phase) => `${node}-converge ${phase}`),
			),
		);
		const registries = await rehearsal.onNode("proj-k8sw02", "cat /etc/rancher/rke2/registries.yaml");
		expect(registries).toContain(passwords[1]);
		expect(registries).not.toContain(passwords[0]);
		const again = await rehearsal.preview(features, latest.options);
		expect(changeCount(again)).toBe(0);
	});

	test("another agent token reaches one node after the other, and workers lose the server token", async () => {
		expect(await answerTo("node", firstAgentToken)).toBe("401");
		expect(await answerTo("node", agentToken)).toBe("200");
		for (const worker of ["proj-k8sw01", "proj-k8sw02"]) {
			const held = await rehearsal.onNode(worker, "grep --recursive --no-filename '' /etc/rancher/rke2");
			expect(held).toContain(`::node:${agentTokens[1]}`);
			expect(held).not.toContain("server-token");
			expect(held).not.toContain(rehearsal.secrets.clusterToken);
		}
		// The datastore still has the first passwords, and a server must start nevertheless.
		await rehearsal.onNode("proj-k8sm01", "sleep 3");
		await rehearsal.onNode("proj-k8sm01", "systemctl restart rke2-server.service");
		expect(await answerTo("node", agentToken)).toBe("200");
	});

	test("no secret is readable in clear text or base64 in state, output, journals, processes and files", async () => {
		const secret: Record<string, string> = { ...rehearsal.secrets };
		for (const [index, password] of passwords.entries()) {
			secret[`registry password ${index + 1}`] = password;
			secret[`agent token ${index + 1}`] = agentTokens[index]!;
		}
		const { kubeconfig } = await rehearsal.outputs();
		secret["administrator's key"] = /client-key-data: (\S+)/.exec(String(kubeconfig?.value))![1]!;

		const texts = textsUnder(join(rehearsal.run.directory, "engine"));
		// The Kubernetes provider leaves copies of the kubeconfig (docs/security.md).
		for (const copy of [...texts.keys()].filter((path) => /\/tmp\/kubeconfig\d+$/.test(path))) {
			expect((statSync(copy).mode & 0o777).toString(8)).toBe("600");
			texts.delete(copy);
		}
		texts.set("what was printed", [...printed, JSON.stringify([on, changed, steps])].join("\n"));
		for (const node of ["proj-k8sm01", "proj-k8sw01", "proj-k8sw02"]) {
			for (const [place, command] of Object.entries(readableTexts)) {
				texts.set(`${place} of ${node}`, await rehearsal.onNode(node, command));
			}
		}
		expect([...texts.values()].join("\n")).toContain("proj-k8sw01-registries");
		expect(texts.get("the journal of proj-k8sw01")).toContain("token.sh proj-k8sw01 agent");
		expect(searchSecrets(secret, texts)).toEqual([]);
		// The search finds a planted secret: in a temporary file, in base64 and within other text.
		const planted = Buffer.from(`user:${rehearsal.secrets.clusterToken}.`).toString("base64");
		await rehearsal.onNode("proj-k8sw01", `sh -c 'echo ${planted} >/tmp/planted'`);
		const temporary = await rehearsal.onNode("proj-k8sw01", readableTexts["temporary files"]!);
		expect(searchSecrets(secret, new Map([["/tmp", temporary]]))).toEqual(["clusterToken in /tmp"]);
	});

	test("the nodes ask the time servers of the stack file", async () => {
		expect(await rehearsal.onNode("proj-k8sw01", timeServers)).toBe("10.25.10.2\n");
	});

	test("pods do not get the node's search domain, in which a wildcard record may answer every name", async () => {
		const pods = "/run/k3s/containerd/io.containerd.grpc.v1.cri/sandboxes/double/resolv.conf";
		for (const node of ["proj-k8sm01", "proj-k8sw01"]) {
			expect(await rehearsal.onNode(node, "cat /etc/resolv.conf")).toContain("search lab.internal\n");
			expect(await rehearsal.onNode(node, `cat ${pods}`)).toBe("nameserver 10.25.20.3\nnameserver 10.25.10.3\n");
		}
	});

	test("RKE2 has the proxy in its environment, and reaches the cluster without it", async () => {
		const pid = await rehearsal.onNode("proj-k8sw01", "systemctl show --property MainPID --value rke2-agent.service");
		const environment = await rehearsal.onNode("proj-k8sw01", `cat /proc/${pid.trim()}/environ`);
		expect(environment).toContain("HTTPS_PROXY=http://proxy.lab.internal:3128");
		expect(environment).toMatch(/NO_PROXY=[^\0]*10\.25\.20\.0\/24/);
	});

	test("the kernel has the setting of the stack file", async () => {
		const range = await rehearsal.onNode("proj-k8sw01", "cat /proc/sys/net/ipv4/ip_local_port_range");
		expect(range.trim().split(/\s+/)).toEqual(["20000", "60999"]);
	});

	test("up restores the former state and replaces nothing when the settings are removed", async () => {
		const off = await upAsReviewed(rehearsal, latest, { change: {} });
		expect(off.changes).toMatchObject({ create: 0, replace: 0 });
		expect(await rehearsal.kubectl("get", "clusterroles", "--output", "name")).not.toContain("cluster-reader");
		const leftover = "ls /etc/rancher/rke2/registries.yaml";
		await expect(rehearsal.onNode("proj-k8sm01", leftover)).rejects.toThrow("No such file");
		await expect(rehearsal.onNode("proj-k8sw01", leftover)).rejects.toThrow("No such file");
		expect(await rehearsal.onNode("proj-k8sw01", timeServers)).toBe("\n");
		expect(changeCount(await rehearsal.preview())).toBe(0);
	});

	test("a preview replaces nothing when the settings come back", async () => {
		const again = await rehearsal.preview(features, { secrets });
		expect(errors(again)).toEqual([]);
		expect(again.changes.create).toBeGreaterThan(0);
		expect(again.changes).toMatchObject({ replace: 0, delete: 0 });
	});
});

interface Node {
	metadata: { name: string; labels: Record<string, string> };
}
