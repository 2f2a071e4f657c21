import { parse as parseJunit } from "junit2json";
import { lexer, type Token, type Tokens } from "marked";
import { describe, expect, it } from "vitest";
import { renderJsonLines } from "../../src/reporters/jsonl.ts";
import { renderJunit } from "../../src/reporters/junit.ts";
import { renderMarkdown } from "../../src/reporters/markdown.ts";
import { renderOpenMetrics } from "../../src/reporters/openmetrics.ts";
import { renderPluginLine } from "../../src/reporters/plugin-line.ts";
import { renderSarif } from "../../src/reporters/sarif.ts";
import { renderText } from "../../src/reporters/text.ts";
import { checked, hostileCheck, marked } from "./checked.ts";
import { give, sarifFaults } from "./consumers.ts";
import { expectGolden } from "./golden.ts";
import { healthy, hostile, inconclusive, unhealthy } from "./reports.ts";
import { steering } from "./steering.ts";

const reports = { healthy, unhealthy, inconclusive, hostile, checked, hostileCheck, marked };
const eachReport = Object.entries(reports);

const formats = {
  jsonl: renderJsonLines,
  junit: renderJunit,
  sarif: renderSarif,
  openmetrics: renderOpenMetrics,
  plugin: (report: typeof healthy) => renderPluginLine(report, { failOnWarning: false }),
  markdown: renderMarkdown,
} as const;

describe.each(Object.entries(formats))("the report as %s", (format, render) => {
  it.each([
    ["healthy", healthy],
    ["inconclusive", inconclusive],
    ["checked", checked],
    ["hostile", hostileCheck],
  ] as const)(`of %s is as in its golden`, (name, report) => expectGolden(`${name}.${format}`, render(report)));

  it.each(eachReport)("of %s holds no control or reordering character, and ends its last line", (_, report) => {
    expect(render(report)).not.toMatch(steering);
    expect(render(report)).toMatch(/[^\n]\n$/);
  });
});

describe("JSON Lines", () => {
  it.each(eachReport)("of %s are objects that stand alone and together hold the report", (_, report) => {
    const lines = renderJsonLines(report)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const line of lines)
      expect(line).toMatchObject({ startedAt: report.startedAt, verdict: report.verdict, target: report.target });
    const count = (type: string) => lines.filter((line) => line.type === type).length;
    expect([count("run"), count("root-cause"), count("finding"), count("unknown"), count("change")]).toEqual([
      1,
      report.rootCauses.length,
      report.findings.length,
      report.unknowns.length,
      report.changes?.problems.length ?? 0,
    ]);
  });
});

describe("JUnit XML", () => {
  it.each(eachReport)("of %s is read back with a case for each finding", async (_, report) => {
    const read = await parseJunit(renderJunit(report));
    if (read === null || read === undefined || !("testsuite" in read)) throw new Error("no test suites were read");
    const cases = (read.testsuite ?? []).flatMap((suite) => ("testcase" in suite ? (suite.testcase ?? []) : []));
    const of = (status: string) => report.findings.filter((finding) => finding.status === status).length;
    // What is inconclusive with no finding to show for it has one case more.
    expect(cases).toHaveLength(Math.max(1, report.findings.length));
    expect((read.errors ?? 0) > 0).toBe(report.verdict === "inconclusive");
    expect(cases.filter((one) => one.failure !== undefined)).toHaveLength(of("fail"));
    expect(read.failures).toBe(of("fail"));
  });

  it("makes an error of what could not be checked and matters, so that blindness is not green", () => {
    const unknown = {
      id: "a/b",
      probe: "a/b",
      status: "unknown",
      subject: "s",
      summary: "denied",
      evidence: [],
      causedBy: [],
    } as const;
    const about = { probe: "a/b", subject: "s", reason: "denied", consequence: "c", permission: "x/read" };
    const of = (matters: boolean) =>
      renderJunit({
        ...healthy,
        findings: [{ ...unknown, evidence: [], causedBy: [] }],
        unknowns: [{ ...about, matters }],
      });
    expect(of(true)).toContain('<error type="unknown" message="denied">');
    expect(of(true)).toContain("Would need: x/read");
    expect(of(false)).toContain('<skipped message="denied"/>');
  });
});

describe("SARIF", () => {
  it.each(eachReport)("of %s follows the schema", (_, report) => {
    expect(sarifFaults(JSON.parse(renderSarif(report)))).toEqual([]);
  });

  it("is held to a schema that finds faults", () => {
    const log = JSON.parse(renderSarif(unhealthy));
    log.runs[0].results[0].level = "terrible";
    expect(sarifFaults(log)).not.toEqual([]);
  });

  it("says of each result whether it is new", () => {
    const [run] = JSON.parse(renderSarif(checked)).runs;
    const states = run.results.map((result: Record<string, unknown>) => [
      result["ruleId"],
      result["level"],
      result["baselineState"],
    ]);
    expect(states).toEqual([
      ["acr-egress-pe-pending", "error", "new"],
      ["dns-zone-not-linked", "error", "unchanged"],
      ["dep-image-pull-failed", "note", undefined],
      ["orphan-failure", "error", undefined],
      ["kv-soft-rule", "warning", undefined],
      ["dns/zone-links", "none", undefined],
      ["kv-purge-protection", "none", "absent"],
    ]);
  });
});

describe("OpenMetrics", () => {
  it.each(eachReport)("of %s pass promtool", (_, report) => {
    const said = give("promtool", ["check", "metrics"], renderOpenMetrics(report));
    if (said === undefined) {
      console.warn("skipped: promtool (Debian's package prometheus) is not installed");
      return;
    }
    expect(said).toEqual({ exitCode: 0, output: "" });
  });

  it.each(eachReport)("of %s have names once, bounded labels and an end", (_, report) => {
    const lines = renderOpenMetrics(report).trimEnd().split("\n");
    expect(lines.at(-1)).toBe("# EOF");
    const series = lines.filter((line) => !line.startsWith("#")).map((line) => line.replace(/ [^ ]+$/, ""));
    expect(new Set(series).size).toBe(series.length);
    for (const line of series) expect(line).toMatch(/^aml_doctor_[a-z_]+\{(\w+="([^"\\]|\\[\\"])*",?)+\}$/);
    const ids = series.flatMap((line) => /,id="([^"]*)"/.exec(line)?.[1] ?? []);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9][a-z0-9/-]*$/);
  });
});

/** `SERVICE STATUS: text | 'label'=value[unit];[warn];[crit];[min];[max] …`, one line, one bar. */
const pluginLine = /^AML-DOCTOR (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+ \|( \w+=\d+(\.\d+)?s?(;\d*){0,4})+\n$/;

describe("the monitoring-plugin line", () => {
  it.each(eachReport)("of %s is one line in the form of the guidelines", (_, report) => {
    expect(renderPluginLine(report, { failOnWarning: false })).toMatch(pluginLine);
  });

  it.each([
    ["healthy", healthy, false, "OK"],
    ["unhealthy", unhealthy, false, "CRITICAL"],
    ["inconclusive", inconclusive, true, "UNKNOWN"],
    ["warnings", { ...unhealthy, verdict: "healthy", rootCauses: [], unknowns: [] }, true, "WARNING"],
    ["warnings that do not fail", { ...unhealthy, verdict: "healthy", rootCauses: [], unknowns: [] }, false, "OK"],
    ["a damped fault", { ...checked, changes: { ...checked.changes!, verdict: "healthy" } }, false, "OK"],
  ] as const)("says the state of %s as the exit code does", (_, report, failOnWarning, state) => {
    expect(renderPluginLine(report as typeof healthy, { failOnWarning })).toMatch(
      new RegExp(`^AML-DOCTOR ${state} - `),
    );
  });
});

/** Prints what the library that Nagios plugins are written with makes of performance data; levels are ranges. */
const readPerformance = `
  my (undef, $data) = split /\\|/, <STDIN>, 2;
  for my $one (Monitoring::Plugin::Performance->parse_perfstring($data)) {
    print join(" ", $one->label, $one->value . $one->uom, map { $_ // "" } $one->warning, $one->critical, $one->min), "\\n";
  }`;

describe("the performance data of the monitoring-plugin line", () => {
  it.each([
    ["unhealthy", unhealthy, false, ["root_causes 2  0 0", "warnings 1   0", "unknowns 1   0", "time 2.345s   0"]],
    ["hostile", hostile, true, ["root_causes 1  0 0", "warnings 1 0  0", "unknowns 1   0", "time 2.345s   0"]],
  ] as const)("of %s is read by Monitoring::Plugin", (_, report, failOnWarning, expected) => {
    const said = give(
      "perl",
      ["-MMonitoring::Plugin::Performance", "-e", readPerformance],
      renderPluginLine(report, { failOnWarning }),
    );
    if (said === undefined || said.output.includes("Can't locate Monitoring/Plugin")) {
      console.warn("skipped: Monitoring::Plugin (Debian's package libmonitoring-plugin-perl) is not installed");
      return;
    }
    expect(said).toEqual({ exitCode: 0, output: expected.map((line) => `${line}\n`).join("") });
  });
});

describe("the Markdown ticket", () => {
  it.each(eachReport)("of %s has our headings, links and tables only", (_, report) => {
    const tokens = everyToken(lexer(renderMarkdown(report)));
    expect(
      tokens
        .filter(({ type }) => ["html", "link", "image"].includes(type))
        .filter((token) => !token.raw.startsWith("<https://learn.microsoft.com/"))
        .map(({ raw }) => raw),
    ).toEqual([]);
    const headings = tokens.flatMap((token) => (token.type === "heading" ? [token.raw.split(/[ \n]/)[0]] : []));
    expect(headings.filter((mark) => mark === "#")).toHaveLength(1);
    expect(
      tokens.flatMap((token) => (token.type === "list_item" && token.checked === true ? [token.raw] : [])),
    ).toEqual([]);
  });

  it("keeps a cell whole, whatever stands in it", () => {
    const rows = everyToken(lexer(renderMarkdown(marked))).flatMap((token) =>
      token.type === "table" ? (token as Tokens.Table).rows : [],
    );
    const workspace = rows.find(([question]) => question?.text === "Workspace");
    expect(workspace?.map(({ text }) => text.slice(-12))).toEqual(["Workspace", expect.stringMatching(/ y`+$/)]);
  });

  it("answers what support asks first", () => {
    const ticket = renderMarkdown(checked);
    for (const question of [
      "Subscription",
      "Workspace",
      "Since when",
      "Seen from",
      "Its DNS servers",
      "Its proxy",
      "Explains",
      "Ruled out",
      "Would need",
      "word for word",
    ])
      expect(ticket).toContain(question);
    expect(ticket).toContain(checked.rootCauses[0]!.remediation[0]!.commands[0]!.text);
  });
});

describe("the text report of a check", () => {
  it("is as in checked.txt", () => {
    expectGolden(
      "checked",
      renderText(checked, { color: false, ascii: false, verbose: false, explain: false, columns: 80 }),
    );
  });
});

function everyToken(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    if ("type" in value && "raw" in value) found.push(value as Token);
    for (const inner of Object.values(value)) if (typeof inner === "object") visit(inner);
  };
  visit([...tokens]);
  return found;
}
