/** One mutation or more for every rule of the pack. */
import type { Mutation } from "./change.ts";
import { kubernetesMutations } from "./kubernetes.ts";
import { machineMutations } from "./machines.ts";
import { rke2Mutations } from "./rke2.ts";

export const mutations: readonly Mutation[] = [...machineMutations, ...rke2Mutations, ...kubernetesMutations];
