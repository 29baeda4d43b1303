/** The label of a namespace that allows it a type of Services. An admission policy of the program enforces it. */
export function serviceTypeLabel(type: string): string {
	return `services.rke2-lab/${type}`;
}
