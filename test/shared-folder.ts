import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, it } from "vitest";

const place = fileURLToPath(new URL("../../shared", import.meta.url));

/** The folder of recorded answers and specifications beside the project; undefined on a machine without it. */
export const sharedFolder: string | undefined = existsSync(place) ? place : undefined;

/** `describe` for tests that read the shared folder. Without it they are skipped, and the run says which. */
export function describeWithShared(name: string, tests: (folder: string) => void): void {
  if (sharedFolder !== undefined) {
    const folder = sharedFolder;
    describe(name, () => {
      tests(folder);
    });
    return;
  }
  // The tests themselves are not even collected: tables made from files of that folder would fail while being built.
  console.warn(`skipped, since ../shared is not here: ${name}`);
  describe(name, () => {
    it("needs the folder ../shared", (context) => {
      context.skip(`../shared is not here, so nothing of this was tested: ${name}`);
    });
  });
}
