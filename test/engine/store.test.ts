import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineFact, maybe, raw } from "../../src/model/fact.ts";
import { absent, gapAt, seen, type Observation } from "../../src/model/observation.ts";
import { createStore } from "../../src/engine/store.ts";
import { contextWith, factOf } from "./made-up.ts";

const denied = gapAt("GET /x", { gap: "denied", status: 403 });

/** A fact that needs `of` in some mode and hands over what it was given. */
const modes = {
  plain: (of: ReturnType<typeof factOf<number>>) =>
    defineFact({
      key: "t/up",
      needs: { of },
      reads: [],
      schema: z.any(),
      collect: (given) => seen({ given: given.of }),
    }),
  maybe: (of: ReturnType<typeof factOf<number>>) =>
    defineFact({
      key: "t/up",
      needs: { of: maybe(of) },
      reads: [],
      schema: z.any(),
      collect: (given) => seen({ given: given.of }),
    }),
  raw: (of: ReturnType<typeof factOf<number>>) =>
    defineFact({
      key: "t/up",
      needs: { of: raw(of) },
      reads: [],
      schema: z.any(),
      collect: (given) => seen({ given: given.of }),
    }),
};

describe("a need", () => {
  it.each<[keyof typeof modes, Observation<number>, unknown]>([
    ["plain", seen(7), seen({ given: 7 })],
    ["plain", absent, absent],
    ["plain", denied, denied],
    ["maybe", seen(7), seen({ given: 7 })],
    ["maybe", absent, seen({ given: undefined })],
    ["maybe", denied, denied],
    ["raw", seen(7), seen({ given: seen(7) })],
    ["raw", absent, seen({ given: absent })],
    ["raw", denied, seen({ given: denied })],
  ])("%s of %o gives %o", async (mode, below, above) => {
    expect(await createStore(contextWith()).observe(modes[mode](factOf("t/below", below)))).toEqual(above);
  });

  it("that is absent decides before one that is a gap", async () => {
    const up = defineFact({
      key: "t/up",
      needs: { a: factOf("t/gap", denied), b: factOf("t/none", absent) },
      reads: [],
      schema: z.any(),
      collect: () => seen(1),
    });
    expect(await createStore(contextWith()).observe(up)).toEqual(absent);
  });
});

describe("a look-up", () => {
  it("runs once however often it is asked for, and the repeats are counted", async () => {
    let runs = 0;
    const fact = factOf("t/once", () => seen((runs += 1)));
    const store = createStore(contextWith());
    store.prefetch([fact, fact]);
    expect(await Promise.all([store.observe(fact), store.observe(fact)])).toEqual([seen(1), seen(1)]);
    expect([runs, store.cacheHits()]).toEqual([1, 2]);
  });

  it("starts beside the others, not after them", async () => {
    const order: string[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slow = factOf("t/slow", async () => {
      order.push("slow starts");
      await gate;
      return seen(1);
    });
    const quick = factOf("t/quick", () => {
      order.push("quick starts");
      open();
      return seen(2);
    });
    const both = defineFact({
      key: "t/both",
      needs: { slow, quick },
      reads: [],
      schema: z.any(),
      collect: (given) => seen(given.slow + given.quick),
    });
    expect(await createStore(contextWith()).observe(both)).toEqual(seen(3));
    expect(order).toEqual(["slow starts", "quick starts"]);
  });

  it("hands on only what its schema names", async () => {
    const fact = defineFact({
      key: "t/x",
      needs: {},
      reads: [],
      schema: z.object({ name: z.string() }),
      collect: () => seen({ name: "kv", secret: "s3cret" }),
    });
    expect(await createStore(contextWith()).observe(fact)).toEqual(seen({ name: "kv" }));
  });

  it("of another shape than its schema is a gap that names the place", async () => {
    const fact = defineFact({
      key: "t/x",
      needs: {},
      reads: [],
      schema: z.object({ list: z.array(z.string()) }),
      collect: () => seen({ list: [1] } as never),
    });
    expect(await createStore(contextWith()).observe(fact)).toMatchObject({
      is: "gap",
      at: "t/x",
      gap: "error",
      code: "unexpected-shape",
      message: expect.stringMatching(/^list\.0: /),
    });
  });

  it.each([
    [
      "at once",
      () => {
        throw new Error("boom");
      },
    ],
    ["later", () => Promise.reject(new Error("boom"))],
  ])("that throws %s is a gap, and logged", async (_, collect) => {
    const logged: string[] = [];
    const store = createStore(contextWith(), {
      debug: () => undefined,
      error: (fields, message) => void logged.push(`${message} ${String(fields["fact"])}`),
    });
    expect(await store.observe(factOf("t/x", collect))).toEqual(
      gapAt("t/x", { gap: "error", code: "fact-failed", message: "boom" }),
    );
    expect(logged).toEqual(["fact threw t/x"]);
  });

  it("that outlives the run is given up, and what needs it is that gap", async () => {
    const controller = new AbortController();
    let time = 0;
    const hung = factOf<number>("t/hung", () => new Promise(() => undefined));
    const store = createStore(contextWith(controller.signal), undefined, () => time);
    const waiting = store.observe(modes.plain(hung));
    time = 60_000;
    controller.abort();
    expect(await waiting).toEqual(gapAt("t/hung", { gap: "timed-out", afterMs: 60_000 }));
  });

  it("does not start when the run has ended", async () => {
    let started = false;
    const store = createStore(contextWith(AbortSignal.abort()), undefined, () => 0);
    expect(
      await store.observe(
        factOf("t/x", () => {
          started = true;
          return seen(1);
        }),
      ),
    ).toMatchObject({ gap: "timed-out" });
    expect(started).toBe(false);
  });

  it.each([
    ["gets the fact's own action", denied, { ...denied, action: "Some/thing/read" }],
    [
      "keeps the action that the service named",
      { ...denied, action: "Other/read" },
      { ...denied, action: "Other/read" },
    ],
    ["gets none when sign-in failed", { ...denied, status: 401 as const }, { ...denied, status: 401 }],
  ])("that was refused %s", async (_, gap, expected) => {
    expect(await createStore(contextWith()).observe(factOf("t/x", gap, ["Some/thing/read"]))).toEqual(expected);
  });

  it("appears in the snapshot once it has arrived", async () => {
    const store = createStore(contextWith());
    store.prefetch([factOf("t/hung", () => new Promise(() => undefined))]);
    await store.observe(factOf("t/b", seen(1)));
    await store.observe(factOf("t/a", absent));
    expect(Object.entries(store.snapshot())).toEqual([
      ["t/a", absent],
      ["t/b", seen(1)],
    ]);
  });
});
