import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

/** A new folder that is removed when the tests of the file or the `describe` are over; with vitest's `onTestFinished`, when
 * the running test is. */
export function temporaryFolder(name: string, whenOver: (remove: () => void) => void = afterAll): string {
  const folder = mkdtempSync(path.join(tmpdir(), `aml-doctor-${name}-`));
  whenOver(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
