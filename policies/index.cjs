const { enableCompileCache, flushCompileCache } = require("node:module");
const { join } = require("node:path");

// Compiling is most of the pack's start. The engine ends this process by a signal, which would leave nothing in the cache.
enableCompileCache(join(__dirname, "../node_modules/.cache/policies"));

// The policy runner loads the pack with require() and a ts-node hook, which refuses TypeScript that is an ES module;
// import() goes past the hook, and Node strips the types.
import("./pack.ts").then(() => flushCompileCache());
