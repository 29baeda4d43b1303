/** Things that have to be alike: most of them say how, and the others are at fault. */

/**
 * @param textOf what is compared
 * @returns the members that differ from most; of two values that are equally frequent, the first one counts
 */
export function differing<Member>(members: readonly Member[], textOf: (member: Member) => string): Member[] {
	const groups = [...Map.groupBy(members, textOf).values()];
	const most = Math.max(0, ...groups.map(({ length }) => length));
	const usual = groups.find(({ length }) => length === most);
	return groups.filter((group) => group !== usual).flat();
}

/** A value in one spelling, whatever the order of its members. */
export function canonical(value: unknown): string {
	return JSON.stringify(value, (_, member: unknown) =>
		typeof member === "object" && member !== null && !Array.isArray(member)
			? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
			: member,
	);
}
