import type { Report } from "../../src/model/report.ts";
import { hostile, unhealthy } from "./reports.ts";

const [root] = unhealthy.rootCauses;
const problem = { kind: "root-cause", id: root!.id, subject: root!.subject, title: root!.title } as const;

/** The report of a check that has others before it. */
export const checked: Report = {
  ...unhealthy,
  changes: {
    verdict: "unhealthy",
    verdictSince: "2026-01-02T02:04:05.678Z",
    previousVerdict: "healthy",
    comparedWith: "2026-01-02T02:04:05.678Z",
    confirm: 2,
    problems: [
      { ...problem, state: "new", since: "2026-01-02T02:04:05.678Z", times: 2 },
      {
        kind: "root-cause",
        id: "dns-zone-not-linked",
        subject: "PRIVATELINK.blob.core.windows.net",
        title: "A private DNS zone is not linked to the network",
        state: "suspected",
        since: "2026-01-02T03:04:05.678Z",
        times: 1,
      },
      {
        kind: "warning",
        id: "kv-purge-protection",
        subject: "kvmlprod",
        title: "The key vault can be purged",
        state: "gone",
        since: "2026-01-01T00:00:00.000Z",
        until: "2026-01-02T01:04:05.678Z",
        times: 2,
      },
    ],
    baseline: { startedAt: "2025-12-24T00:00:00.000Z", added: [problem], removed: [] },
    notes: [],
  },
};

/** A check whose state holds a stranger's text. */
export const hostileCheck: Report = {
  ...hostile,
  changes: {
    ...checked.changes!,
    problems: hostile.rootCauses.map(({ id, subject, title }) => ({
      kind: "root-cause",
      id,
      subject,
      title,
      state: "gone",
      since: "2026-01-01T00:00:00.000Z",
      times: 1,
    })),
    notes: [hostile.rootCauses[0]!.title],
  },
};

/** Text that means something to Markdown, HTML, XML, metrics, plugins and tables, in the places of names. */
export const markup = `<img src=x onerror=alert(1)> [a](javascript:x) ![b](http://e.example/p.png) | "q" \\ \`\`\` ]]> &lt; @all #1 ** __ \n# H\n- [x] y`;

export const marked: Report = {
  ...unhealthy,
  target: { ...unhealthy.target, workspace: markup },
  rootCauses: [{ ...root!, id: markup, title: markup, subject: markup, detail: markup, docs: [markup] }],
  findings: unhealthy.findings.map((finding) => ({ ...finding, summary: markup, subject: markup })),
  unknowns: unhealthy.unknowns.map((unknown) => ({
    ...unknown,
    reason: markup,
    permission: markup,
    consequence: markup,
  })),
};
