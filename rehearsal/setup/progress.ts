/** Prints one line about the present step of the set-up. */
export type ReportProgress = (line: string) => void;
