/** Violations of rules, and their verdict under a policy configuration. */
import type { MachineRole } from "../vm/machines.ts";

export interface Violation {
	/** A sentence that names what was found and what is allowed, and the control where the rule decides several. */
	message: string;
	/** Id of the control that is broken. None where every control of the rule is, or the rule goes beyond the benchmark. */
	control?: string;
	/** The name for an exception: of the resource, or `Kind namespace/name` of an object. None where nothing was decided. */
	subject?: string;
	/** Role of the machine that is at fault. */
	role?: MachineRole;
	/** Key of the stack file that is the cause. */
	setting?: string;
	/** URN of the resource at fault. */
	urn?: string;
}

/** The result of putting one rule to resources under its configuration. */
export interface Verdict {
	/** Violations that count: no exception covers them, or one that has expired. */
	violations: Violation[];
	/** Violations that an exception covers today. */
	accepted: { violation: Violation; exception: Exception }[];
	/** Violations that break only controls above the profile level, where the configuration names one. */
	leftOut: Violation[];
}

/** A violation that the administrator accepts until a day. It matches only where all that it names matches. */
export interface Exception {
	/** Name of a resource, or `Kind namespace/name` of a Kubernetes object; `*` stands for any characters. */
	resource?: string;
	/** Role of the machine. */
	role?: MachineRole;
	/** Key of the stack file that is the cause, for resources of any name. */
	setting?: string;
	/** Id of the one control that may be broken, where the rule decides several; left out, it is any of them. */
	control?: string;
	/** Why the violation is acceptable. */
	reason: string;
	/** The last day of the exception, as `YYYY-MM-DD`. */
	expires: string;
}

/** The settings of a rule in a policy configuration, beside its enforcement level. */
export interface RuleConfig {
	exceptions?: Exception[];
	/** The highest profile level of the benchmark whose controls count; left out, all do. */
	profileLevel?: 1;
}
