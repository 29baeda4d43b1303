/** Expected: what golang.org/x/net/http/httpproxy v0.62.0 answers, except for the last list. */
import { describe, expect, test } from "vitest";
import { proxyFor } from "../../../../src/workstation/proxy.ts";

const secret = "hunter2";

describe("proxyFor", () => {
	test.each<[string, Record<string, string>, string | undefined]>([
		["https://pve.lab:8006/", { HTTPS_PROXY: "http://a:1", https_proxy: "http://b:1" }, "HTTPS_PROXY"],
		["https://pve.lab:8006/", { HTTPS_PROXY: "", https_proxy: "http://b:1" }, "https_proxy"],
		["https://pve.lab:8006/", { HTTP_PROXY: "http://a:1" }, undefined],
		["http://pve.lab/", { HTTP_PROXY: "http://a:1", HTTPS_PROXY: "http://b:1" }, "HTTP_PROXY"],
		["http://pve.lab/", { http_proxy: "http://a:1" }, "http_proxy"],
	])("takes for %s, of %j, the variable %s", (server, environment, variable) => {
		expect(proxyFor(new URL(server), environment)?.variable).toBe(variable);
	});

	test.each([
		["https://localhost:8006/", ""],
		["https://127.8.9.1:8006/", ""],
		["https://[::1]:8006/", ""],
		["https://pve.lab:8006/", "*"],
		["https://pve.lab:8006/", "other, *"],
		["https://pve.lab:8006/", "pve.lab"],
		["https://pve.lab:8006/", "PVE.Lab"],
		["https://pve.lab:8006/", "lab"],
		["https://pve.lab:8006/", ".lab"],
		["https://pve.lab:8006/", "*.lab"],
		["https://pve.lab:8006/", " , *.LAB:8006 ,"],
		["https://pve.lab:8006/", "pve.lab:8006"],
		["https://pve.lab/", "pve.lab:443"],
		["http://pve.lab/", "pve.lab:80"],
		["https://10.1.2.3:8006/", "10.1.2.3"],
		["https://10.1.2.3:8006/", "10.1.2.3:8006"],
		["https://10.1.2.3:8006/", "10.0.0.0/8"],
		["https://10.1.2.3:8006/", "10.9.9.9/8"],
		["https://[fd00::1]:8006/", "fd00::/8"],
		["https://[fd00::1]:8006/", "fd00:0::1"],
		["https://[fd00::1]:8006/", "[fd00::1]:8006"],
	])("takes no proxy for %s when NO_PROXY is %j", (server, exceptions) => {
		const proxies = { HTTPS_PROXY: "http://a:1", HTTP_PROXY: "http://a:1" };
		expect(proxyFor(new URL(server), { ...proxies, NO_PROXY: exceptions })).toBeUndefined();
		expect(proxyFor(new URL(server), { ...proxies, NO_PROXY: "", no_proxy: exceptions })).toBeUndefined();
	});

	test.each([
		["https://pve.lab:8006/", "pve.lab:8007"],
		["https://pve.lab:8006/", ".pve.lab"],
		["https://pve.lab:8006/", "*.pve.lab"],
		["https://pve.lab:8006/", "ve.lab"],
		["https://pve.lab:8006/", ":8006"],
		["https://localhost.lab:8006/", "localhost"],
		["https://10.1.2.3:8006/", "10.1.2.3:443"],
		["https://10.1.2.3:8006/", "10.1.2"],
		["https://10.1.2.3:8006/", "10.2.0.0/16"],
		["https://10.1.2.3:8006/", "10.0.0.0/99"],
		["https://10.1.2.3:8006/", "10.1.2.3/"],
		["https://[fd00::1]:8006/", "fe00::/8"],
	])("takes the proxy for %s although NO_PROXY is %j", (server, exceptions) => {
		expect(proxyFor(new URL(server), { HTTPS_PROXY: "http://a:1", NO_PROXY: exceptions })).toBeDefined();
	});

	test.each([
		["http://proxy.lab:3128", "http://proxy.lab:3128/"],
		["https://proxy.lab:3128/", "https://proxy.lab:3128/"],
		["HTTP://proxy.lab:3128", "http://proxy.lab:3128/"],
		["proxy.lab:3128", "http://proxy.lab:3128/"],
		["proxy", "http://proxy/"],
		["10.0.0.1:3128", "http://10.0.0.1:3128/"],
		["[fd00::9]:3128", "http://[fd00::9]:3128/"],
		["me:hunter2@proxy:3128", "http://me:hunter2@proxy:3128/"],
		["http://me:a%23b@proxy:3128", "http://me:a%23b@proxy:3128/"],
		["http://me:a@b@proxy:3128", "http://me:a%40b@proxy:3128/"],
	])("reads %s as %s", (value, url) => {
		expect(proxyFor(new URL("https://pve.lab/"), { HTTPS_PROXY: value })?.url).toBe(url);
	});

	test.each([
		`http://me:${secret}#b@proxy:3128`,
		"http://me:1#b@proxy:3128",
		"http://me:1/b@proxy:3128",
		`http://me:${secret}%@proxy:3128`,
		"http://me:a b@proxy:3128",
		" http://proxy:3128",
		"http://proxy:99999",
		"http://",
		// Go's clients know these, and the program's own commands do not.
		"socks5://proxy:1080",
		"socks5h://proxy:1080",
		"http://me:%ff@proxy:3128",
	])("reads no address in %s", (value) => {
		expect(proxyFor(new URL("https://pve.lab/"), { HTTPS_PROXY: value })).toEqual({
			variable: "HTTPS_PROXY",
			url: undefined,
		});
	});
});
