import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadProbes } from "../../src/engine/registry.ts";
import { loadVariations, shown } from "./variations.ts";

const { probes } = await loadProbes(new URL("../../probes/", import.meta.url));
const files = await loadVariations();
const variations = files.flatMap((each) => each.variations);

/** The tool's own way to Azure: without it there is no estate to vary. `sign-in.test.ts` and `own-path.test.ts` judge these. */
const beforehand = ["client/clock", "client/identity", "client/management-plane", "client/sign-in"];

const areas = [
  ...Map.groupBy(
    probes.filter(({ id }) => !beforehand.includes(id)),
    ({ id }) => id.slice(0, id.indexOf("/")),
  ),
].map(([area, its]) => [area, its.flatMap(({ reasons }) => Object.keys(reasons))] as const);
const produced = new Set(variations.flatMap(shown));
/** An estate is the look-alike of what it is said not to have. */
const resembled = new Set(variations.flatMap(({ not = [] }) => not));

describe("every failure id", () => {
  it.each(areas)("of %s is produced by a world", (_, ids) => {
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => !produced.has(id))).toEqual([]);
  });

  it.each(areas)("of %s is told from an estate that looks like it", (_, ids) => {
    expect(ids.filter((id) => !resembled.has(id))).toEqual([]);
  });
});

describe("the variations", () => {
  it("name failure ids that exist", () => {
    const known = new Set(probes.flatMap(({ reasons }) => Object.keys(reasons)));
    const named = variations.flatMap(({ roots, effects = [], warns = [], candidates = [], not = [] }) => [
      ...roots.flat(),
      ...effects,
      ...warns,
      ...candidates,
      ...not,
    ]);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  it("do not deny what they show", () => {
    expect(
      variations.filter((one) => shown(one).some((id) => one.not?.includes(id))).map(({ story }) => story),
    ).toEqual([]);
  });

  it("tell one story each", () => {
    const stories = variations.map(({ story }) => story);
    expect(stories.filter((story, index) => stories.indexOf(story) !== index)).toEqual([]);
  });

  it("are run, every file of them", () => {
    const here = new URL(".", import.meta.url);
    const tests = readdirSync(here)
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => readFileSync(new URL(name, here), "utf8"));
    expect(files.map(({ file }) => file).filter((file) => !tests.some((text) => text.includes(`"./${file}"`)))).toEqual(
      [],
    );
  });
});
