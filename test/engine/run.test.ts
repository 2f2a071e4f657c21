import { describe, expect, it } from "vitest";
import { absent, gapAt, seen } from "../../src/model/observation.ts";
import type { Status } from "../../src/model/finding.ts";
import { reason, type Probe } from "../../src/model/probe.ts";
import { reportSchema, type Report } from "../../src/model/report.ts";
import { createRegistry, RegistryError } from "../../src/engine/registry.ts";
import { diagnose, type Diagnosis } from "../../src/engine/run.ts";
import { because, contextWith, factOf, probeOf, target, type MadeUp } from "./made-up.ts";

const workspace =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws";
const vantage = { name: "vm", addresses: ["10.0.0.4"], resolvers: ["10.0.0.2"], azureDns: "168.63.129.16" };
const stats = { armRequests: 1, dnsQueries: 2, connections: 3, retries: 4, cacheHits: 5 };

type Step = Diagnosis["playbook"]["steps"][number];

/** Runs these probes; the report must satisfy its own schema. */
async function run(
  probes: readonly Probe[],
  more: Partial<Diagnosis> = {},
  steps: readonly (string | Step)[] = ["*"],
): Promise<Report> {
  const report = await diagnose({
    probes: createRegistry(probes),
    playbook: {
      id: "made-up",
      symptom: "s",
      docs: [],
      steps: steps.map((step) => (typeof step === "string" ? { probe: step, because: "b" } : step)),
    },
    context: contextWith(),
    tool: { name: "aml-doctor", version: "1.0.0" },
    startedAt: "2026-01-01T00:00:00.000Z",
    now: () => 0,
    stats: () => stats,
    target: { ...target, cloud: "AzureCloud" },
    vantage: () => Promise.resolve(vantage),
    ...more,
  });
  expect(reportSchema.parse(report)).toEqual(report);
  return report;
}

const fix = { summary: "Mend it", commands: [{ shell: "az" as const, text: "az x" }], verify: ["look"] };
const failing = (id: string, name: string, causedBy: string[] = [], subject = "s"): Probe =>
  probeOf(id, {
    reasons: { [name]: because(causedBy) },
    judge: (_, say) => say.found(name, { subject, evidence: [] }),
  });
const undecided = (id: string, more: MadeUp = {}): Probe =>
  probeOf(id, { judge: (_, say) => say.unknown("not seen"), ...more });

describe("the verdict", () => {
  it.each<[string, Probe[], Report["verdict"]]>([
    ["all pass", [probeOf("a/one")], "healthy"],
    ["something fails", [failing("a/one", "x"), undecided("a/two")], "unhealthy"],
    ["something that matters is unknown", [probeOf("a/one"), undecided("a/two")], "inconclusive"],
    [
      "a probe throws",
      [
        probeOf("a/one", {
          judge: () => {
            throw new Error("boom");
          },
        }),
      ],
      "inconclusive",
    ],
    [
      "an unknown does not matter",
      [undecided("a/two", { judge: (_, say) => say.unknown("not seen", { matters: false }) })],
      "healthy",
    ],
    ["an advisory probe is unknown", [undecided("a/two", { advisory: true })], "healthy"],
    [
      "there are only warnings",
      [
        probeOf("a/one", {
          reasons: { w: because([], "warning") },
          judge: (_, say) => say.found("w", { subject: "s", evidence: [] }),
        }),
      ],
      "healthy",
    ],
    ["nothing applies", [probeOf("a/one", { needs: { x: factOf("arm/x", absent) } })], "healthy"],
  ])("when %s", async (_, probes, verdict) => expect((await run(probes)).verdict).toBe(verdict));
});

describe("a report", () => {
  it("tells a fault whole, with its effects under it", async () => {
    const typed = reason<{ seen: string }>({
      severity: "error",
      title: "the record is stale",
      detail: ({ seen: address }) => `points at ${address}`,
      fix: () => fix,
    });
    const root = probeOf("a/root", {
      docs: ["https://example.test/root"],
      reasons: { stale: typed },
      judge: (_, say) =>
        say.found("stale", {
          subject: "s",
          data: { seen: "10.0.0.9" },
          evidence: [{ kind: "dns", source: "dig s", observed: "10.0.0.9", expected: "10.0.0.4" }],
          inferredFrom: "the answer",
          ruledOut: [{ id: "other", by: "a link" }],
        }),
    });
    const report = await run([failing("b/effect", "late", ["stale"]), root]);
    expect(report).toEqual({
      schema: "aml-doctor/report@1",
      tool: { name: "aml-doctor", version: "1.0.0" },
      startedAt: "2026-01-01T00:00:00.000Z",
      durationMs: 0,
      playbook: "made-up",
      target: { ...target, cloud: "AzureCloud" },
      vantage,
      verdict: "unhealthy",
      complete: true,
      rootCauses: [
        {
          id: "stale",
          probe: "a/root",
          subject: "s",
          title: "the record is stale",
          detail: "points at 10.0.0.9",
          severity: "error",
          confidence: "likely",
          inferredFrom: "the answer",
          evidence: [{ kind: "dns", source: "dig s", observed: "10.0.0.9", expected: "10.0.0.4" }],
          explains: [{ id: "late", subject: "s", summary: "it is broken" }],
          why: [{ id: "other", by: "a link" }],
          remediation: [fix],
          docs: ["https://example.test/root"],
        },
      ],
      findings: [
        {
          id: "stale",
          probe: "a/root",
          status: "fail",
          subject: "s",
          summary: "the record is stale",
          detail: "points at 10.0.0.9",
          confidence: "likely",
          evidence: [{ kind: "dns", source: "dig s", observed: "10.0.0.9", expected: "10.0.0.4" }],
          causedBy: [],
        },
        {
          id: "late",
          probe: "b/effect",
          status: "fail",
          subject: "s",
          summary: "it is broken",
          confidence: "confirmed",
          evidence: [],
          causedBy: ["stale"],
        },
      ],
      unknowns: [],
      stats,
    });
  });

  it("gives a warning its remediation and no root", async () => {
    const odd = reason({ severity: "warning", title: "odd", fix: () => fix });
    const report = await run([
      probeOf("a/one", { reasons: { odd }, judge: (_, say) => say.found("odd", { subject: "s", evidence: [] }) }),
    ]);
    expect([
      report.rootCauses,
      report.findings[0]?.status,
      report.findings[0]?.id,
      report.findings[0]?.remediation,
    ]).toEqual([[], "warn", "odd", [fix]]);
  });

  it("merges what two findings of one fault prove", async () => {
    const evidence = (observed: string) => [{ kind: "dns" as const, source: "dig", observed }];
    const probe = probeOf("a/one", {
      reasons: { x: because() },
      judge: (_, say) => [
        say.found("x", { subject: "s", evidence: evidence("1"), inferredFrom: "the log" }),
        say.found("x", { subject: "s", evidence: [...evidence("1"), ...evidence("2")] }),
      ],
    });
    const { rootCauses } = await run([probe]);
    expect(rootCauses).toMatchObject([
      {
        confidence: "confirmed",
        evidence: [...evidence("1"), ...evidence("2")],
        remediation: [{ summary: "Mend it" }],
      },
    ]);
    expect(rootCauses[0]).not.toHaveProperty("inferredFrom");
  });

  it("keeps a fault whose texts throw", async () => {
    const torn = reason({
      severity: "error",
      title: "torn",
      detail: () => {
        throw new Error("d");
      },
      fix: () => {
        throw new Error("f");
      },
    });
    const { rootCauses } = await run([
      probeOf("a/one", { reasons: { torn }, judge: (_, say) => say.found("torn", { subject: "s", evidence: [] }) }),
    ]);
    expect(rootCauses).toMatchObject([{ id: "torn", remediation: [] }]);
    expect(rootCauses[0]).not.toHaveProperty("detail");
  });

  it("tells one open question of a probe once, and what stays undecided", async () => {
    const denied = (at: string) => gapAt(at, { gap: "denied", status: 403, action: "Vault/read" });
    const { unknowns } = await run([
      undecided("a/one", {
        needs: { x: factOf("t/x", denied("GET /x")), y: factOf("t/y", denied("GET /y")) },
        consequence: "The vault may be closed",
      }),
      undecided("a/two", {
        judge: (_, say) => [
          say.unknown("dark", { subject: "s", consequence: "so what", matters: false }),
          say.unknown("dim", { subject: "s" }),
        ],
      }),
      undecided("a/tri", { advisory: true }),
    ]);
    expect(unknowns).toEqual([
      {
        probe: "a/one",
        subject: workspace,
        reason: "GET /x: access was denied (403): Vault/read; GET /y: access was denied (403): Vault/read",
        permission: "Vault/read",
        consequence: "The vault may be closed",
        matters: true,
      },
      {
        probe: "a/tri",
        subject: workspace,
        reason: "not seen",
        consequence: '"a/tri is well" could not be decided',
        matters: false,
      },
      { probe: "a/two", subject: "s", reason: "dark; dim", consequence: "so what", matters: true },
    ]);
  });

  it("shows on the root what could not be checked beneath it", async () => {
    const { rootCauses, findings } = await run([
      failing("b/effect", "late", ["early"]),
      undecided("a/cause", { reasons: { early: because() } }),
    ]);
    expect(rootCauses).toMatchObject([{ id: "late", possiblyCausedBy: ["early"] }]);
    expect(findings.find((finding) => finding.id === "late")?.possiblyCausedBy).toEqual(["early"]);
  });

  it("tells last what has to be started again, alike things at once and nothing twice", async () => {
    const step = (text: string) => ({ shell: "az" as const, text });
    const fell = reason<string>({
      severity: "error",
      title: "it fell",
      causedBy: ["broken"],
      fix: () => fix,
      retry: (name) => ({ summary: "Start again", commands: [step(`start ${name}`)], verify: [`see ${name}`] }),
    });
    const broken = reason({
      severity: "error",
      title: "it broke",
      fix: () => ({ ...fix, commands: [...fix.commands, step("start one")] }),
    });
    const { rootCauses } = await run([
      probeOf("a/cause", {
        reasons: { broken },
        judge: (_, say) => say.found("broken", { subject: "s", evidence: [] }),
      }),
      probeOf("a/effect", {
        reasons: { fell },
        judge: (_, say) =>
          ["one", "two", "three"].map((name) =>
            say.found("fell", { subject: name, about: ["s"], data: name, evidence: [] }),
          ),
      }),
    ]);
    expect(rootCauses[0]?.remediation).toEqual([
      { ...fix, commands: [...fix.commands, step("start one")] },
      { summary: "Start again", commands: [step("start two"), step("start three")], verify: ["see two", "see three"] },
    ]);
  });

  it("tells what several causes broke to be started again once, after the last of them", async () => {
    const fell = reason({
      severity: "error",
      title: "it fell",
      causedBy: ["broken", "torn"],
      fix: () => fix,
      retry: () => ({ ...fix, summary: "r", commands: [{ shell: "az", text: "start it" }] }),
    });
    const because = reason({ severity: "error", title: "it broke", fix: () => fix });
    const { rootCauses } = await run([
      probeOf("a/first", {
        reasons: { broken: because },
        judge: (_, say) => say.found("broken", { subject: "s", evidence: [] }),
      }),
      probeOf("a/second", {
        reasons: { torn: because },
        judge: (_, say) => say.found("torn", { subject: "s", evidence: [] }),
      }),
      probeOf("b/effect", {
        reasons: { fell },
        judge: (_, say) => say.found("fell", { subject: "s", evidence: [] }),
      }),
    ]);
    expect(rootCauses.map(({ id, remediation }) => [id, remediation.map(({ summary }) => summary)])).toEqual([
      ["broken", [fix.summary]],
      ["torn", [fix.summary, "r"]],
    ]);
  });

  it("says nothing of starting again where the mend makes a new one", async () => {
    const fell = reason({
      severity: "error",
      title: "it fell",
      causedBy: ["broken"],
      fix: () => fix,
      retry: () => ({ ...fix, summary: "r", commands: [{ shell: "az", text: "start it" }] }),
    });
    const broken = (anew: boolean) =>
      reason({ severity: "error", title: "it broke", fix: () => fix, anew: () => anew });
    const stepsWith = async (anew: boolean) => {
      const { rootCauses } = await run([
        probeOf("a/cause", {
          reasons: { broken: broken(anew) },
          judge: (_, say) => say.found("broken", { subject: "s", evidence: [] }),
        }),
        probeOf("a/effect", {
          reasons: { fell },
          judge: (_, say) => say.found("fell", { subject: "s", evidence: [] }),
        }),
      ]);
      return rootCauses[0]?.remediation.map(({ summary }) => summary);
    };
    expect(await stepsWith(true)).toEqual([fix.summary]);
    expect(await stepsWith(false)).toEqual([fix.summary, "r"]);
  });

  it("says nothing of starting again what failed by itself, since its own remedy does", async () => {
    const fell = reason({
      severity: "error",
      title: "it fell",
      fix: () => fix,
      retry: () => ({ ...fix, summary: "r" }),
    });
    const { rootCauses } = await run([
      probeOf("a/one", { reasons: { fell }, judge: (_, say) => say.found("fell", { subject: "s", evidence: [] }) }),
    ]);
    expect(rootCauses[0]?.remediation).toEqual([fix]);
  });

  it("shows on the root the candidates that a judge names, of whatever probe, each with its test", async () => {
    const between = undecided("a/cause", {
      reasons: { early: because() },
      judge: (_, say) =>
        say.unknown("both give the same answer", {
          subject: "server",
          about: ["s"],
          candidates: [
            { id: "first", test: "run this" },
            { id: "second", test: "run that" },
          ],
        }),
    });
    const { rootCauses, unknowns, verdict } = await run([
      failing("b/effect", "late", ["early", "first", "second"]),
      between,
      probeOf("a/one", { reasons: { first: because() } }),
      probeOf("a/two", { reasons: { second: because() } }),
    ]);
    const candidates = [
      { id: "first", title: "it is broken", test: "run this" },
      { id: "second", title: "it is broken", test: "run that" },
    ];
    expect(rootCauses).toMatchObject([{ id: "late", possiblyCausedBy: ["first", "second"], candidates }]);
    expect(unknowns).toMatchObject([{ probe: "a/cause", candidates }]);
    expect(verdict).toBe("unhealthy");
  });

  it("tells once what the same undecided candidates would explain, as what the probe names first", async () => {
    const { rootCauses, findings } = await run([
      probeOf("b/both", {
        reasons: { late: because(["first", "second"]), later: because(["first", "second"]) },
        judge: (_, say) => [
          say.found("later", { subject: "x", evidence: [] }),
          say.found("late", { subject: "y", evidence: [] }),
        ],
      }),
      failing("b/heavy", "weighs", ["later"], "x"),
      failing("b/far", "elsewhere", ["first", "second"], "z"),
      failing("b/half", "other", ["first"], "y"),
      undecided("a/cause", {
        judge: (_, say) =>
          say.unknown("both give the same answer", {
            subject: "server",
            about: ["x", "y"],
            candidates: [
              { id: "first", test: "run this" },
              { id: "second", test: "run that" },
            ],
          }),
      }),
      probeOf("a/one", { reasons: { first: because() } }),
      probeOf("a/two", { reasons: { second: because() } }),
    ]);
    expect(rootCauses.map(({ id, explains }) => [id, explains.map((effect) => effect.id)])).toEqual([
      ["late", ["later", "weighs"]],
      ["elsewhere", []],
      ["other", []],
    ]);
    expect(findings.find(({ id }) => id === "later")?.causedBy).toEqual(["late"]);
  });

  it("tells alike faults once where nothing explains them, and one that something explains under it", async () => {
    const { rootCauses } = await run([
      probeOf("b/many", {
        reasons: { shut: because(["fell"]) },
        judge: (_, say) =>
          [
            ["z", "way"],
            ["a", "way"],
            ["b", "way"],
            ["c", "other way"],
            ["d", undefined],
          ].map(([subject = "", alike]) =>
            say.found("shut", { subject, evidence: [], ...(alike === undefined ? {} : { alike }) }),
          ),
      }),
      probeOf("a/one", {
        reasons: { fell: because() },
        judge: (_, say) => say.found("fell", { subject: "b", evidence: [] }),
      }),
      failing("b/effect", "late", ["shut"], "a"),
    ]);
    expect(rootCauses.map(({ id, subject, explains }) => [id, subject, explains.map((one) => one.subject)])).toEqual([
      ["shut", "z", ["a", "a"]],
      ["fell", "b", ["b"]],
      ["shut", "c", []],
      ["shut", "d", []],
    ]);
  });

  it("has the findings of a probe by subject", async () => {
    const { findings } = await run([
      probeOf("a/one", { judge: (_, say) => ["c", "a", "b"].map((subject) => say.pass("fine", { subject })) }),
    ]);
    expect(findings.map((finding) => finding.subject)).toEqual(["a", "b", "c"]);
  });

  it("does not hand hostile texts on", async () => {
    const { findings } = await run([
      probeOf("a/one", { judge: (_, say) => say.pass("fine\u001b[2J\nverdict: healthy", { subject: "a\u202eb" }) }),
    ]);
    expect(findings).toMatchObject([{ subject: "ab", summary: "fine[2J verdict: healthy" }]);
  });

  it("adds the engine's cache hits to those of the ports, and takes its time from the clock", async () => {
    const fact = factOf("t/x", seen(1));
    let time = 0;
    const report = await run([probeOf("a/one", { needs: { fact } }), probeOf("a/two", { needs: { fact } })], {
      now: () => (time += 10),
    });
    expect(report.stats.cacheHits).toBe(5 + 2);
    expect(report.durationMs).toBeGreaterThan(0);
  });
});

describe("the order", () => {
  const asked = async (probes: readonly Probe[], steps: readonly (string | Step)[]): Promise<string[]> => {
    const ids: string[] = [];
    const told = (id: string, counts: Readonly<Partial<Record<Status, number>>>) =>
      void ids.push(`${id} ${Object.entries(counts).flat().join(" ")}`);
    await run(probes, { observer: { probe: told } }, steps);
    return ids;
  };
  const effect = probeOf("b/effect", { reasons: { late: because(["middle"]) } });
  const between = probeOf("c/between", { reasons: { middle: because(["early"]) } });
  const cause = probeOf("d/cause", { reasons: { early: because() } });

  it.each<[string, string[], string[]]>([
    ["is the playbook's, each probe once", ["d/cause", "c/between", "*"], ["d/cause", "c/between", "b/effect"]],
    ["brings in the probes of all causes, before the effect", ["b/effect"], ["d/cause", "c/between", "b/effect"]],
    ["brings in nothing that is no cause", ["c/between"], ["d/cause", "c/between"]],
  ])("%s", async (_, steps, ids) =>
    expect(await asked([effect, between, cause], steps)).toEqual(ids.map((id) => `${id} pass 1`)),
  );

  it("refuses a step that means no probe: asking nothing would look healthy", async () => {
    await expect(run([effect, between, cause], {}, ["x/*"])).rejects.toThrow(RegistryError);
  });

  it("ends where a step says so, and tells what was not judged", async () => {
    const steps: Step[] = [
      { probe: "a/one", because: "b", on: { fail: "stop" } },
      { probe: "a/two", because: "b" },
    ];
    const { verdict, findings } = await run([failing("a/one", "x"), failing("a/two", "y")], {}, steps);
    expect([
      verdict,
      findings.map((finding) => [finding.probe, finding.status, finding.summary, finding.notReached]),
    ]).toEqual([
      "unhealthy",
      [
        ["a/one", "fail", "it is broken", undefined],
        ["a/two", "skipped", "stopped after a/one: fail", true],
      ],
    ]);
  });

  it("goes on when the status is another", async () => {
    const steps: Step[] = [
      { probe: "a/one", because: "b", on: { pass: "stop", fail: "continue" } },
      { probe: "a/two", because: "b" },
    ];
    expect((await run([failing("a/one", "x"), failing("a/two", "y")], {}, steps)).rootCauses).toHaveLength(2);
  });

  it("is not ended by a probe that only came in as a cause", async () => {
    const steps: Step[] = [
      { probe: "b/effect", because: "b", on: { fail: "stop" } },
      { probe: "e/next", because: "b" },
    ];
    const { findings } = await run([effect, between, failing("d/cause", "early"), probeOf("e/next")], {}, steps);
    expect(findings.find((finding) => finding.probe === "e/next")?.status).toBe("pass");
  });
});

describe("a run that is cut short", () => {
  it("reports what it knows", async () => {
    const controller = new AbortController();
    const quick = failing("a/quick", "x");
    const hung = probeOf("b/hung", { needs: { x: factOf("t/hung", () => new Promise(() => undefined)) } });
    const running = run([quick, hung], { context: contextWith(controller.signal) });
    controller.abort();
    const report = await running;
    expect([report.complete, report.verdict, report.unknowns.map((unknown) => unknown.reason)]).toEqual([
      false,
      "unhealthy",
      ["t/hung: no answer within 0 ms"],
    ]);
  });
});
