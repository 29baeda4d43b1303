require("../src/sdk/lean-sdk.cjs");
const { flushCompileCache } = require("node:module");

// The policy runner loads the pack with require() and a ts-node hook, which refuses TypeScript that is an ES module;
// import() goes past the hook, and Node strips the types. The engine ends this process by a signal, which would leave
// nothing in the cache.
import("./pack.ts").then(() => flushCompileCache());
