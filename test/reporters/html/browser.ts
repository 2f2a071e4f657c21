import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The Chromium of this machine; undefined when there is none. */
export const chromiumPath: string | undefined = places.find((place) => existsSync(place));

/** A headless browser, and what to do without one: tests that need it are skipped under this name. */
export const needsChromium =
  chromiumPath === undefined ? " (skipped: no Chromium here; Debian's package is `chromium`)" : "";

/** Starts the browser. Only for tests that are not skipped. */
export async function openBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("there is no Chromium here");
  // The page is our own, and a container has no user namespaces for the sandbox.
  return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"], timeout: 20_000 });
}
