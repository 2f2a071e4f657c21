import { compose } from "../../src/cli/compose.ts";
import { labSurroundings } from "../../src/cli/lab-surroundings.ts";
import type { Surroundings } from "../../src/cli/surroundings.ts";
import { vantageOf } from "../../src/cli/report-vantage.ts";
import { loadProbes } from "../../src/engine/registry.ts";
import { diagnose } from "../../src/engine/run.ts";
import { createStore } from "../../src/engine/store.ts";
import { clouds } from "../../src/model/cloud.ts";
import type { DnsPort } from "../../src/model/ports.ts";
import type { Playbook } from "../../src/model/playbook.ts";
import type { Report } from "../../src/model/report.ts";
import type { Lab, LabOptions } from "../../src/lab/lab.ts";
import type { World } from "../../src/lab/world.ts";

const everything: Playbook = {
  id: "everything",
  symptom: "Something does not work",
  docs: [],
  steps: [{ probe: "*", because: "everything is looked at" }],
};
const probes = loadProbes(new URL("../../probes/", import.meta.url));

const silentLog = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Loopback answers in milliseconds: what has not answered by now is silent. */
const waits = { armMs: 1500, dnsMs: 400, connectMs: 600, kubernetesMs: 1500 };

/** Diagnoses a world over real sockets, in this process. `look` sees the lab before it closes. */
export async function diagnoseWorld(
  world: World,
  options: {
    deadlineMs?: number;
    score?: string;
    scoreAuthorization?: string;
    /** Allows commands in pods. */
    inCluster?: boolean;
    playbook?: Playbook;
    look?: (lab: Lab) => void;
    /** Changes the surroundings, such as to record what goes through them. */
    through?: (around: Surroundings) => Surroundings;
    /** Takes the place of the lab's DNS, or stands before it. */
    dns?: (dns: DnsPort) => DnsPort;
    /** A lab that misbehaves. */
    lab?: LabOptions;
    /** Longer waits than the usual ones, for a machine that does much else. */
    waits?: typeof waits;
  } = {},
): Promise<Report> {
  // The identity library remembers the first metadata service of a process, so that a second lab's is never asked. Its
  // other credentials do not; the managed identity has tests of its own, one process each.
  const around = await labSurroundings(
    { ...world, identity: { ...world.identity, kind: "servicePrincipal" } },
    undefined,
    options.waits ?? waits,
    options.lab,
  );
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(options.deadlineMs ?? 15_000)]);
  try {
    const { target } = world;
    const { context: own, stats } = compose(options.through?.(around) ?? around, {
      target: {
        subscriptionId: target.subscriptionId,
        resourceGroup: target.resourceGroup,
        workspace: target.workspace,
        ...(target.endpoint ? { endpoint: target.endpoint } : {}),
        ...(target.deployment ? { deployment: target.deployment } : {}),
      },
      cloud: clouds[world.cloud],
      azureDns: undefined,
      score: options.score,
      scoreAuthorization: options.scoreAuthorization,
      inCluster: options.inCluster,
      signal,
      log: silentLog,
    });
    const context = options.dns === undefined ? own : { ...own, dns: options.dns(own.dns) };
    const store = createStore(context);
    const report = await diagnose({
      probes: await probes,
      playbook: options.playbook ?? everything,
      context,
      store,
      tool: { name: "aml-doctor", version: "0.0.0" },
      target: { ...context.target, cloud: context.cloud.name },
      vantage: () => vantageOf(context, store),
      startedAt: "2026-01-01T00:00:00.000Z",
      now: () => performance.now(),
      stats: () => stats,
    });
    options.look?.(around.lab);
    return report;
  } finally {
    ended.abort();
    await around.close();
  }
}

/** One line that says what a report found, for messages of failing tests. */
export function summary(report: Report): string {
  const roots = report.rootCauses.map(({ id, subject, confidence }) => `${id} on ${subject} (${confidence})`);
  const unknown = report.unknowns.filter(({ matters }) => matters).map(({ probe, reason }) => `${probe}: ${reason}`);
  return `${report.verdict}; roots: ${roots.join("; ") || "none"}; unknown: ${unknown.join("; ") || "none"}`;
}
