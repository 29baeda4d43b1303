/** What the host knows of a stack, in one JSON file (mode 0600) whose secrets are encrypted. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isObject, mapSecrets, type Properties, secret, type Value } from "./wire.ts";

export interface ResourceState {
	urn: string;
	type: string;
	custom: boolean;
	/** Absent on components. */
	id?: string;
	parent: string;
	/** `URN::ID` of an explicit provider, or empty. */
	provider: string;
	inputs: Properties;
	outputs: Properties;
	dependencies: string[];
	propertyDependencies: Record<string, string[]>;
	deletedWith: string;
	protect: boolean;
	retainOnDelete: boolean;
	replaceOnChanges: string[];
	customTimeouts: CustomTimeouts;
	/** The creation failed halfway: the next update has to finish it. */
	incomplete?: boolean;
	/** The instance that a replacement left behind: it goes at the end of the operation. */
	replaced?: boolean;
}

/** Seconds; absent means the resource type's own. */
export interface CustomTimeouts {
	create?: number;
	update?: number;
	delete?: number;
}

/** Key of an encrypted value in the file: no property of a resource is called that. */
const ENCRYPTED = "aes-256-gcm:scrypt";

interface Snapshot {
	version: 1;
	salt: string;
	resources: ResourceState[];
	/** Creations that had begun when the file was written: an interrupted operation leaves them here. */
	pendingCreates: string[];
}

export class State {
	/** Live resources by URN, in the order in which they came to be. */
	readonly resources = new Map<string, ResourceState>();
	readonly pendingCreates = new Set<string>();
	/** Old instances that wait for their deletion. */
	readonly replaced = new Set<ResourceState>();
	readonly #file: string;
	readonly #salt: Buffer;
	readonly #key: Buffer;

	/** Opens the file, or starts an empty one; throws when the passphrase is not the one it was written with. */
	constructor(file: string, passphrase: string) {
		this.#file = file;
		const snapshot = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Snapshot) : undefined;
		this.#salt = snapshot ? Buffer.from(snapshot.salt, "base64") : randomBytes(16);
		this.#key = scryptSync(passphrase, this.#salt, 32);
		for (const resource of snapshot?.resources ?? []) {
			const opened = {
				...resource,
				inputs: this.#decrypt(resource.inputs) as Properties,
				outputs: this.#decrypt(resource.outputs) as Properties,
			};
			if (opened.replaced) {
				this.replaced.add(opened);
			} else {
				this.resources.set(opened.urn, opened);
			}
		}
		for (const urn of snapshot?.pendingCreates ?? []) {
			this.pendingCreates.add(urn);
		}
	}

	/** Written whole and renamed into place, so that a crash leaves the old file or the new one. */
	save(): void {
		const snapshot: Snapshot = {
			version: 1,
			salt: this.#salt.toString("base64"),
			resources: [...this.resources.values(), ...this.replaced].map((resource) => ({
				...resource,
				inputs: this.#encrypt(resource.inputs) as Properties,
				outputs: this.#encrypt(resource.outputs) as Properties,
			})),
			pendingCreates: [...this.pendingCreates],
		};
		mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
		const next = `${this.#file}.next`;
		writeFileSync(next, JSON.stringify(snapshot, undefined, "\t"), { mode: 0o600 });
		renameSync(next, this.#file);
	}

	#encrypt(value: Value): Value {
		return mapSecrets(value, (inner) => {
			const nonce = randomBytes(12);
			const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
			const body = Buffer.concat([cipher.update(JSON.stringify(inner), "utf8"), cipher.final()]);
			return { [ENCRYPTED]: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64") };
		});
	}

	#decrypt(value: Value): Value {
		if (Array.isArray(value)) {
			return value.map((item) => this.#decrypt(item));
		}
		if (!isObject(value)) {
			return value;
		}
		const text = value[ENCRYPTED];
		if (typeof text !== "string") {
			return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#decrypt(item)]));
		}
		const bytes = Buffer.from(text, "base64");
		const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, 12));
		decipher.setAuthTag(bytes.subarray(12, 28));
		try {
			return secret(
				JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8")),
			);
		} catch {
			throw new Error(
				`The state in ${this.#file} was written with another passphrase; set PULUMI_CONFIG_PASSPHRASE to that one.`,
			);
		}
	}
}
