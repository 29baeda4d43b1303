// The policy runner loads the pack with require() and a ts-node hook, which refuses TypeScript that is an ES module;
// import() goes past the hook, and Node strips the types.
import("./pack.ts");
