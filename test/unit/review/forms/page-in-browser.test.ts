/** The page of a review, as a browser shows it. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderPage } from "../../../../review/forms/page/page.ts";
import { desk, faultsIn, launchBrowser, views } from "./browser.ts";
import { type ComparedLab, comparedLab } from "./compared-lab.ts";

let browser: Browser;
let lab: ComparedLab;
let text: string;
beforeAll(async () => {
	[browser, lab] = await Promise.all([launchBrowser(), comparedLab()]);
	text = renderPage(lab.review, lab.sides);
});
afterAll(() => browser?.close());

async function open(markup: string, options: BrowserContextOptions = {}): Promise<Page> {
	const page = await browser.newPage({ viewport: desk, bypassCSP: true, ...options });
	await page.setContent(markup);
	return page;
}

describe("the page of a review", () => {
	test.each(views)(
		"has nothing that axe finds, and does not scroll sideways: %s, %o, %s",
		async (colorScheme, viewport, parts) => {
			const page = await open(text, { colorScheme, viewport });
			const { found, passed } = await faultsIn(page, parts);
			expect(found).toEqual([]);
			expect(passed).toContain("color-contrast");
			expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
			await page.close();
		},
	);

	test("is used by the keyboard: links, folded parts and fields follow each other", async () => {
		const page = await open(text);
		const focus = () => page.locator(":focus").textContent();
		await page.keyboard.press("Tab");
		expect(await focus()).toBe("Topology");
		await page.locator("summary", { hasText: "All 131 controls" }).focus();
		expect(await page.locator("td", { hasText: "API server's pod specification" }).first().isVisible()).toBe(false);
		await page.keyboard.press("Enter");
		expect(await page.locator("td", { hasText: "API server's pod specification" }).first().isVisible()).toBe(true);
		await page.keyboard.press("Tab");
		await page.keyboard.type("CR-1");
		expect(await page.getByLabel("Number of the change").inputValue()).toBe("CR-1");
		await page.close();
	});

	test("prints what is folded, and no links", async () => {
		const page = await open(text);
		const folded = page.locator("details:not([open]) table.controls th[scope=row]").first();
		const shown = () =>
			folded.evaluate(
				(cell) => cell.checkVisibility({ contentVisibilityAuto: true }) && cell.getClientRects().length > 0,
			);
		expect(await shown()).toBe(false);
		await page.emulateMedia({ media: "print" });
		expect([await shown(), await page.locator("nav").isVisible()]).toEqual([true, false]);
		await page.close();
	});

	test("stays text where every name, value and message of both trees is hostile", async () => {
		const page = await open(renderPage(hostile(lab.review), hostile(lab.sides)), { bypassCSP: false });
		const requests: string[] = [];
		page.on("request", (request) => requests.push(request.url()));
		await page.waitForLoadState();
		const found = {
			elements: await page.locator("script, img, b, [onerror], [onload]").count(),
			styles: await page.locator("style").count(),
			title: (await page.title()).includes("<script>"),
			shown: (await page.locator("h4").first().textContent()) === `proj-k8sm01${attack}`,
		};
		expect([found, requests]).toEqual([{ elements: 0, styles: 1, title: true, shown: true }, []]);
		await page.close();
	});

	test("lets no script run, even where one gets into it", async () => {
		const page = await open(text.replace("</main>", "<script>document.title = 'ran'</script></main>"), {
			bypassCSP: false,
		});
		expect(await page.title()).toBe("Review of a change of lab");
		await page.close();
	});

	test("has its own style under its own policy", async () => {
		const page = await open(text, { bypassCSP: false });
		expect(await page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")).toBe("1088px");
		await page.close();
	});
});

const attack = `"'></style></textarea></title><script>document.title="ran"</script><img src=https://evil.invalid/x onerror=alert(1)><b>`;

/** Words of the review itself, by which the page chooses. */
const own = new Set(["verdict", "does", "action"]);

/** Every text of a person, with markup at its end; names still match between the review and its recordings. */
function hostile<T>(value: T, key = ""): T {
	if (typeof value === "string") {
		return (own.has(key) ? value : `${value}${attack}`) as T;
	}
	if (Array.isArray(value)) {
		return value.map((item) => hostile(item)) as T;
	}
	return typeof value === "object" && value !== null
		? (Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hostile(item, name)])) as T)
		: value;
}
