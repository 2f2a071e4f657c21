import * as z from "zod";
import { clouds } from "../../src/model/cloud.ts";
import { defineFact, type Fact } from "../../src/model/fact.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { Context } from "../../src/model/ports.ts";
import { defineProbe, reason, type Cause, type Layer, type Probe } from "../../src/model/probe.ts";
import { createRegistry, type Registry } from "../../src/engine/registry.ts";
import { findingOf, type Finding } from "../../src/engine/finding.ts";
import { speechFor } from "../../src/engine/say.ts";

export const target = { subscriptionId: "00000000-0000-4000-8000-000000000001", resourceGroup: "rg", workspace: "ws" };

/** A context whose ports refuse to be used: the facts of these tests make their own observations. */
export function contextWith(signal: AbortSignal = new AbortController().signal): Context {
  const unused = new Proxy(
    {},
    {
      get: () => () => {
        throw new Error("no port is used here");
      },
    },
  );
  return {
    arm: unused,
    dns: unused,
    net: unused,
    machine: unused,
    target,
    cloud: clouds.AzureCloud,
    azureDns: "168.63.129.16",
    signal,
  } as Context;
}

/** A fact that observes what it is told to. */
export function factOf<T>(
  key: string,
  observation: Observation<T> | (() => Observation<T> | Promise<Observation<T>>),
  reads: string[] = [],
): Fact<T> {
  return defineFact({
    key,
    needs: {},
    reads,
    schema: z.any(),
    collect: () => (typeof observation === "function" ? observation() : observation),
  });
}

/** A reason with the least texts. */
export function because(causedBy: readonly Cause[] = [], severity: "error" | "warning" = "error") {
  return reason({
    severity,
    title: "it is broken",
    causedBy,
    fix: () => ({ summary: "Mend it", commands: [], verify: [] }),
  });
}

/** What a test says of a probe; needs are as `defineProbe` takes them. */
export type MadeUp = Partial<Omit<Probe, "needs"> & { needs: object }>;

/** A probe whose judge is given; it needs nothing unless told so. */
export function probeOf(id: string, more: MadeUp = {}): Probe {
  return defineProbe({
    id,
    title: `${id} is well`,
    layer: "dns",
    docs: ["https://example.test/doc"],
    needs: {},
    reasons: {},
    judge: (_, say) => say.pass(),
    ...more,
  });
}

/** Probes that find one failure id each: `area/<id>`, with these causes. */
export function faults(
  causes: Readonly<Record<string, readonly Cause[]>>,
  layer: Readonly<Record<string, Layer>> = {},
): Registry {
  return createRegistry(
    Object.entries(causes).map(([id, causedBy]) =>
      probeOf(`area/${id}`, { layer: layer[id] ?? "dns", reasons: { [id]: because(causedBy) } }),
    ),
  );
}

/** A finding of this failure id. */
export function found(
  registry: Registry,
  id: string,
  subject: string,
  more: { about?: string[]; as?: "warning" } = {},
): Finding {
  const probe = ownerOf(registry, id);
  return findingOf(probe, speechFor(probe).say.found(id, { subject, evidence: [], ...more }));
}

/** What the owner of this failure id could not decide. */
export function unknown(registry: Registry, id: string, subject?: string): Finding {
  const probe = ownerOf(registry, id);
  return findingOf(probe, speechFor(probe).say.unknown("not seen", subject === undefined ? {} : { subject }));
}

function ownerOf(registry: Registry, id: string): Probe {
  const probe = registry.probeOfReason(id);
  if (probe === undefined) throw new Error(`no probe finds ${id}`);
  return probe;
}
