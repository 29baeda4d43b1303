/** A version or a value in the tree that comes from upstream. */

export interface Pin {
	kind: "chart" | "image" | "release" | "package" | "module" | "action" | "constant";
	name: string;
	/** Value in the tree. */
	value: string;
	/** Files with the value. */
	places: string[];
	/** Upstream page, for people. */
	source: string;
	/** Question for the current value; absent when only a person can find it. */
	question?: Question;
	/** Reason why the tree does not have the newest one. */
	note?: string;
}

export type Question =
	/** The npm registry, by npm itself. */
	| { by: "npm"; package: string }
	/** The module proxy, by Go itself. */
	| { by: "go"; module: string }
	/** The index of a chart repository. */
	| { by: "helm"; repository: string; chart: string }
	/** RKE2's channels: the newest release of one. */
	| { by: "channel"; channel: string; part: "release" | "minor" }
	/** The newest release of a repository at GitHub. */
	| { by: "github"; repository: string }
	/** A text of upstream: the one group of each pattern, joined by commas; the last match counts. */
	| { by: "text"; url: string; patterns: string[] };

/** Result of a question. */
export type Finding =
	/** `changed`: upstream has a newer version or another constant. */
	| { state: "same" | "changed"; upstream: string }
	/** Upstream did not answer; the reason is a clause. */
	| { state: "not asked"; reason: string }
	| { state: "nothing to ask" };
