/** Helpers that the tests share with the scenarios of the rehearsal. */
export { complaints, errors } from "../../../rehearsal/report/complaints.ts";
export { eventually } from "../../../rehearsal/scenarios/support/eventually.ts";
export { nodesOnly } from "../../../rehearsal/stack/nodes-only.ts";
export { only } from "../../../rehearsal/stack/only.ts";
export { without } from "../../../rehearsal/stack/without.ts";
