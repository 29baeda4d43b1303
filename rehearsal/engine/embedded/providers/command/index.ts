import type { ResourceTypes } from "../../resource-type.ts";
import { localCommand } from "./local.ts";
import { remoteCommand } from "./remote.ts";

export const command: ResourceTypes = {
	"command:local:Command": localCommand,
	"command:remote:Command": remoteCommand,
};
