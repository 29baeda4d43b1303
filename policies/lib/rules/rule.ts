/** What a rule of the pack is: data about it, and one check over plain resources. */
import type { Severity } from "@pulumi/policy";
import type { KubernetesObject } from "../kubernetes/objects.ts";
import type { Resource } from "./resource.ts";

/** Safeguards of other frameworks that the rule serves. */
export interface Evidence {
	/** CIS Controls v8.1 safeguards, e.g. `4.1`. */
	cisControls: readonly string[];
	/** ISO/IEC 27001:2022 Annex A controls, e.g. `A.8.9`. */
	iso27001: readonly string[];
	/** NIST SP 800-53 Rev. 5 controls, e.g. `CM-6`. */
	nist80053: readonly string[];
}

export interface RuleDescription {
	/** Unique in the pack; the name by which benchmark.ts and a policy configuration know the rule. */
	name: string;
	/** What must hold, in one sentence; stands above each violation. */
	description: string;
	severity: Severity;
	evidence: Evidence;
	/** What to change in the stack file or the program. */
	remediation: string;
	/** Keys of the stack file that violations name as their cause: an exception can be for one of them. */
	settings?: readonly string[];
	/** Left out, a violation blocks. A configuration can say otherwise. */
	level?: "advisory";
	/**
	 * The one kind of thing that the rule judges, where a stack may well declare none: its controls then do not apply to
	 * what the program declares.
	 */
	judges?: "pods" | "roles" | "bindings" | "rights";
	/** Where the reason can be read. */
	url?: string;
	/**
	 * What of a resource the rule is about, or nothing. A control has been kept only where its rules were about something.
	 * Left out, the rule is about every resource of which it reads an input.
	 */
	concerned?(resource: Resource): unknown;
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
	/** The one type of resource that the rule is asked about; left out, it is asked about every resource. */
	type?: string;
	checkResource(resource: Resource, report: Report): void;
}

/** Decides one Kubernetes object at a time, wherever it is declared: in the program, on a node, or inside a chart. */
export interface ObjectRule extends RuleDescription {
	checkObject(object: KubernetesObject, report: Report): void;
	/**
	 * What the level `remediate` sets in an object that violates the rule; nothing where the object has to be changed by
	 * hand. A rule has it only where the value changes nothing that works (ADR 26).
	 */
	remedies?(object: KubernetesObject): Remedy[];
}

/** One field of an object. */
export interface Remedy {
	/** From the object's root; members on the way are made where they are missing. */
	path: readonly string[];
	value: boolean | string | Readonly<Record<string, string>>;
}

/** Decides across resources, after all of them: blocks a preview, but an update only once it has happened. */
export interface StackRule extends RuleDescription {
	/** @param report as for a resource, with the offending resource beside the sentence */
	checkStack(
		resources: readonly Resource[],
		report: (message: string, resource: Resource, control?: string, setting?: string) => void,
	): void;
}

export type Rule = ResourceRule | ObjectRule | StackRule;
