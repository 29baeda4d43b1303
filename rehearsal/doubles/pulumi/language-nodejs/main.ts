/** Serves pulumirpc.LanguageRuntime for Node programs and policy packs (README.md has its limits). */
import languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { engineAddress, serveToEngine } from "../grpc-server.ts";
import { LanguageHost } from "./host.ts";

const host = new LanguageHost(engineAddress() ?? "");
serveToEngine(languageService.LanguageRuntimeService, host.implementation(), () => host.stop());
