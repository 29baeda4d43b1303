import { mutations, mutate } from "./compliance/commands/mutate.ts";
import { previewStack } from "./compliance/evaluation/preview.ts";
import { toResource } from "./compliance/evaluation/evaluate-stack.ts";
import { readProfile } from "./policies/profiles/index.ts";
import { labValues } from "./test/fixtures/lab.ts";
const r=(await previewStack(labValues())).map(toResource);
for(const m of mutations){ const o=mutate(m,r,readProfile("lab") as never); if(o.violated.length!==1||o.violated[0]!==o.policy) process.stdout.write(JSON.stringify(o)+"\n");}
process.stdout.write("done\n");
