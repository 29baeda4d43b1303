import { chartRepositories } from "../../../src/facts/add-ons.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { helmRelease, type Release } from "../../lib/helm/releases.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { releases } from "../../lib/rules/subjects.ts";

const publishers: ReadonlyMap<string, string> = new Map(Object.entries(chartRepositories));

/** The repository decides which objects a chart has. The stack file can name one mirror, for all charts. */
export const helmChartRepository: StackRule = {
	name: "helm-chart-repository",
	description: "Charts come from their publishers' repositories, or all of them from one mirror.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19"], nist80053: ["CM-14", "SI-7"] },
	remediation: "Leave repositoryOpts.repo to the program; set your own repository in `platform.chartMirror`.",
	subject: releases,
	examples: [
		{
			change: "a chart from another repository than its publisher's",
			apply: editResource("kubernetes:helm.sh/v3:Release", "traefik", (props) => ({
				...props,
				repositoryOpts: { repo: "https://charts.example" },
			})),
			sentence:
				"Release traefik is not from https://traefik.github.io/charts; use a mirror for all releases or for none.",
		},
	],

	checkStack(resources, report) {
		const releases = resources.filter(({ type, props }) => type === helmRelease && publisherOf(props) !== undefined);
		const repositories = new Set(releases.map(({ props }) => repositoryOf(props)));
		if (repositories.size <= 1) {
			return;
		}
		for (const release of releases.filter(({ props }) => repositoryOf(props) !== publisherOf(props))) {
			report(
				`Release ${release.name} is not from ${publisherOf(release.props)}; use a mirror for all releases or for none.`,
				release,
			);
		}
	},
};

function publisherOf(props: Resource["props"]): string | undefined {
	return publishers.get((props as Release).chart ?? "");
}

/** It can hold a password, so that no sentence may repeat it. */
function repositoryOf(props: Resource["props"]): string | undefined {
	return (props as Release).repositoryOpts?.repo?.replace(/\/$/, "");
}
