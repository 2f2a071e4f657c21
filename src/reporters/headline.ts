import { firstCloud } from "../model/cloud.ts";
import type { Report } from "../model/report.ts";
import { counted } from "./count.ts";
import type { Marks, Page, Style } from "./page.ts";

/** Writes the first lines: the verdict, what was diagnosed, and from where. */
export function headline(page: Page, marks: Marks, report: Report): void {
  const { target, vantage } = report;
  const [lead, word, style] = verdictOf(report, marks);
  const what = [target.workspace, target.endpoint, target.deployment].filter((name) => name !== undefined).join(" / ");
  page.prose(0, `${word} ${what}: ${because(report)}`, { lead: `${lead} `, style });
  if (!report.complete) {
    page.prose(2, "The run was cut short, by its deadline or by an interruption. This is what was known by then.", {
      style: "doubt",
    });
  }
  page.prose(2, `Resource group ${target.resourceGroup}, subscription ${target.subscriptionId}, ${target.cloud}`, {
    style: "faint",
  });
  if (target.cloud !== firstCloud)
    page.prose(2, `The az commands are for this cloud: az cloud set --name ${target.cloud}`, { style: "faint" });
  page.prose(
    2,
    `Seen from ${vantage.name}${listed(" at ", vantage.addresses)}${listed(", resolver ", vantage.resolvers)}`,
    { style: "faint" },
  );
  if (vantage.vnetId !== undefined) page.prose(2, `Network ${page.brief(vantage.vnetId)}`, { style: "faint" });
  for (const { namespace, servers } of vantage.resolverRules ?? [])
    page.prose(2, `Names in ${namespace} are asked of ${servers.join(", ") || "the usual resolvers"}`, {
      style: "faint",
    });
  for (const [variable, proxy] of Object.entries(vantage.proxy ?? {}))
    page.prose(2, `${variable}=${proxy}`, { style: "faint" });
}

function listed(before: string, items: readonly string[]): string {
  return items.length === 0 ? "" : `${before}${items.join(", ")}`;
}

function verdictOf({ verdict }: Report, marks: Marks): [lead: string, word: string, style: Style] {
  switch (verdict) {
    case "healthy":
      return [marks.pass, "HEALTHY", "good"];
    case "unhealthy":
      return [marks.fail, "UNHEALTHY", "bad"];
    case "inconclusive":
      return [marks.unknown, "INCONCLUSIVE", "doubt"];
  }
}

/** Why the verdict is what it is, in a few words without a full stop. */
export function because({ verdict, rootCauses, findings, unknowns }: Report): string {
  const warnings = findings.filter((finding) => finding.status === "warn").length;
  const open = unknowns.filter((unknown) => unknown.matters).length;
  const openText = `${counted(open, "thing")} that ${open === 1 ? "matters" : "matter"} could not be checked`;
  switch (verdict) {
    case "healthy":
      return `everything that matters was checked and works${warnings === 0 ? "" : `; ${counted(warnings, "warning")}`}`;
    case "unhealthy": {
      const explained = new Set(
        rootCauses.flatMap((root) => root.explains.map(({ id, subject }) => `${id} ${subject}`)),
      ).size;
      const roots = counted(rootCauses.length, "root cause");
      return `${roots}${explained === 0 ? "" : `, behind ${counted(explained, "further failure")}`}${open === 0 ? "" : `; ${openText}`}`;
    }
    case "inconclusive":
      return `nothing is known to be broken, but ${openText}`;
  }
}
