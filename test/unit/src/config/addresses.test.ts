import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bounds, contains, isAddress, isCidr, isRange, overlaps } from "../../../../src/config/formats/addresses.ts";

const address = fc.ipV4();
const network = fc.tuple(address, fc.integer({ min: 1, max: 32 })).map(([text, prefix]) => {
	const number = text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
	const base = Math.floor(number / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
	return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${prefix}`;
});

describe("addresses", () => {
	test("contains and overlaps are true for a network and its own bounds", () => {
		fc.assert(
			fc.property(network, (cidr) => {
				const { first, last } = bounds(cidr);
				return isCidr(cidr) && contains(cidr, first) && contains(cidr, last) && overlaps(cidr, cidr);
			}),
		);
	});

	test("overlaps is symmetric, and agrees with contains for a single address", () => {
		fc.assert(
			fc.property(network, address, (cidr, text) => {
				const single = `${text}/32`;
				return overlaps(cidr, single) === contains(cidr, text) && overlaps(single, cidr) === overlaps(cidr, single);
			}),
		);
	});

	test.each(["10.25.20.4", "0.0.0.0", "255.255.255.255"])("isAddress accepts %s", (text) => {
		expect(isAddress(text)).toBe(true);
	});

	test.each(["10.25.20", "10.25.20.256", "10.25.20.4/24", "010.1.1.1", "fe80::1", ""])(
		"isAddress refuses %j",
		(text) => {
			expect(isAddress(text)).toBe(false);
		},
	);

	test.each(["10.25.20.1/24", "10.25.20.0", "10.25.20.0/33", "fd00::/8"])("isCidr refuses %j", (text) => {
		expect(isCidr(text)).toBe(false);
	});

	test("isRange refuses a reversed range", () => {
		expect(isRange("10.25.20.30-10.25.20.35")).toBe(true);
		expect(isRange("10.25.20.35-10.25.20.30")).toBe(false);
		expect(isRange("10.25.20.30-10.25.20.35-10.25.20.40")).toBe(false);
	});
});
