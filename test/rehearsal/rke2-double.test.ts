/** A cluster of RKE2 doubles, tested by what is visible of it from outside. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import type { MachineSpec } from "../../rehearsal/doubles/proxmox/hypervisor.ts";
import { kubeVipManifest } from "../../src/rke2/kube-vip.ts";
import { labStack } from "../fixtures/lab.ts";
import {
	addressOf,
	clusterToken,
	createLab,
	type Lab,
	machine,
	rke2Version,
	virtualAddress,
} from "./support/rke2-double-lab.ts";
import { eventually } from "./support/scenario.ts";

const servers = [machine(1, "m01"), machine(2, "m02"), machine(3, "m03")] as const;
const [m01, m02, m03] = servers;
const w01 = machine(4, "w01");
const agentToken = "another-token-of-the-test";

let lab: Lab;

// The tests are steps of one cluster. Each continues from the state of the one before.
beforeAll(async () => {
	lab = await createLab();
	await Promise.all([...servers, w01].map((spec) => lab.boot(spec)));
	const manifest = kubeVipManifest(labStack({ cluster: { api: { address: virtualAddress } } }).cluster.api);
	for (const spec of servers) {
		await lab.ssh(spec, "sudo install -d -m 0700 /var/lib/rancher/rke2/server/manifests");
		await lab.ssh(
			spec,
			"sudo install -m 0600 /dev/stdin /var/lib/rancher/rke2/server/manifests/kube-vip.yaml",
			manifest,
		);
		await lab.configure(spec, serverConfig(spec));
	}
	await lab.configure(w01, agentConfig(w01));
});

afterAll(async () => {
	await lab?.destroy();
});

function commonConfig(spec: MachineSpec) {
	return { profile: "cis", token: clusterToken, "node-name": spec.name, "node-ip": addressOf(spec) };
}

function serverConfig(spec: MachineSpec): string {
	return stringify({
		...commonConfig(spec),
		...(spec === m01 ? {} : { server: `https://${virtualAddress}:9345` }),
		"tls-san": [virtualAddress],
		"node-taint": ["node-role.kubernetes.io/control-plane:NoSchedule"],
		"ingress-controller": "none",
		"write-kubeconfig-mode": "0600",
		"secrets-encryption-provider": "secretbox",
	});
}

function agentConfig(spec: MachineSpec): string {
	return stringify({ ...commonConfig(spec), server: `https://${virtualAddress}:9345`, "node-label": ["zone=a"] });
}

interface Member {
	name: string;
	isLearner?: boolean;
}

async function etcdMembers(spec: MachineSpec): Promise<Member[]> {
	const tls = "/var/lib/rancher/rke2/server/tls/etcd";
	const answer = await lab.ssh(
		spec,
		`sudo curl --silent --fail --cert ${tls}/client.crt --key ${tls}/client.key --cacert ${tls}/server-ca.crt ` +
			`--data '{"linearizable":true}' https://127.0.0.1:2382/v3/cluster/member/list`,
	);
	return JSON.parse(answer).members;
}

async function voters(spec: MachineSpec): Promise<string[]> {
	const members = await etcdMembers(spec);
	return members
		.filter((member) => !member.isLearner)
		.map((member) => member.name.replace(/-[0-9a-f]{8}$/, ""))
		.sort();
}

/** `name=Ready` or `name=NotReady` of every node, as the API sees it. */
async function nodes(spec: MachineSpec): Promise<string[]> {
	const lines = await lab.kubectl(spec, "get nodes --no-headers");
	return lines
		.split("\n")
		.map((line) => line.split(/\s+/).slice(0, 2).join("="))
		.sort();
}

const vipHolder = async (spec: MachineSpec) =>
	lab.kubectl(spec, "--namespace kube-system get lease plndr-cp-lock --output jsonpath={.spec.holderIdentity}");

const cacertsOverVip = () =>
	lab.outside("curl", "--silent", "--insecure", "--max-time", "1", `https://${virtualAddress}:9345/cacerts`);

const startUnit = "sudo systemctl enable --now";

test("the first server is ready with one voter when its unit is ready", async () => {
	await lab.ssh(m01, `${startUnit} rke2-server.service`);
	expect(await lab.kubectl(m01, "get --raw=/readyz")).toBe("ok");
	expect(await lab.kubectl(m01, "get nodes --output name")).toBe("node/m01");
	expect(await voters(m01)).toEqual(["m01"]);
	await eventually(async () => expect(await nodes(m01)).toEqual(["m01=Ready"]));
	const version = await lab.kubectl(m01, "get node m01 --output jsonpath={.status.nodeInfo.kubeletVersion}");
	expect(version).toBe(rke2Version);
	expect(await lab.ssh(m01, "sudo stat --format '%a %U:%G' /etc/rancher/rke2/rke2.yaml")).toBe("600 root:root");
	expect(await lab.ssh(m01, "ps -o user= -C etcd")).toBe("etcd");
});

test("the virtual address serves registration when the kube-vip manifest is there", async () => {
	const authority = await lab.ssh(m01, "sudo cat /var/lib/rancher/rke2/server/tls/server-ca.crt");
	await eventually(async () => expect(await cacertsOverVip()).toBe(authority));
});

test("profile: cis applies Pod Security, network policies and encryption", async () => {
	const refused = lab.kubectl(m01, "--namespace default run intruder --image=x --privileged --restart=Never");
	await expect(refused).rejects.toThrow(/violates PodSecurity "restricted/);
	expect(await lab.kubectl(m01, "get serviceaccount default --output jsonpath={.automountServiceAccountToken}")).toBe(
		"false",
	);
	const policies = await lab.kubectl(m01, "--namespace kube-system get networkpolicy --output name");
	expect(policies.trim().split("\n").sort()).toEqual(
		["", "-dns", "-ingress", "-ingress-webhook", "-metrics-server", "-snapshot-validation-webhook", "-traefik"]
			.map((part) => `networkpolicy.networking.k8s.io/default-network${part}-policy`)
			.sort(),
	);
	const secret = "/registry/secrets/kube-system/m01.node-password.rke2";
	const tls = "/var/lib/rancher/rke2/server/tls/etcd";
	const stored = await lab.ssh(
		m01,
		`sudo /opt/rehearsal/bin/etcdctl --cert ${tls}/client.crt --key ${tls}/client.key --cacert ${tls}/server-ca.crt get ${secret} | head -c 200 | tr -d '\\0'`,
	);
	expect(stored).toContain("k8s:enc:secretbox:v1:");
});

test("a server is refused when its token or another critical value differs", async () => {
	const refusal = (...flags: string[]) =>
		lab.ssh(m02, `! sudo timeout 60 /usr/local/bin/rke2 server ${flags.join(" ")} || false`);
	expect(await refusal("--token=wrong")).toMatch(/level=fatal.*not authorized/);
	expect(await refusal(`--token=K10${"0".repeat(64)}::server:${clusterToken}`)).toMatch(
		/level=fatal.*CA hash does not match/,
	);
	expect(await refusal("--cluster-cidr=10.99.0.0/16")).toMatch(
		/level=fatal.*critical configuration value mismatch.*ClusterIPRanges/,
	);
});

test("two servers become voters one after the other when they join at once", async () => {
	await Promise.all([m02, m03].map((spec) => lab.ssh(spec, `${startUnit} rke2-server.service`)));
	expect(await voters(m01)).toEqual(["m01", "m02", "m03"]);
	await eventually(async () => expect(await nodes(m02)).toEqual(["m01=Ready", "m02=Ready", "m03=Ready"]));
	expect(await lab.kubectl(m03, "get nodes --selector node-role.kubernetes.io/control-plane=true --output name")).toBe(
		"node/m01\nnode/m02\nnode/m03",
	);
});

test("an agent joins with its labels, without any server's credentials", async () => {
	await lab.ssh(w01, `${startUnit} rke2-agent.service`);
	await eventually(async () => expect(await nodes(m01)).toContain("w01=Ready"));
	expect(await lab.kubectl(m01, "get nodes --selector zone=a --output name")).toBe("node/w01");
	await expect(lab.ssh(w01, "sudo ls /var/lib/rancher/rke2/server")).rejects.toThrow("No such file");
	const asKubelet =
		"sudo /var/lib/rancher/rke2/bin/kubectl --kubeconfig=/var/lib/rancher/rke2/agent/kubelet.kubeconfig label node";
	await expect(lab.ssh(w01, `${asKubelet} m01 stolen=yes`)).rejects.toThrow(/forbidden/);
});

test("a restart of the unit changes neither certificates nor kubeconfig", async () => {
	const kubeconfig = "sudo sha256sum /etc/rancher/rke2/rke2.yaml";
	const before = await lab.ssh(m02, kubeconfig);
	await lab.ssh(m02, "sudo systemctl restart rke2-server.service");
	expect(await lab.ssh(m02, kubeconfig)).toBe(before);
	expect(await voters(m02)).toEqual(["m01", "m02", "m03"]);
});

test("another server takes the virtual address and the agent stays ready when the holder loses power", async () => {
	const holderName = await vipHolder(m01);
	const holder = servers.find((spec) => spec.name === holderName) ?? m01;
	const [survivor] = servers.filter((spec) => spec !== holder);
	await cacertsOverVip();
	await lab.hypervisor.stop(holder.vmId);
	const cut = Date.now();
	await eventually(cacertsOverVip);
	console.log(
		`the registration port answers again ${((Date.now() - cut) / 1000).toFixed(1)} s after the power was cut`,
	);
	expect(await vipHolder(survivor!)).not.toBe(holder.name);
	// The node controller reports a dead node only after its grace period.
	await eventually(async () => expect(await nodes(survivor!)).toContain(`${holder.name}=NotReady`), 90);
	expect(await nodes(survivor!)).toContain("w01=Ready");

	await lab.boot(holder);
	await eventually(async () =>
		expect(await nodes(holder)).toEqual(["m01=Ready", "m02=Ready", "m03=Ready", "w01=Ready"]),
	);
	expect(await voters(holder)).toEqual(["m01", "m02", "m03"]);
	// The node controller has marked its pods as not ready. Canal's connects the node again only when it is ready.
	await eventually(async () => expect(await lab.ssh(holder, "ip -brief link show flannel.1")).toContain("flannel.1"));
});

test("a rebuilt machine of the same name is refused until its Node object is deleted", async () => {
	await lab.hypervisor.stop(w01.vmId);
	await lab.hypervisor.deleteVolume(w01.systemVolume);
	await lab.boot(w01);
	await lab.configure(w01, agentConfig(w01));
	await lab.ssh(w01, "sudo systemctl enable --now --no-block rke2-agent.service");
	await eventually(async () =>
		expect(await lab.ssh(w01, "sudo journalctl --unit rke2-agent.service")).toContain("Node password rejected"),
	);
	await lab.kubectl(m01, "delete node w01");
	await eventually(async () => expect(await nodes(m01)).toContain("w01=Ready"));
});

test("a rebuilt server is refused until its Node object is deleted, which removes its etcd member", async () => {
	await lab.hypervisor.stop(m03.vmId);
	await lab.hypervisor.deleteVolume(m03.systemVolume);
	await lab.boot(m03);
	await lab.configure(m03, serverConfig(m03));
	await lab.ssh(m03, "sudo systemctl enable --now --no-block rke2-server.service");
	await eventually(async () =>
		expect(await lab.ssh(m03, "sudo journalctl --unit rke2-server.service")).toContain("duplicate node name found"),
	);
	await lab.kubectl(m01, "delete node m03");
	await eventually(async () => expect(await nodes(m01)).toContain("m03=Ready"));
	expect(await voters(m01)).toEqual(["m01", "m02", "m03"]);
});

test("a snapshot is saved and listed", async () => {
	await lab.ssh(m01, "sudo /usr/local/bin/rke2 etcd-snapshot save --name before-work");
	const listed = await lab.ssh(m01, "sudo /usr/local/bin/rke2 etcd-snapshot ls");
	expect(listed).toMatch(
		/before-work-m01-\d+ file:\/\/\/var\/lib\/rancher\/rke2\/server\/db\/snapshots\/before-work-m01-\d+ \d{5,}/,
	);
});

/** Status of the registration port for a caller with a password or with the kubelet's certificate. */
const asked = (path: string, user: string) =>
	lab.ssh(
		w01,
		`sudo curl --silent --insecure --output /dev/null --write-out '%{http_code}' ${user} https://${virtualAddress}:9345${path}`,
	);
const password = (user: string, secret: string) => `--user ${user}:${secret}`;
const kubelet =
	"--cert /var/lib/rancher/rke2/agent/client-kubelet.crt --key /var/lib/rancher/rke2/agent/client-kubelet.key";
const bootstrap = "/v1-rke2/server-bootstrap";

test("root on a worker gets the keys of the cluster when servers and agents have one token", async () => {
	expect(await asked(bootstrap, password("server", clusterToken))).toBe("200");
	expect(await asked(bootstrap, password("node", clusterToken))).toBe("403");
	expect(await asked(bootstrap, kubelet)).toBe("403");
	expect(await asked("/v1-rke2/config", password("server", clusterToken))).toBe("403");
	expect(await asked("/v1-rke2/config", password("node", clusterToken))).toBe("200");
});

const restart = (spec: MachineSpec) => lab.ssh(spec, "sudo systemctl restart rke2-server.service");

test("a server starts only once when its agent token was added later, until its passwords are removed", async () => {
	await lab.configure(m02, `${serverConfig(m02)}agent-token: ${agentToken}\n`);
	await restart(m02);
	await lab.ssh(m02, "sleep 3");
	await lab.ssh(m02, "sudo systemctl restart --no-block rke2-server.service");
	await eventually(async () =>
		expect(await lab.ssh(m02, "sudo journalctl --unit rke2-server.service")).toContain(
			"server/cred/passwd newer than datastore and could cause a cluster outage",
		),
	);
	await lab.ssh(m02, "sudo rm /var/lib/rancher/rke2/server/cred/passwd");
	await restart(m02);
	expect(await lab.ssh(m02, "sudo cat /var/lib/rancher/rke2/server/agent-token")).toMatch(`::node:${agentToken}`);
});

test("only the agent token registers a node when there is one, and it registers no server", async () => {
	for (const spec of [m01, m03]) {
		await lab.configure(spec, `${serverConfig(spec)}agent-token: ${agentToken}\n`);
		await restart(spec);
	}
	await eventually(async () => expect(await asked("/v1-rke2/config", password("node", agentToken))).toBe("200"));
	expect(await asked("/v1-rke2/config", password("node", clusterToken))).toBe("401");
	expect(await asked(bootstrap, password("node", agentToken))).toBe("403");
	expect(await asked(bootstrap, password("server", agentToken))).toBe("401");
	const join = `sudo timeout 60 /usr/local/bin/rke2 server --server=https://${virtualAddress}:9345 --token=${agentToken} --node-taint=`;
	expect(await lab.ssh(w01, `! ${join} || false`)).toMatch(/level=fatal.*not authorized/);
});

test("a member restarts with its old token by its kubelet's certificate", async () => {
	await lab.ssh(w01, "sudo systemctl restart rke2-agent.service");
	expect(await nodes(m01)).toContain("w01=Ready");
});

test("rke2-killall.sh leaves no process, and rke2-uninstall.sh leaves no file", async () => {
	await lab.ssh(m02, "sudo /usr/local/bin/rke2-killall.sh");
	await expect(lab.ssh(m02, "pgrep --full --list-full '^/opt/rehearsal/bin/'")).rejects.toThrow();
	await lab.ssh(m02, "sudo /usr/local/bin/rke2-uninstall.sh");
	expect(
		await lab.ssh(m02, "sudo find /usr/local /etc/rancher /var/lib/rancher -name '*rke2*' 2>/dev/null || true"),
	).toBe("");
});
