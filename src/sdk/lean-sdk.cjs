/**
 * Makes loading the SDK cheap, and with it a preview. To be loaded before the SDK, by the program and by the policy pack;
 * what Pulumi runs them with has loaded only a small part of it by then. JavaScript, so that nothing has to strip types
 * before what Node compiles is kept.
 */
const Module = require("node:module");
const { join } = require("node:path");

// Compiling is half of what loading costs.
Module.enableCompileCache(join(__dirname, "../../node_modules/.cache/compiled"));

// Only what writes functions down as text needs TypeScript, which nobody asks for here: it is loaded when it is used.
const load = Module._load;
Module._load = function (request, ...rest) {
	if (request !== "typescript") {
		return load.call(this, request, ...rest);
	}
	let loaded;
	const get = (_, key) => {
		// Compiled imports ask for this mark before anybody uses what they import.
		if (key === "__esModule") {
			return true;
		}
		loaded ??= load.call(this, request, ...rest);
		return key === "default" ? loaded : Reflect.get(loaded, key);
	};
	return new Proxy({}, { get });
};

// For its message about promises that never settle, the SDK keeps a stack trace of every promise that it makes. Taking them
// is a seventh of the program's own time in a preview; without them the message still says what each promise is for.
const debuggable = require("@pulumi/pulumi/runtime/debuggable.js");
const { debuggablePromise } = debuggable;
debuggable.debuggablePromise = (...parameters) => {
	const { stackTraceLimit } = Error;
	Error.stackTraceLimit = 0;
	try {
		return debuggablePromise(...parameters);
	} finally {
		Error.stackTraceLimit = stackTraceLimit;
	}
};

// The SDK's runner has every line of a stack trace looked up in the TypeScript that the SDK was made from. The sources here
// are what runs.
Error.prepareStackTrace = undefined;
