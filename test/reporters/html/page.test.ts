import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../../src/model/report.ts";
import { renderHtml } from "../../../src/reporters/html/html.ts";
import { healthy, hostile, inconclusive } from "../reports.ts";
import { chromiumPath, needsChromium, openBrowser } from "./browser.ts";
import { pictured, rewritten } from "./pictured.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Opens everything that is folded. The code of the page is text here: this project's types know no browser. */
const unfold = `for (const fold of document.querySelectorAll("details")) fold.open = true;`;

/** What axe objects to, each with the elements in question. */
const askAxe = `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ")))`;

/** Texts that become markup or script wherever they are not escaped. */
const attacks = [
  `<img src=x onerror="window.owned=1">`,
  `</script></style></title></textarea><script>window.owned=1</script>`,
  `" onfocus="window.owned=1" autofocus tabindex="1" x="`,
  `' onmouseover='window.owned=1' '`,
  `javascript:window.owned=1`,
  `https://example.com/" onclick="window.owned=1`,
  `<!--`,
  `]]><svg/onload=window.owned=1>`,
  `\u202e\u2066<b>\u0000\u001b[2J`,
  `&lt;img src=x onerror=window.owned=1&gt;&#60;b&#62;`,
];

describe.skipIf(chromiumPath === undefined)(`the HTML report in a browser${needsChromium}`, { timeout: 60_000 }, () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aml-doctor-html-"));
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a report as a reader does, from a file. `requests` and `complaints` fill while it is open. */
  async function open(
    report: Report,
    options: { colorScheme?: "light" | "dark"; javaScriptEnabled?: boolean; bypassCSP?: boolean } = {},
  ) {
    const file = join(folder, "report.html");
    await writeFile(file, renderHtml(report));
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      permissions: ["clipboard-read", "clipboard-write"],
      ...options,
    });
    const page = await context.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push("a dialog opened");
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(file).href);
    return { page, requests, complaints, close: () => context.close() };
  }

  it.each([
    ["healthy", "light", healthy],
    ["healthy", "dark", healthy],
    ["inconclusive", "light", inconclusive],
    ["everything", "light", pictured],
    ["everything", "dark", pictured],
  ] as const)("has nothing that axe objects to: %s, %s", async (_, colorScheme, report) => {
    // axe is put into the page, which the page's own policy would forbid.
    const { page, close } = await open(report, { colorScheme, bypassCSP: true });
    await page.evaluate(unfold);
    await page.addScriptTag({ content: axe });
    const violations = await page.evaluate<string[]>(askAxe);
    await close();
    expect(violations).toEqual([]);
  });

  it("asks for nothing but itself, and complains of nothing", async () => {
    const { requests, complaints, close } = await open(pictured);
    await close();
    expect(requests.map((url) => url.replace(/.*\//, ""))).toEqual(["report.html"]);
    expect(complaints).toEqual([]);
  });

  /** What the page is made of, without its texts. */
  const shape = (page: Page) =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll("*")].map((element) => element.tagName + " " + element.getAttributeNames().sort().join(" "))`,
    );

  it.each(attacks)("keeps %j text in every field", async (attack) => {
    const harmless = await open(rewritten(pictured, "harmless"));
    const wanted = await shape(harmless.page);
    await harmless.close();
    const { page, requests, complaints, close } = await open(rewritten(pictured, attack));
    const found = await shape(page);
    const owned = await page.evaluate<boolean>(`"owned" in globalThis`);
    const text = await page.locator("body").innerText();
    await close();
    // A web address becomes a link, by intent: that is the only difference there may be.
    const withoutLinks = (elements: string[]) => elements.filter((element) => element !== "A href rel");
    expect(withoutLinks(found)).toEqual(withoutLinks(wanted));
    expect(found.filter((element) => /\bon[a-z]+/.test(element))).toEqual([]);
    expect(owned).toBe(false);
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u001b\u202a-\u202e\u2066-\u2069]/);
  });

  it("links only to the web", async () => {
    const { page, close } = await open(rewritten(pictured, "javascript:window.owned=1"));
    const targets = await page.evaluate<(string | null)[]>(
      `[...document.querySelectorAll("a")].map((anchor) => anchor.getAttribute("href"))`,
    );
    await close();
    expect(targets.filter((target) => !target?.startsWith("#"))).toEqual([]);
  });

  it("survives the reports that deceive terminals", async () => {
    const { complaints, close } = await open(hostile);
    await close();
    expect(complaints).toEqual([]);
  });

  it("says everything without its script", async () => {
    const plain = await open(pictured, { javaScriptEnabled: false });
    const text = await plain.page.locator("main").innerText();
    await plain.close();
    const command = pictured.rootCauses[0]?.remediation[0]?.commands[0]?.text ?? "none";
    expect(text).toContain(command);
    expect(text).not.toContain("Copy");
  });

  it("copies a command by keyboard, whole", async () => {
    const { page, close } = await open(pictured);
    await page.getByRole("button", { name: "Copy Command 1: Approve the connection" }).first().focus();
    await page.keyboard.press("Enter");
    await page.getByText("Copied").first().waitFor({ timeout: 5000 });
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    await close();
    expect(copied).toBe(pictured.rootCauses[0]?.remediation[0]?.commands[0]?.text);
  });

  it.each([
    ["long names", rewritten(pictured, "a-very-long-name".repeat(8))],
    ["words", pictured],
  ])(
    "fits a narrow window with %s: only pictures and tables scroll sideways, in their own frames",
    async (_, report) => {
      const { page, close } = await open(report);
      await page.setViewportSize({ width: 360, height: 800 });
      await page.evaluate(unfold);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      await close();
      expect(width).toBe(360);
    },
  );

  it("prints what is folded, and no buttons", async () => {
    const { page, close } = await open(pictured);
    await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
    await page.emulateMedia({ media: "print" });
    expect(await page.getByText("the endpoint's identity holds AcrPull on acrmlprod").isVisible()).toBe(true);
    expect(await page.getByRole("button").count()).toBe(0);
    await close();
  });
});
