/**
 * Makes loading the SDK faster, and with it a preview. The program and the policy pack load this file before the SDK; the
 * runner of Pulumi has loaded only a small part of the SDK by then. It is JavaScript, so that the cache of compiled code is on
 * before Node strips types.
 */
const Module = require("node:module");
const { join } = require("node:path");

// Compiling is half of what loading costs.
Module.enableCompileCache(join(__dirname, "../../node_modules/.cache/compiled"));

// Only the serialization of functions needs TypeScript and the reader of packages' descriptions, and this project does not use
// it. A program and a policy pack have no use for the automation API either: load these modules on first use.
const sdk = require.resolve("@pulumi/pulumi");
const isLoadedLate = (request, parent) =>
	request === "typescript" ||
	request === "normalize-package-data" ||
	(request === "./automation" && parent?.filename === sdk);
const load = Module._load;
Module._load = function (request, parent, ...rest) {
	if (!isLoadedLate(request, parent)) {
		return load.call(this, request, parent, ...rest);
	}
	let loaded;
	const get = (_, key) => {
		// Compiled imports read this mark before the first use of the module.
		if (key === "__esModule") {
			return true;
		}
		loaded ??= load.call(this, request, parent, ...rest);
		return key === "default" ? loaded : Reflect.get(loaded, key);
	};
	return new Proxy({}, { get });
};

// The SDK keeps a stack trace of every promise, for its message about promises that never end. That takes a seventh of the
// program's own time in a preview. Without the traces the message still has the purpose of each promise.
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

// The SDK's runner translates every line of a stack trace by source maps. The sources of this project need no translation,
// because Node runs them directly.
Error.prepareStackTrace = undefined;
