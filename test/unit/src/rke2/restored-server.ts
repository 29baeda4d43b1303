/** A server on which restore.sh runs with programs of the test in place of RKE2 and systemd. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const scripts = new URL("../../../../src/rke2/scripts/", import.meta.url).pathname;
const token = "t0ken";
const bootstrap = `/bootstrap/${createHash("sha256").update(token).digest("hex").slice(0, 12)}`;
const certificate = "MIIBeDCCAR2gAwIBAgIBADAKBggqhkjOPQQDAjAkMSIwIAYDVQQDDBlya2UyLXNl";
export const version = "v1.35.7+rke2r1";
/** Names a restore. */
export const decided = 1_000_000_000;

/** Records each call. `rke2` restores as RKE2 does: it moves the old data aside first. */
const programs = {
	systemctl: 'echo "systemctl $*" >>$LOG; [ "$1" != is-active ]',
	"rke2-killall.sh": "echo killall >>$LOG",
	kubectl: `echo "kubectl $*" >>$LOG
		case $* in *"get nodes"*) printf '%s\n' cp1 cp2 lost ;; *get*) printf 'secret/%s.node-password.rke2\n' cp1 cp2 w1; echo secret/other ;; esac`,
	rke2: `echo "rke2 $*" >>$LOG; cd $RKE2_DATA/server/db; [ ! -e etcd ] || mv etcd etcd-old-$(($(ls | grep -c etcd-old) + 1)); mkdir etcd; echo new >etcd/data
		if { : >&9; } 2>/dev/null; then echo "holds the lock" >>$LOG; fi
		if [ -e $RKE2_DATA/broken ]; then echo "no space left on device"; exit 1; fi
		echo "Managed etcd cluster membership has been reset, restart without --cluster-reset flag now."`,
	// A store with the objects of its folder, at the addresses that the test gives.
	curl: `echo "curl $*" >>$LOG; url=$(sed 's/^url = "//; s/[?].*//'); cd $RKE2_DATA
		while [ "$1" != --output ]; do shift; done
		if [ -e unreachable ]; then echo "curl: (7) Failed to connect to s3.internal" >&2; exit 7; fi
		if [ -e refused ]; then printf '<Error><Code>SignatureDoesNotMatch</Code><Message>Check your key.</Message><Key>cluster1/kept-1' >"$2"; printf 403; exit; fi
		case $url in
			*/) (cd store && ls | sed 's|.*|<Contents><Key>cluster1/&</Key></Contents>|') | tr -d '\\n' >"$2"; printf 200 ;;
			*) if ! cp "store/\${url##*/}" "$2" 2>/dev/null; then echo '<Error><Code>NoSuchKey</Code>' >"$2"; printf 404; exit; fi; printf 200 ;;
		esac`,
};

export class Server {
	readonly directory = mkdtempSync(join(tmpdir(), "restore-script-test-"));
	readonly db = join(this.directory, "server/db");
	/** That of the stack file. */
	podCidr = "10.42.0.0/16";

	constructor() {
		onTestFinished(() => rmSync(this.directory, { recursive: true }));
		const bin = join(this.directory, "bin");
		for (const folder of ["bin", "toolkit", "server/tls", "server/db/etcd", "server/db/snapshots", "server/db/tmp"]) {
			mkdirSync(join(this.directory, folder), { recursive: true });
		}
		for (const name of [
			"lib.sh",
			"let-go.sh",
			"snapshot.sh",
			"snapshot-store.sh",
			"unsupported.sh",
			"unpack.sh",
			"restore.sh",
		]) {
			const text = readFileSync(join(scripts, name), "utf8").replaceAll("/usr/local/bin/", `${bin}/`);
			writeFileSync(join(this.directory, "toolkit", name), text, { mode: 0o755 });
		}
		// What the cluster would answer is no part of these tests.
		const constants = ["STATE", "RKE2_CONFIG", "RKE2_DATA", "MANIFESTS"]
			.map((name) => `${name}=${this.directory}`)
			.concat(
				`TOOLKIT=${this.directory}/toolkit`,
				`AGENT_TOKEN=${this.directory}/agent-token`,
				"REGISTRIES=/nowhere",
				"FREEZE=key-rotation",
			)
			.join("\n");
		const answers =
			'export LOG=$STATE/log RKE2_DATA\ngate() { echo "gate $*" >>$LOG; }\noffer_to_hold_address() { :; }\n';
		const lib = join(this.directory, "toolkit/lib.sh");
		writeFileSync(lib, `${constants}\n${readFileSync(lib, "utf8")}${answers}`);
		for (const [name, text] of Object.entries(programs)) {
			writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
		}
		writeFileSync(
			join(this.directory, "config.yaml"),
			"server: https://10.0.0.9:9345\ncluster-cidr: 10.42.0.0/16\nprofile: cis\n",
		);
		writeFileSync(join(this.directory, "token"), `K10${"a".repeat(64)}::server:${token}\n`);
		writeFileSync(join(this.directory, "agent-token"), "agent\n");
		writeFileSync(join(this.directory, "installed"), `${version}\n`);
		writeFileSync(join(this.directory, "server/tls/server-ca.crt"), `-----BEGIN\nfirst\n${certificate}\n`);
		writeFileSync(join(this.db, "etcd/data"), "old\n");
		writeFileSync(join(this.directory, "member"), "");
		this.save("kept", snapshot({}));
	}

	save(name: string, content: Buffer): void {
		writeFileSync(join(this.db, "snapshots", name), content);
	}

	/** Puts a snapshot into the S3 store. */
	store(name: string, content: Buffer): void {
		mkdirSync(join(this.directory, "store"), { recursive: true });
		writeFileSync(join(this.directory, "store", name), content);
	}

	/** Standard error of the phase, with the status in front when it failed. */
	run(...args: string[]): string {
		return said(this.#start(args));
	}

	/** Standard output of the phase, which is its result. */
	output(...args: string[]): string {
		return this.#start(args).stdout;
	}

	#start(args: string[]) {
		// The files of the node, as its user may write them.
		const owner = `${process.getuid!()}:${process.getgid!()}`;
		return this.#run(
			args,
			`file ${this.directory}/config.yaml 0600 ${owner}\n| server: https://10.0.0.9:9345\n| cluster-cidr: ${this.podCidr}\n| of: the stack file\n`,
		);
	}

	#run(args: string[], input: string) {
		const environment = { ...process.env, PATH: `${join(this.directory, "bin")}:${process.env.PATH}` };
		const script = join(this.directory, "toolkit/restore.sh");
		return spawnSync(script, ["cp1", ...args], { encoding: "utf8", env: environment, input });
	}

	/** As its machine was made anew: it has the release, and a token with the digest of the cluster's authority. */
	becomeNew(authority: string): void {
		this.runs(version);
		for (const file of ["member", "installed", "server/tls", "server/db", "bin/rke2-killall.sh"]) {
			rmSync(join(this.directory, file), { recursive: true });
		}
		const digest = createHash("sha256").update(authority).digest("hex");
		writeFileSync(join(this.directory, "token"), `K10${digest}::server:${token}\n`);
	}

	/** The node runs this release, and has the tarball of the older one. */
	runs(release: string): void {
		writeFileSync(join(this.directory, "installed"), `${release}\n`);
		mkdirSync(join(this.directory, "releases"));
		for (const prepared of [version, release]) {
			const tarball = join(this.directory, `releases/${prepared}.tar.gz`);
			spawnSync("tar", ["--create", "--gzip", "--file", tarball, "--files-from", "/dev/null"]);
		}
		writeFileSync(join(this.directory, "applied"), "of before\n");
	}

	file(name: string): string {
		return readFileSync(join(this.directory, name), "utf8").trim();
	}

	check(name: string, wanted = version): string {
		return this.run("check", wanted, name, "server");
	}

	/** The check of a snapshot in the store. */
	checkStored(name: string, ...proxy: string[]): string {
		const addresses = ["cluster1/kept-1", "cluster1/"].map((path) => `https://s3.internal/bucket/${path}?signed`);
		addresses[0] = addresses[0]!.replace("kept-1", name);
		const input = `${addresses.join("\n")}\n-----BEGIN CERTIFICATE-----\n`;
		return said(this.#run(["check", version, name, "s3", ...proxy], input));
	}

	/** The calls since the last question. */
	calls(): string[] {
		const file = join(this.directory, "log");
		const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
		rmSync(file, { force: true });
		return lines;
	}

	data(): string {
		return readFileSync(join(this.db, "etcd/data"), "utf8").trim();
	}
}

function said({ status, stderr }: { status: number | null; stderr: string }): string {
	return status === 0 ? stderr : `${status}: ${stderr}`;
}

/** As etcd writes it: blocks of 512 bytes, then their digest. */
export function snapshot({
	line = certificate,
	keys = bootstrap,
	kubelets = ["v1.34.10+rke2r1", version],
	sealed = true,
}): Buffer {
	const nodes = kubelets.map((kubelet) => `\x3a${String.fromCharCode(kubelet.length)}${kubelet}\x42\x00`);
	// A version in another object, such as a plan for an upgrade, does not count.
	const content = Buffer.alloc(4096);
	content.write(`${line}\n${keys} ${nodes.join("....")} plan v1.99.0+rke2r1 `, "latin1");
	const digest = createHash("sha256").update(content).digest();
	return Buffer.concat([content, sealed ? digest : Buffer.alloc(32)]);
}
