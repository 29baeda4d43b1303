/** A rule of the pack: data that describes it, and one check over plain resources. */
import type { Severity } from "@pulumi/policy";
import type { ControlId } from "../../benchmark/index.ts";
import type { Change } from "../examples/resources.ts";
import type { KubernetesObject } from "../kubernetes/objects.ts";
import type { Resource } from "./resource.ts";

/** Ids of other frameworks that the rule serves. */
export interface Frameworks {
	/** CIS Controls v8.1 safeguards, e.g. `4.1`. */
	cisControls: readonly string[];
	/** ISO/IEC 27001:2022 Annex A controls, e.g. `A.8.9`. */
	iso27001: readonly string[];
	/** NIST SP 800-53 Rev. 5 controls, e.g. `CM-6`. */
	nist80053: readonly string[];
}

/**
 * The kind of thing that a rule evaluates. A control holds on a stack only where the stack declares something that its rules are about: a rule
 * without a subject has decided nothing.
 */
export interface Subject {
	/** For a sentence such as "The stack declares no pods". */
	plural: string;
	/** Whether the resource declares one, in a form that the rule reads. */
	isDeclaredBy(resource: Resource): boolean;
	/**
	 * Whether the object is one in any form, also in one that no rule reads. Given where a stack may well declare none: its
	 * controls then do not apply to what the program declares. Left out, every stack has to declare one.
	 */
	isRecognizedIn?(object: KubernetesObject): boolean;
}

/** A change of the lab's stack (Pulumi.lab.yaml) that breaks the rule, and no other. `npm run policy:mutate` makes each. */
export interface Example {
	/** The change, for people. */
	change: string;
	apply: Change;
	/** The message of the violation. */
	sentence: string;
	/** Set when the lab breaks the rule already: the mutation then withdraws the rule's exceptions. */
	withoutExceptions?: true;
	/** Makes such a lab keep the rule, so that the change alone breaks it. */
	repaired?: Change;
}

export interface RuleDescription {
	/** Unique in the pack; a policy configuration names the rule by it. */
	name: string;
	/** What must hold, in one sentence; stands above each violation. */
	description: string;
	severity: Severity;
	/** Controls of the benchmark that the rule decides, alone or with others; none for a rule that goes beyond it. */
	controls: readonly ControlId[];
	frameworks: Frameworks;
	/** What to change in the stack file or the program. */
	remediation: string;
	subject: Subject;
	/** Tests apply each to the lab and compare the sentence. */
	examples: readonly [Example, ...Example[]];
	/** Keys of the stack file that violations name as their cause: an exception can be for one of them. */
	settings?: readonly string[];
	/** Left out, a violation blocks. A configuration can say otherwise. */
	level?: "advisory";
	/** Whether other rules rest on it: the CIS profiles then require it, although it goes beyond the benchmark. */
	foundation?: true;
	/** A page with the reason. */
	url?: string;
}

/**
 * Called once per violation.
 *
 * @param message a sentence that names what was found and what is allowed; the control is appended to it
 * @param control id of the control that is broken; left out, it is every control that the rule decides
 * @param setting key of the stack file that is the cause, one of the rule's `settings`
 */
export type Report = (message: string, control?: string, setting?: string) => void;

/** Decides one resource at a time, on its inputs, before it is created: blocks an update as well as a preview. */
export interface ResourceRule extends RuleDescription {
	/** The one type of resource that the rule is put to; left out, it is put to every resource. */
	type?: string;
	checkResource(resource: Resource, report: Report): void;
}

/** Decides one Kubernetes object at a time, wherever it is declared: in the program, on a node, or inside a chart. */
export interface ObjectRule extends RuleDescription {
	checkObject(object: KubernetesObject, report: Report): void;
	/**
	 * The values that the level `remediate` sets in an object that violates the rule. A rule without this function needs a
	 * change by hand. A rule has it only if the values break no working object (ADR 26).
	 */
	remedies?(object: KubernetesObject): Remedy[];
}

/** One field of an object. */
export interface Remedy {
	/** From the object's root; members on the way are made where they are missing. */
	path: readonly string[];
	value: boolean | string | Readonly<Record<string, string>>;
}

/** A part of a resource that an exception can name, such as an object or the subject of a binding. */
export interface Culprit {
	resource: Resource;
	/** e.g. `ServiceAccount traefik/traefik` */
	subject: string;
}

/** Decides across resources, after all of them: blocks a preview, but reports in an update only after the change. */
export interface StackRule extends RuleDescription {
	/** @param report as for a resource, with the offending resource, or a part of it, beside the sentence */
	checkStack(
		resources: readonly Resource[],
		report: (message: string, culprit: Resource | Culprit, control?: string, setting?: string) => void,
	): void;
}

export type Rule = ResourceRule | ObjectRule | StackRule;
