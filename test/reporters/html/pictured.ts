import type { Report } from "../../../src/model/report.ts";
import { checked } from "../checked.ts";
import { inconclusive, unhealthy } from "../reports.ts";

const answer = { text: "10.1.2.5", relation: "expected", fit: "good" } as const;

const path: NonNullable<Report["path"]> = [
  {
    id: "machine",
    title: "This machine",
    name: "vm-jump",
    status: "ok",
    words: "1 check passed",
    after: [],
    causes: [],
  },
  {
    id: "resolvers",
    title: "DNS resolvers",
    name: "10.0.0.4",
    status: "affected",
    words: "A name does not resolve",
    after: ["machine"],
    causes: [],
  },
  {
    id: "zones",
    title: "Zones and links",
    name: "8 zones",
    status: "broken",
    words: "A zone is not linked",
    after: ["resolvers"],
    causes: ["dns-zone-not-linked"],
  },
  {
    id: "workspace",
    title: "Workspace",
    name: "mlprod",
    status: "warning",
    words: "It has a remark",
    after: ["zones"],
    causes: [],
  },
  {
    id: "registry",
    title: "Container registry",
    name: "acrmlprod",
    status: "unknown",
    words: "access was denied",
    after: ["workspace"],
    causes: [],
  },
  {
    id: "storage",
    title: "Storage",
    name: "",
    status: "none",
    words: "not looked at in this run",
    after: ["workspace"],
    causes: [],
  },
];

const matrix: NonNullable<Report["matrix"]> = [
  {
    fqdn: "mlprod.example",
    service: "workspace-api",
    resourceId: "/subscriptions/s/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/mlprod",
    private: true,
    expected: ["10.1.2.5"],
    system: { text: "203.0.113.7", relation: "public", fit: "bad" },
    resolvers: [{ server: "10.0.0.4", text: "203.0.113.7", relation: "public", fit: "bad" }],
    azure: { server: "168.63.129.16", ...answer },
    reaches: [
      {
        address: "10.1.2.5",
        expected: true,
        tcp: { text: "open", fit: "good" },
        tls: { text: "established", fit: "good" },
        http: { text: "403", fit: "open" },
      },
      { address: "203.0.113.7", expected: false, tcp: { text: "timeout", fit: "bad" } },
    ],
  },
  {
    fqdn: "st.blob.example",
    service: "blob",
    resourceId: "/subscriptions/s/resourceGroups/rg-ml/providers/Microsoft.Storage/storageAccounts/st",
    private: false,
    expected: [],
    system: { text: "timeout", relation: "no-answer", fit: "open" },
    resolvers: [],
    azure: { server: "168.63.129.16", text: "timeout", relation: "no-answer", fit: "open" },
    reaches: [],
  },
];

/** A report in which everything that the page can show is there. */
export const pictured: Report = {
  ...checked,
  path,
  matrix,
  complete: false,
  unknowns: [...unhealthy.unknowns, ...inconclusive.unknowns],
};

/** Members whose values come from lists of ours and never from outside. */
const ours = new Set([
  "schema",
  "verdict",
  "status",
  "relation",
  "fit",
  "confidence",
  "severity",
  "shell",
  "kind",
  "state",
  "previousVerdict",
]);

/** The report with every text that may come from outside replaced, names of members included. */
export function rewritten(report: Report, text: string): Report {
  return rewrite(report, text) as Report;
}

function rewrite(value: unknown, text: string, member = ""): unknown {
  if (typeof value === "string") return ours.has(member) ? value : text;
  if (Array.isArray(value)) return value.map((item) => rewrite(item, text, member));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [member === "proxy" ? text : key, rewrite(item, text, key)]),
  );
}
