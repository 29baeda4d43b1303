/** Sizes in bytes. */
export const MiB = 2 ** 20;
export const GiB = 2 ** 30;
