/** Stands in for the plugin of @pulumi/tls (README.md: what it does not do). */
import { pluginPackage } from "../provider/package.ts";
import { serve } from "../provider/serve.ts";
import { privateKey } from "./private-key.ts";

serve(pluginPackage("@pulumi/tls"), { "tls:index/privateKey:PrivateKey": privateKey });
