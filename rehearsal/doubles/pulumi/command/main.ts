/** The double of the plugin of @pulumi/command. README.md has its limits. */
import { pluginPackage } from "../provider/package.ts";
import { serve } from "../provider/serve.ts";
import { localCommand } from "./local.ts";
import { remoteCommand } from "./remote.ts";

serve(pluginPackage("@pulumi/command"), {
	"command:local:Command": localCommand,
	"command:remote:Command": remoteCommand,
});
