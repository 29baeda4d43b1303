/**
 * Loaded before the SDK. What it needs only to write functions down as text, which no program here asks for, is half of
 * its start: these modules are loaded when somebody uses them. And it takes a stack trace for every promise that it makes:
 * finding the places in its own TypeScript sources is a quarter of its running time, and the program has no other source
 * than what runs.
 */
import Module from "node:module";

const late = new Set(["@npmcli/arborist", "typescript"]);
const never = new Set(["source-map-support/register"]);

/** The part of Node's CommonJS loader that its types leave out. */
type Load = (this: unknown, request: string, ...rest: unknown[]) => object;
const loader = Module as unknown as { _load: Load };
const load = loader._load;

loader._load = function (request, ...rest) {
	if (never.has(request)) {
		return {};
	}
	if (!late.has(request)) {
		return load.call(this, request, ...rest);
	}
	let loaded: object | undefined;
	const get = (_: object, key: string | symbol): unknown => {
		// Compiled imports ask for this mark before anybody uses what they import.
		if (key === "__esModule") {
			return true;
		}
		loaded ??= load.call(this, request, ...rest);
		return key === "default" ? loaded : Reflect.get(loaded, key);
	};
	return new Proxy({}, { get });
};
