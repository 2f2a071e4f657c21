import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

const folder = new URL("goldens/", import.meta.url);

/** Compares text with the golden file of that name; writes the file instead when UPDATE_GOLDENS is set. */
export function expectGolden(name: string, text: string): void {
  const file = new URL(`${name}.txt`, folder);
  if (process.env["UPDATE_GOLDENS"] !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  const golden = existsSync(file) ? readFileSync(file, "utf8") : "";
  expect(text, `differs from test/reporters/goldens/${name}.txt; when that is meant: npm run goldens`).toBe(golden);
}
