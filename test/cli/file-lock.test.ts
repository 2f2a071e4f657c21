import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkWritable, writeAtomically } from "../../src/cli/atomic-file.ts";
import { withLock } from "../../src/cli/file-lock.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder("files");
const quick = { patienceMs: 50, retryMs: 5, staleMs: 60_000 };

describe("a file written atomically", () => {
  it("is new, or keeps its permissions, and leaves nothing beside it", async () => {
    const place = path.join(folder, "atomic");
    await mkdir(place);
    const file = path.join(place, "report.json");
    await writeAtomically("the report", file, "one", 0o600);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await chmod(file, 0o640);
    await writeAtomically("the report", file, "two", 0o600);
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["two", 0o640]);
    expect(readdirSync(place)).toEqual(["report.json"]);
  });

  it.each([
    ["whose folder is not there", path.join(folder, "none", "x"), "there is no such folder"],
    ["that is a folder", folder, "it is a folder"],
    ["whose folder is a file", path.join(fileURLToPath(import.meta.url), "x"), "a part of its path is no folder"],
  ])("%s is refused in words, early and late", async (_, file, why) => {
    await expect(checkWritable("the report", file)).rejects.toThrow(why);
    await expect(writeAtomically("the report", file, "")).rejects.toThrow(why);
  });

  it.runIf(existsSync("/dev/null"))("that is a device is written to and stays one", async () => {
    await checkWritable("the report", "/dev/null");
    await writeAtomically("the report", "/dev/null", "gone");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});

describe("a lock", () => {
  it("lets one after the other in", async () => {
    const file = path.join(folder, "one");
    let inside = 0;
    let most = 0;
    let count = 0;
    const work = async () => {
      most = Math.max(most, (inside += 1));
      const read = count;
      await new Promise((resolve) => setImmediate(resolve));
      count = read + 1;
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, work, { ...quick, patienceMs: 5000 })));
    expect([most, count, existsSync(`${file}.lock`)]).toEqual([1, 8, false]);
  });

  it("is given back when the work fails", async () => {
    const file = path.join(folder, "failing");
    await expect(withLock(file, () => Promise.reject(new Error("work")), quick)).rejects.toThrow("work");
    expect(await withLock(file, async () => "done", quick)).toBe("done");
  });

  it("that somebody holds is waited for, then told", async () => {
    const file = path.join(folder, "held");
    writeFileSync(`${file}.lock`, "");
    await expect(withLock(file, async () => "done", quick)).rejects.toThrow("is locked by another check");
  });

  it("that was left behind is taken over", async () => {
    const file = path.join(folder, "left");
    writeFileSync(`${file}.lock`, "");
    const old = new Date(Date.now() - 120_000);
    utimesSync(`${file}.lock`, old, old);
    expect(await withLock(file, async () => "done", quick)).toBe("done");
    expect(readdirSync(folder).filter((name) => name.startsWith("left"))).toEqual([]);
  });
});
