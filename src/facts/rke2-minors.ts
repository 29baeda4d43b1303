/**
 * Minors of RKE2 1 whose keys of config.yaml were read, which src/rke2/keys.ts lists. Of an older one RKE2 does not know
 * all that this program sets; of a newer one nobody has looked what it takes.
 */
export const rke2Minors = { oldest: 33, newest: 36 } as const;
