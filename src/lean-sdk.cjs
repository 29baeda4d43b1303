/**
 * Loaded before the SDK, by the program and by the policy pack, for a third of their time: the SDK's Node runner itself
 * loads only a small part of it. In JavaScript because what strips the types is not loaded yet either.
 */
const Module = require("node:module");
const { join } = require("node:path");

// Compiling is half of what loading costs.
Module.enableCompileCache(join(__dirname, "../node_modules/.cache/compiled"));

// Only what writes functions down as text needs these, which nobody asks for here: they are loaded when they are used.
const late = new Set(["@npmcli/arborist", "typescript"]);
const load = Module._load;
Module._load = function (request, ...rest) {
	if (!late.has(request)) {
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

// The SDK takes a stack trace for every promise, and its runner has every line of it looked up in the TypeScript that the
// SDK was made from. The sources here are what runs.
Error.prepareStackTrace = undefined;
