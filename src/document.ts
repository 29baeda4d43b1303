/** `npm run docs`: writes what derives from the schema. */
import { writeFileSync } from "node:fs";
import { reference, stackFileSchema } from "./config/reference.ts";

const project = "rke2-lab";
const docs = new URL("../docs/", import.meta.url);

writeFileSync(new URL("configuration.md", docs), reference(project));
writeFileSync(new URL("stack.schema.json", docs), `${JSON.stringify(stackFileSchema(project), null, "\t")}\n`);
