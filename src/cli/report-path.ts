import type { Path } from "../facts/paths.ts";
import type { Hop } from "../model/picture.ts";
import type { Report, ReportFinding } from "../model/report.ts";
import { shortList } from "../model/text.ts";
import { hopOf } from "./hop-of.ts";

interface Station {
  readonly id: string;
  readonly title: string;
  readonly after: readonly string[];
  /** Left out where nothing was judged there: not every estate has one. */
  readonly optional?: true;
  name(report: Report, paths: readonly Path[]): string;
}

/** The way in, and from the deployment on to what it needs. */
const stations: readonly Station[] = [
  { id: "machine", title: "This machine", after: [], name: ({ vantage }) => vantage.name },
  { id: "resolvers", title: "DNS resolvers", after: ["machine"], name: ({ vantage }) => shortList(vantage.resolvers) },
  { id: "zones", title: "Zones and links", after: ["resolvers"], name: (_, paths) => zonesName(paths) },
  {
    id: "private-endpoint",
    title: "Private endpoint",
    after: ["zones"],
    name: (_, paths) => shortList(endpointNames(paths), 2),
  },
  { id: "workspace", title: "Workspace", after: ["private-endpoint"], name: ({ target }) => target.workspace },
  { id: "endpoint", title: "Online endpoint", after: ["workspace"], name: ({ target }) => target.endpoint ?? "" },
  { id: "kubernetes", title: "Kubernetes cluster", after: ["endpoint"], optional: true, name: () => "" },
  {
    id: "deployment",
    title: "Deployment",
    after: ["kubernetes", "endpoint"],
    name: ({ target }) => target.deployment ?? "",
  },
  { id: "managed-network", title: "Managed network", after: ["deployment"], optional: true, name: () => "" },
  dependency("registry", "Container registry", /^registry/),
  dependency("key-vault", "Key vault", /^key-vault$/),
  dependency("storage", "Storage", /^(blob|file|queue|table|dfs)$/),
];

/** The way from this machine to what a deployment needs, with what was found at each hop. Findings that belong to none
 * of the usual hops get one of their own when they are bad news, so that the picture hides nothing. */
export function pathOf(report: Report, paths: readonly Path[]): Hop[] {
  const at = Map.groupBy(report.findings, hopOf);
  const shown = stations.filter(
    ({ id, optional }) => !optional || (at.get(id) ?? []).some(({ status }) => status !== "skipped"),
  );
  const ids = new Set(shown.map(({ id }) => id));
  const known = new Set(stations.map(({ id }) => id));
  const others = [...at].filter(
    ([id, findings]) => !known.has(id) && findings.some(({ status }) => status === "fail" || status === "warn"),
  );
  return [
    ...shown.map((station) => ({
      id: station.id,
      title: station.title,
      name: station.name(report, paths),
      after: station.after.filter((id) => ids.has(id)).slice(0, 1),
      ...judged(report, station.id, at.get(station.id) ?? []),
    })),
    ...others.map(([id, findings]) => ({
      id,
      title: `${id.charAt(0).toUpperCase()}${id.slice(1).replaceAll("-", " ")}`,
      name: "",
      after: ["workspace"],
      ...judged(report, id, findings),
    })),
  ];
}

function judged(
  report: Report,
  hop: string,
  findings: readonly ReportFinding[],
): Pick<Hop, "status" | "words" | "causes"> {
  const roots = report.rootCauses.filter((root) => hopOf(root) === hop);
  const of = (status: ReportFinding["status"]) => findings.filter((finding) => finding.status === status);
  const failed = of("fail");
  const open = report.unknowns.filter((unknown) => unknown.matters && hopOf(unknown) === hop);
  const warned = of("warn");
  const passed = of("pass");
  const skipped = of("skipped");
  const causes = [...new Set(roots.map(({ id }) => id))];
  if (roots.length > 0) return { status: "broken", words: sentence(roots.map(({ title }) => title)), causes };
  if (failed.length > 0) return { status: "affected", words: sentence(failed.map(({ summary }) => summary)), causes };
  if (open.length > 0) return { status: "unknown", words: sentence(open.map(({ reason }) => reason)), causes };
  if (warned.length > 0) return { status: "warning", words: sentence(warned.map(({ summary }) => summary)), causes };
  if (passed.length > 0)
    return { status: "ok", words: `${passed.length === 1 ? "1 check" : `${passed.length} checks`} passed`, causes };
  const [why] = skipped;
  return { status: "none", words: why?.summary ?? "not looked at in this run", causes };
}

function sentence(parts: readonly string[]): string {
  const [first = "", ...more] = new Set(parts);
  return more.length === 0 ? first : `${first}; and ${more.length} more`;
}

function dependency(id: string, title: string, service: RegExp): Station {
  const nameOf = (paths: readonly Path[]) =>
    shortList([
      ...new Set(paths.filter(({ name }) => service.test(name.service)).map(({ name }) => lastPart(name.resourceId))),
    ]);
  return { id, title, after: ["managed-network", "deployment"], name: (_, paths) => nameOf(paths) };
}

function zonesName(paths: readonly Path[]): string {
  const zones = new Set(paths.filter(({ name }) => name.expected.length > 0).map(({ name }) => name.zone));
  return zones.size === 0 ? "" : zones.size === 1 ? "1 zone" : `${zones.size} zones`;
}

/** The private endpoints by which the workspace itself is reached. */
function endpointNames(paths: readonly Path[]): string[] {
  const own = paths.filter(({ name }) => name.groupId.toLowerCase() === "amlworkspace");
  return [
    ...new Set(own.flatMap(({ name }) => name.expected.map(({ privateEndpointId }) => lastPart(privateEndpointId)))),
  ];
}

function lastPart(id: string): string {
  return id.split("/").at(-1) ?? id;
}
