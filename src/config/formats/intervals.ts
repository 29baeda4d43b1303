/** Intervals of ports and of addresses. */

/** Both ends are included. */
export interface Interval {
	first: bigint;
	last: bigint;
}

/** Whether the intervals together cover all of another one. */
export function covers(intervals: readonly Interval[], whole: Interval): boolean {
	let next = whole.first;
	for (const { first, last } of [...intervals].sort((a, b) => (a.first < b.first ? -1 : 1))) {
		if (first <= next && last >= next) {
			next = last + 1n;
		}
	}
	return next > whole.last;
}

/** How many numbers the intervals have together; one that is in several counts once. */
export function sizeOf(intervals: readonly Interval[]): bigint {
	let size = 0n;
	let end: bigint | undefined;
	for (const { first, last } of [...intervals].sort((a, b) => (a.first < b.first ? -1 : 1))) {
		const start = end === undefined || first > end ? first : end + 1n;
		if (last >= start) {
			size += last - start + 1n;
			end = last;
		}
	}
	return size;
}

/** The parts of an interval outside others. */
export function without(whole: Interval, taken: readonly Interval[]): Interval[] {
	return taken.reduce(
		(left, { first, last }) =>
			left
				.flatMap((part) => [
					{ first: part.first, last: part.last < first ? part.last : first - 1n },
					{ first: part.first > last ? part.first : last + 1n, last: part.last },
				])
				.filter((part) => part.first <= part.last),
		[whole],
	);
}
