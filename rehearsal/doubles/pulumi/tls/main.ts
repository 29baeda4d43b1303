/** The double of the plugin of @pulumi/tls. README.md has its limits. */
import { pluginPackage } from "../provider/package.ts";
import { serve } from "../provider/serve.ts";
import { privateKey } from "./private-key.ts";

serve(pluginPackage("@pulumi/tls"), { "tls:index/privateKey:PrivateKey": privateKey });
