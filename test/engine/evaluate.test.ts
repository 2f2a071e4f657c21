import { describe, expect, it } from "vitest";
import { maybe, raw } from "../../src/model/fact.ts";
import type { Say, Verdict } from "../../src/model/finding.ts";
import { absent, gapAt, seen } from "../../src/model/observation.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { createStore } from "../../src/engine/store.ts";
import { because, contextWith, factOf, probeOf, type MadeUp } from "./made-up.ts";

const denied = gapAt("GET /vault", { gap: "denied", status: 403 });
const slow = gapAt("GET /store", { gap: "timed-out", afterMs: 5 });

const judge = (more: MadeUp) => evaluate(probeOf("a/one", more), createStore(contextWith()));
const said = async (more: MadeUp) => (await judge(more)).map((finding) => [finding.status, finding.verdict]);

describe("a probe", () => {
  it("is handed its facts as it asked for them", async () => {
    let given: unknown;
    await judge({
      needs: { plain: factOf("t/a", seen(1)), none: maybe(factOf("t/b", absent)), open: raw(factOf("t/c", slow)) },
      judge: (facts, say) => {
        given = facts;
        return say.pass();
      },
    });
    expect(given).toEqual({ plain: 1, none: undefined, open: slow });
  });

  it("is skipped when what it needs does not exist, even beside a gap", async () => {
    expect(await said({ needs: { a: factOf("arm/vault", denied), b: factOf("arm/registry", absent) } })).toEqual([
      ["skipped", { is: "skip", why: "there is no arm/registry" }],
    ]);
  });

  it("is unknown once for each distinct gap, with the permission that would close it", async () => {
    const needs = {
      a: factOf("t/a", denied, ["Vault/read"]),
      b: factOf("t/b", slow, ["Store/read"]),
      c: maybe(factOf("t/c", slow)),
    };
    expect(await said({ needs })).toEqual([
      [
        "unknown",
        {
          is: "unknown",
          reason: "GET /vault: access was denied (403): Vault/read",
          permission: "Vault/read",
          matters: true,
        },
      ],
      ["unknown", { is: "unknown", reason: "GET /store: no answer within 5 ms", matters: true }],
    ]);
  });

  it.each<[string, (say: Say) => unknown, string]>([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
      "the probe failed: boom",
    ],
    [
      "names a reason of another probe",
      (say) => say.found("other", { subject: "s", evidence: [] }),
      "the probe failed: a/one has no reason other",
    ],
    [
      "names a property of every object",
      (say) => say.found("constructor", { subject: "s", evidence: [] }),
      "the probe failed: a/one has no reason constructor",
    ],
    ["returns nothing", () => undefined, "the probe failed: the judge returned something that `say` did not make"],
    [
      "is asynchronous",
      (say) => Promise.resolve(say.pass()),
      "the probe failed: the judge returned something that `say` did not make",
    ],
    [
      "makes a verdict itself",
      () => ({ is: "pass", evidence: [] }),
      "the probe failed: the judge returned something that `say` did not make",
    ],
  ])("whose judge %s is unknown", async (_, misbehave, reason) => {
    expect(await said({ judge: (_facts, say) => misbehave(say) as Verdict })).toEqual([
      ["unknown", { is: "unknown", reason, matters: true }],
    ]);
  });

  it("that throws is logged", async () => {
    const logged: unknown[] = [];
    await evaluate(
      probeOf("a/one", {
        judge: () => {
          throw new Error("boom");
        },
      }),
      createStore(contextWith()),
      { debug: () => undefined, error: (fields, message) => void logged.push([message, fields["probe"]]) },
    );
    expect(logged).toEqual([["probe threw", "a/one"]]);
  });

  it("with nothing to look at is skipped", async () => {
    expect(await said({ judge: () => [] })).toEqual([["skipped", { is: "skip", why: "there was nothing to look at" }]]);
  });
});

describe("say", () => {
  const reasons = { broken: because(), odd: because([], "warning") };

  it.each<[string, (say: Say) => Verdict, string]>([
    ["pass", (say) => say.pass(), "pass"],
    ["skip", (say) => say.skip("does not apply"), "skipped"],
    ["unknown", (say) => say.unknown("not seen"), "unknown"],
    ["an error", (say) => say.found("broken", { subject: "s", evidence: [] }), "fail"],
    ["an error told as a warning", (say) => say.found("broken", { subject: "s", evidence: [], as: "warning" }), "warn"],
    ["a warning", (say) => say.found("odd", { subject: "s", evidence: [] }), "warn"],
  ])("%s", async (_, speak, status) => {
    const [finding] = await judge({ reasons, judge: (_facts, say) => speak(say) });
    expect(finding?.status).toBe(status);
    expect(Object.isFrozen(finding?.verdict)).toBe(true);
  });

  it("takes reason and permission of an unknown from its gap, unless the judge knows better", async () => {
    const gap = { ...denied, action: "Vault/read" };
    expect(
      await said({
        judge: (_facts, say) => [
          say.unknown(gap, { subject: "s" }),
          say.unknown(gap, { permission: "Own/read", consequence: "so what", matters: false }),
          say.unknown(slow),
        ],
      }),
    ).toEqual([
      [
        "unknown",
        {
          is: "unknown",
          subject: "s",
          reason: "GET /vault: access was denied (403): Vault/read",
          permission: "Vault/read",
          matters: true,
        },
      ],
      [
        "unknown",
        {
          is: "unknown",
          reason: "GET /vault: access was denied (403): Vault/read",
          permission: "Own/read",
          consequence: "so what",
          matters: false,
        },
      ],
      ["unknown", { is: "unknown", reason: "GET /store: no answer within 5 ms", matters: true }],
    ]);
  });

  it("calls a finding confirmed, or likely when it says from what it is inferred", async () => {
    const findings = await said({
      reasons,
      judge: (_facts, say) => [
        say.found("broken", { subject: "a", evidence: [] }),
        say.found("broken", { subject: "b", evidence: [], inferredFrom: "the log" }),
      ],
    });
    expect(findings.map(([, verdict]) => verdict)).toMatchObject([
      { confidence: "confirmed" },
      { confidence: "likely", inferredFrom: "the log" },
    ]);
  });
});
