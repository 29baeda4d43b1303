/** Parts of a property string such as `local-lvm:vm-104-disk-1,discard=on,size=40G`. */
export type Properties = Record<string, string>;

/** A value without a name belongs to the default key. Empty parts are ignored, because the provider sends `file=S:cloudinit,`. */
export function parseProperties(text: string, defaultKey: string): Properties {
	const properties: Properties = {};
	for (const part of text.split(",")) {
		if (part === "") {
			continue;
		}
		const equals = part.indexOf("=");
		if (equals < 0) {
			properties[defaultKey] = part;
		} else {
			properties[part.slice(0, equals)] = part.slice(equals + 1);
		}
	}
	return properties;
}

/** The canonical form that Proxmox stores: the value of the default key first, then the other properties sorted by name. */
export function formatProperties(properties: Properties, defaultKey: string): string {
	const { [defaultKey]: first, ...others } = properties;
	const named = Object.keys(others)
		.sort()
		.map((name) => `${name}=${others[name]}`);
	return (first === undefined ? named : [first, ...named]).join(",");
}
