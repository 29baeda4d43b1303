type OptionalAddOn = "certManager" | "metallb" | "gpuOperator";

/** Merge patch for `platform` that removes these add-ons. */
export function without(...addOns: OptionalAddOn[]): Record<string, null> {
	return Object.fromEntries(addOns.map((addOn) => [addOn, null]));
}
