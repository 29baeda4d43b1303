/** What the tree takes from upstream at one version or value. */

export interface Pin {
	kind: "chart" | "image" | "release" | "package" | "module" | "action" | "constant";
	name: string;
	/** As it stands in the tree. */
	value: string;
	/** Files of the tree that have it. */
	places: string[];
	/** Where upstream says it, for a person. */
	source: string;
	/** How upstream is asked for what it has now; absent where only a person can look. */
	question?: Question;
	/** Why the tree has this one, where the newest is none to take. */
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
	/** What a text of upstream's has at each pattern's one group, joined by a comma; of several matches the last. */
	| { by: "text"; url: string; patterns: string[] };

/** What came of asking. */
export type Finding =
	/** What upstream has now: the same or nothing newer, or something newer, or another constant. */
	| { state: "same" | "changed"; upstream: string }
	/** It could not be asked: why, in a clause. */
	| { state: "not asked"; reason: string }
	| { state: "nothing to ask" };
