/** Tells a person, in one line, what the set-up is doing now. */
export type Report = (line: string) => void;
