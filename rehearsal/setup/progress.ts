/** Tells a person, in one line, what the set-up is doing now. */
export type ReportProgress = (line: string) => void;
