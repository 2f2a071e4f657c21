import { expect } from "vitest";
import type { DnsPort } from "../../src/model/ports.ts";
import type { World } from "../../src/lab/world.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline, resources, type Baseline } from "./edit.ts";

/** One property of an estate changed, and what a diagnosis must then say. */
export interface Variation {
  /** The story, as a sentence. */
  readonly story: string;
  readonly baseline: Baseline;
  readonly change: (world: World) => void;
  /** Root causes: each entry lists the ids of which one must be reported; no other id may be. */
  readonly roots: readonly (string | readonly string[])[];
  /** Root causes of which there must be one only. */
  readonly once?: readonly string[];
  /** Failing findings that must be folded under the roots. */
  readonly effects?: readonly string[];
  /** Ids that must be found as warnings. */
  readonly warns?: readonly string[];
  /** Ids between which the evidence must be said not to decide. */
  readonly candidates?: readonly string[];
  /** Ids that this estate only resembles: no finding of any kind may have them. */
  readonly not?: readonly string[];
  /** `healthy` without roots and `unhealthy` with some when absent. */
  readonly verdict?: "healthy" | "unhealthy" | "inconclusive";
  /** Text that the remediation must hold. */
  readonly fix?: readonly RegExp[];
  /** Whether commands may be run in pods. */
  readonly inCluster?: boolean;
  /** The scoring request to send, for what only a request meets. */
  readonly score?: { readonly body: string; readonly authorization?: string };
  /** Stands before the lab's DNS, for what no server tells, such as what the machine itself remembers. */
  readonly dns?: (dns: DnsPort) => DnsPort;
}

/** Only DNS and connections are silent in variations, so that the rest may have all the time that a busy machine wants. */
const waits = { armMs: 10_000, dnsMs: 500, connectMs: 700, kubernetesMs: 3000 };

/** The first run loads everything: its short waits would pass meanwhile. */
let warm: Promise<unknown> | undefined;

/** A deployment that is down serves nobody: no variation may call that healthy. */
function hasFailedDeployment(world: World): boolean {
  return resources(world, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments").some(
    ({ properties }) => properties.provisioningState === "Failed",
  );
}

/** Diagnoses the changed estate and fails the test where the report says anything but what the variation wants. */
export async function expectVariation(variation: Variation): Promise<void> {
  const {
    change,
    roots,
    once = [],
    effects = [],
    warns = [],
    candidates = [],
    not = [],
    verdict,
    fix = [],
    score,
    inCluster,
    dns,
  } = variation;
  await (warm ??= diagnoseWorld(baseline("public"), { waits }));
  const world = baseline(variation.baseline);
  change(world);
  const report = await diagnoseWorld(world, {
    waits,
    ...(inCluster === undefined ? {} : { inCluster }),
    ...(score === undefined ? {} : { score: score.body }),
    ...(score?.authorization === undefined ? {} : { scoreAuthorization: score.authorization }),
    ...(dns === undefined ? {} : { dns }),
  });
  const found = report.rootCauses.map(({ id }) => id);
  const said = summary(report);
  if (hasFailedDeployment(world)) expect(report.verdict, said).not.toBe("healthy");
  expect(report.verdict, said).toBe(verdict ?? (roots.length === 0 ? "healthy" : "unhealthy"));
  for (const wanted of roots)
    expect(
      found.some((id) => (typeof wanted === "string" ? id === wanted : wanted.includes(id))),
      said,
    ).toBe(true);
  expect(
    once.filter((id) => found.indexOf(id) !== found.lastIndexOf(id)),
    said,
  ).toEqual([]);
  const allowed = roots.flat();
  expect(
    found.filter((id) => !allowed.includes(id)),
    said,
  ).toEqual([]);
  for (const effect of effects) {
    const folded = report.rootCauses.some(({ explains }) => explains.some(({ id }) => id === effect));
    expect(folded, `${effect} is not folded under a cause: ${said}`).toBe(true);
  }
  const ids = (status: string): string[] =>
    report.findings.filter((finding) => finding.status === status).map(({ id }) => id);
  for (const warned of warns) expect(ids("warn"), said).toContain(warned);
  const open = [...report.rootCauses, ...report.unknowns].flatMap((one) => one.candidates ?? []);
  for (const candidate of candidates) {
    expect(
      open.map(({ id }) => id),
      said,
    ).toContain(candidate);
  }
  const judged = [...ids("warn"), ...ids("fail")];
  expect(
    not.filter((id) => judged.includes(id)),
    said,
  ).toEqual([]);
  const remedies = JSON.stringify(report.rootCauses.map(({ remediation }) => remediation));
  for (const pattern of fix) expect(remedies).toMatch(pattern);
}
