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
	/** What the file says of properties that it has already. Nobody changes properties in place. */
	readonly #written = new WeakMap<Properties, string>();

	/** Opens the file, or starts an empty one; throws when the passphrase is not the one it was written with. */
	constructor(file: string, passphrase: string) {
		this.#file = file;
		const snapshot = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Snapshot) : undefined;
		this.#salt = snapshot ? Buffer.from(snapshot.salt, "base64") : randomBytes(16);
		this.#key = keyOf(passphrase, this.#salt);
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
		const snapshot: Omit<Snapshot, "resources"> = {
			version: 1,
			salt: this.#salt.toString("base64"),
			pendingCreates: [...this.pendingCreates],
		};
		const resources = [...this.resources.values(), ...this.replaced].map(({ inputs, outputs, ...rest }) =>
			withMembers(rest, { inputs: this.#write(inputs), outputs: this.#write(outputs) }),
		);
		mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
		const next = `${this.#file}.next`;
		const text = withMembers(snapshot, { resources: `[\n${resources.join(",\n")}\n]` });
		writeFileSync(next, text, { mode: 0o600 });
		renameSync(next, this.#file);
	}

	/** As JSON, with secrets encrypted. */
	#write(properties: Properties): string {
		const written = this.#written.get(properties) ?? JSON.stringify(this.#encrypt(properties));
		this.#written.set(properties, written);
		return written;
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

/** JSON of an object that has at least one member, with further members that are JSON already. */
function withMembers(object: object, members: Record<string, string>): string {
	const added = Object.entries(members).map(([name, json]) => `,${JSON.stringify(name)}:${json}`);
	return `${JSON.stringify(object).slice(0, -1)}${added.join("")}}`;
}

/** Deriving a key takes a tenth of a second on purpose, and the same file is opened again and again. */
const derived = new Map<string, Buffer>();

function keyOf(passphrase: string, salt: Buffer): Buffer {
	const name = `${salt.toString("base64")} ${passphrase}`;
	const key = derived.get(name) ?? scryptSync(passphrase, salt, 32);
	derived.set(name, key);
	return key;
}
