/** Which rooms may import from which, and how long a file may be. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Arrow, arrows, cycleIn, edgesBy, files, loadedBy, packagesOf, root } from "./import-graph.ts";

/** The entry of the program puts the components together, so it is above them; the rest of `src` is below. */
const entry = "src/index.ts";

const rooms = ["src", "components", "policies", "compliance", "review", "rehearsal", "tools", "bench", "test"] as const;
type Room = (typeof rooms)[number];

const roomOf = (file: string) => rooms.find((room) => file === room || file.startsWith(`${room}/`));
const isRehearsalTest = (file: string) => /^test\/(?:rehearsal|engine|unit\/rehearsal)(?:\/|$)/.test(file);

/** The rooms that a room may import from, beside itself. Documents and other files at the root are for everyone. */
const below: Readonly<Partial<Record<Room, readonly Room[]>>> = {
	src: [],
	components: ["src"],
	policies: ["src"],
	compliance: ["src", "components", "policies"],
	review: ["src", "components", "policies", "compliance"],
	rehearsal: ["src"],
};

/** Each arrow that the rules below forbid, and the reason why it stays. */
const exceptions: Readonly<Record<string, string>> = {
	"compliance/commands/charts.ts > rehearsal/doubles/charts":
		"The command evaluates the double of a chart where the publisher's repository is out of reach, and says so.",
	"test/unit/components/platform/cert-manager/certificate-causes.test.ts > rehearsal/doubles/rke2/program/pods/acme.ts":
		"The causes have to match the messages that the double of cert-manager repeats from the original.",
	"test/unit/components/platform/network-policies/network-lab.ts > rehearsal/doubles/rke2/program/addons/cis-policies.ts":
		"The network policies of RKE2 itself, which the double holds, decide together with those of the program.",
	"test/unit/src/commands/commands.test.ts > rehearsal/main.ts":
		"`npm run rehearse` is one of the commands whose options and exit codes the test checks.",
	"test/unit/src/proxmox/api.test.ts > test/unit/rehearsal/doubles/proxmox/fixture.ts":
		"The client of the API asks the same double.",
	"test/unit/src/rke2/agent-host-key.test.ts > test/unit/rehearsal/doubles/proxmox/fixture.ts":
		"The script asks the API of Proxmox, and its double is the only one that a unit test can ask.",
	"test/unit/src/rke2/proxmox-script.ts > test/unit/rehearsal/doubles/proxmox/fixture.ts":
		"The same for the scripts about a VM.",
	"test/unit/policies/any-stack.test.ts > rehearsal/doubles/proxmox/qemu/options.ts":
		"The double of Proxmox checks the parameters of each VM of a random stack file.",
};

const named = ({ from, to }: Arrow) => `${from} > ${to}`;

/** Names files in its exceptions. */
const thisTest = "test/unit/imports.test.ts";

/** Arrows that a rule forbids, without the exceptions. */
function forbidden(rule: (arrow: Arrow) => boolean): string[] {
	return [...new Set(arrows.filter((arrow) => arrow.from !== thisTest && rule(arrow)).map(named))].filter(
		(name) => !Object.hasOwn(exceptions, name),
	);
}

describe("the import graph", () => {
	it.each(Object.entries(below))("lets %s import from itself and [%s] only", (room, allowed) => {
		expect(
			forbidden(({ from, to }) => {
				const target = roomOf(to);
				return roomOf(from) === room && from !== entry && target !== undefined && ![room, ...allowed].includes(target);
			}),
		).toEqual([]);
	});

	it("lets the entry import from src and components only", () => {
		expect(forbidden(({ from, to }) => from === entry && !["src", "components"].includes(roomOf(to) ?? "src"))).toEqual(
			[],
		);
	});

	it("lets the policy pack load pure text from src only, beside the patches of the SDK", () => {
		const loaded = loadedBy(files.filter((file) => file.startsWith("policies/")));
		const pure = [...loaded].filter((file) => file.startsWith("src/") && !file.startsWith("src/sdk/"));
		const packages = pure.flatMap((file) => (packagesOf.get(file) ?? []).map((name) => `${file} > ${name}`));
		expect(pure).not.toEqual([]);
		expect(packages.filter((name) => !/ > (?:ipaddr\.js|semver|yaml)$/.test(name))).toEqual([]);
	});

	it("lets nothing but the rehearsal, its tests, bench and tools import the rehearsal", () => {
		expect(
			forbidden(
				({ from, to }) =>
					roomOf(to) === "rehearsal" &&
					!["rehearsal", "bench", "tools"].includes(roomOf(from) ?? "") &&
					!isRehearsalTest(from),
			),
		).toEqual([]);
	});

	it("lets no unit test of the product take a helper from the rehearsal's tests", () => {
		expect(
			forbidden(({ from, to }) => roomOf(from) === "test" && !isRehearsalTest(from) && isRehearsalTest(to)),
		).toEqual([]);
	});

	it("lets nothing but tests and bench import tests", () => {
		expect(
			forbidden(({ from, to }) => roomOf(to) === "test" && !["test", "bench", undefined].includes(roomOf(from))),
		).toEqual([]);
	});

	it("has no exception that nothing needs", () => {
		const all = new Set(arrows.map(named));
		expect(Object.keys(exceptions).filter((name) => !all.has(name))).toEqual([]);
	});

	it("has no cycle between rooms", () => {
		const room = (file: string) => (file === entry ? entry : roomOf(file) === "test" ? undefined : roomOf(file));
		const edges = edgesBy(["import", "type", "path"], room);
		// What an exception allows cannot be forbidden here.
		edges.get("compliance")?.delete("rehearsal");
		expect(cycleIn(edges)).toBeUndefined();
	});

	it("has no cycle between the rooms of src", () => {
		const room = (file: string) => /^src\/([^/]+)\//.exec(file)?.[1];
		expect(cycleIn(edgesBy(["import"], room))).toBeUndefined();
	});

	it("has no cycle between the rooms of the rehearsal", () => {
		const room = (file: string) => /^rehearsal\/([^/]+)\//.exec(file)?.[1];
		expect(cycleIn(edgesBy(["import", "type"], room))).toBeUndefined();
	});

	it("has no cycle between files", () => {
		expect(cycleIn(edgesBy(["import"], (file) => file))).toBeUndefined();
	});
});

describe("a file", () => {
	const oneTable = "One table of cases, whose entries share the givens at its top.";
	const oneDatacenter = "One datacenter boots once for all its tests, which takes most of their time.";
	const oneSubject = "The tests of one module share one small laboratory at the top.";

	const written = "Data that `npm run policy:record` writes, by the package of the resources.";

	/** Longer for a reason. */
	const long: Readonly<Record<string, string>> = {
		"rehearsal/doubles/charts/traefik/values.schema.json": "One schema, in the form that its chart publishes.",
		"compliance/mutation/harmless.yaml": "One list, a place a line.",
		"compliance/oracles/ids.yaml": "The ids of the checks of other tools, one a line.",
		"test/unit/policies/cases/cluster.ts": oneTable,
		"test/unit/policies/cases/machines.ts": oneTable,
		"test/unit/policies/cases/objects.ts": oneTable,
		"test/unit/policies/cases/pods.ts": oneTable,
		"test/unit/policies/cases/program.ts": oneTable,
		"test/unit/policies/cases/rights.ts": oneTable,
		"test/unit/policies/cases/rke2.ts": oneTable,
		"test/rehearsal/charts.test.ts": oneDatacenter,
		"test/rehearsal/cluster-settings.test.ts": oneDatacenter,
		"test/rehearsal/proxmox-switches.test.ts": oneDatacenter,
		"test/rehearsal/rke2-double.test.ts": oneDatacenter,
		"test/unit/components/platform/network-policies/network-policies.test.ts": oneSubject,
		"test/unit/components/proxmox/machines.test.ts": oneSubject,
		"test/unit/rehearsal/doubles/proxmox/fixture.ts": oneSubject,
		"test/unit/rehearsal/doubles/proxmox/vm.test.ts": oneSubject,
		"policies/record/command.json": written,
		"policies/record/kubernetes.json": written,
		"policies/record/network-policies.json": written,
		"policies/record/proxmoxve.json": written,
	};

	it("has at most 300 lines, except for a reason", () => {
		const code = files.filter((file) => roomOf(file) !== undefined && !file.startsWith("test/fixtures/"));
		const tooLong = code
			.map((file) => ({ file, lines: linesOf(file) }))
			.filter(({ file, lines }) => lines > 300 && !Object.hasOwn(long, file));
		expect(tooLong).toEqual([]);
		expect(Object.keys(long).filter((file) => linesOf(file) <= 300)).toEqual([]);
	});
});

function linesOf(file: string): number {
	return readFileSync(`${root}${file}`, "utf8").split("\n").length - 1;
}
