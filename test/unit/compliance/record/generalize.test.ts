import { expect, test } from "vitest";
import { generalize, Pooled } from "../../../../compliance/record/generalize.ts";
import { originsOf } from "../../../../compliance/record/origins.ts";
import { labStack } from "../../../fixtures/lab.ts";

const origins = originsOf(labStack({ ssh: { addresses: { "proj-k8sm01": "nat.lab.internal:2204" } } }));
const textsOf = (...values: string[]) => generalize(values.map((value) => ({ value, origins })));
const commands = ["a", "b", "c", "d"];
const at = (host: string) => commands.map((name) => `${name} ${host}`);

/** Values by the stack files that have them. */
const by = (...samples: [value: unknown, change: object][]) =>
	generalize(samples.map(([value, change]) => ({ value, origins: originsOf(labStack(change)) })));

const mirror = (chartMirror: string) => ({
	platform: { chartMirror },
	network: { plainHttp: [new URL(chartMirror).host] },
});
const user = (name: string) => ({ ssh: { user: name } });
const retention = (count: number) => ({ cluster: { etcdSnapshots: { retention: count } } });

test("a short list of texts keeps the exact ones", () => {
	expect(textsOf("a 10.25.20.4", "b nat.lab.internal:2204")).toEqual({ $any: ["a <address>", "b <hostport>"] });
});

test("a template is left out where another one stands for all that it stands for", () => {
	expect(textsOf("a 10.25.20.4", "a nat.lab.internal:2204")).toBe("a <hostport>");
});

test("a list that stays too long becomes a format", () => {
	expect(textsOf(...["a", "b", "c", "d", "e", "f", "g"].map((name) => `${name} nat.lab.internal:2204`))).toBe("<line>");
});

test("a list of texts that is too long loses those that the others stand for, and gets no wider", () => {
	expect(textsOf(...at("10.25.20.4"), ...at("nat.lab.internal:2204"))).toEqual({
		$any: commands.map((name) => `${name} <hostport>`),
	});
});

test("a value of the stack file becomes a placeholder although it is the same everywhere", () => {
	expect(by(["ops-team", user("ops-team")], ["ops-team", user("ops-team")])).toBe("<file>");
});

test("a value is a constant as soon as one stack file has it without a key that gives it", () => {
	expect(by(["ops-team", user("ops-team")], ["ops-team", user("somebody")])).toBe("ops-team");
});

test("a part of a longer text is a constant when the same text stands elsewhere without the key", () => {
	const appearances = new Map();
	const [first, second] = [user("tpu"), user("somebody")].map((change) => originsOf(labStack(change), appearances));
	appearances.set("tpu-operator", new Set([first, second]));
	expect(generalize([{ value: "tpu-operator", origins: first! }])).toBe("tpu-operator");
});

test("a text has the format of the key that gives it in every stack file", () => {
	expect(by(["a_b", user("a_b")], ["ops", user("ops")])).toBe("<file>");
});

test("a number has the range that the schema of its key gives", () => {
	expect(by([7, retention(7)], [12, retention(12)])).toBe("<1..>");
	expect(by(["keep 17", retention(17)], ["keep 12", retention(12)])).toBe("keep <1..>");
});

test("a number that no key gives in every stack file is listed", () => {
	expect(by([7, retention(7)], [7, retention(8)])).toBe(7);
});

test("a server of charts may be without TLS in a private network only", () => {
	const urls = ["https://charts.example.org", "http://charts.lab.internal"];
	expect(by(...urls.map((url): [string, object] => [url, mirror(url)]))).toBe("<mirror>");
});

test("a list of the stack file in one text may have any length", () => {
	const servers = (...timeServers: string[]): [string, object] => [
		`NTP=${timeServers.join(" ")}`,
		{ network: { timeServers } },
	];
	expect(by(servers("a.lab.internal"), servers("b.lab.internal", "10.25.10.9"))).toBe("NTP=<name ...>");
});

test("names of a map that the stack file gives are placeholders, and the program's own names are not", () => {
	const labels = (name: string) => ({ nodes: { "proj-k8sw01": { labels: { [name]: "x" } } } });
	expect(by([{ zone: "a", rack_1: "x" }, labels("rack_1")], [{ zone: "a", row_2: "x" }, labels("row_2")])).toEqual({
		zone: "a",
		"<labelkey>": "<labelvalue>",
	});
});

test("values of one pool have one shape, wherever they stand", () => {
	const pool = { samples: ["7 of 9", "8 of 9"].map((value) => ({ value, origins })) };
	expect(generalize([{ value: new Pooled(pool), origins }])).toEqual("<1..> of 9");
});
