import { describe, expect, it } from "vitest";
import { cachedAnswers } from "../../src/cli/wait/cached-answers.ts";
import type { Look } from "../../src/cli/wait/decide.ts";
import { runningOperations } from "../../src/cli/wait/running-operations.ts";
import { waitUntilHealthy } from "../../src/cli/wait/wait.ts";
import { dnsAnswers } from "../../src/facts/dns-answers.ts";
import { seen } from "../../src/model/observation.ts";
import type { Report } from "../../src/model/report.ts";

const endpoint =
  "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ml/onlineEndpoints/e";

function look(
  verdict: Report["verdict"],
  more: Partial<Look> & { roots?: readonly object[]; unknowns?: readonly object[] } = {},
): Look {
  const rootCauses = (more.roots ?? []).map((root) => ({ id: "st-firewall", subject: "/x", ...root }));
  return {
    report: { verdict, rootCauses, unknowns: more.unknowns ?? [], findings: [] } as unknown as Report,
    running: more.running ?? [],
    cached: more.cached ?? [],
  };
}

const healthy = look("healthy");
const pending = look("unhealthy", { roots: [{ id: "pe-pending", healing: "by-itself" }] });
const lasting = look("unhealthy", { roots: [{ id: "st-firewall" }] });
const busy = look("healthy", { running: [{ id: endpoint, state: "Updating" }] });
const cached = (ttlSeconds: number) =>
  look("unhealthy", {
    roots: [{ id: "dns-forwarder", subject: "n" }],
    cached: [{ name: "n", server: "10.0.0.4", ttlSeconds }],
  });

/** Runs a wait over these looks, on a clock that only pauses move; the last look stays. */
async function run(looks: readonly Look[], limitSeconds = 3600, interruptAfter = Infinity) {
  let now = 0;
  let count = 0;
  const pauses: number[] = [];
  const told: string[] = [];
  const last = await waitUntilHealthy({
    look: async () => looks[Math.min(count++, looks.length - 1)] ?? healthy,
    layerOf: (reason) => (reason.startsWith("dns-") ? "dns" : "control-plane"),
    limitSeconds,
    clock: {
      now: () => now,
      sleep: async (ms) => {
        pauses.push(ms / 1000);
        now += ms;
      },
    },
    interrupted: () => count >= interruptAfter,
    tell: (text) => void told.push(text),
  });
  return { verdict: last.report.verdict, looks: count, pauses, told: told.at(-1) };
}

describe("waiting", () => {
  it("is over at once when all is well, without a word", async () => {
    expect(await run([healthy])).toEqual({ verdict: "healthy", looks: 1, pauses: [], told: undefined });
  });

  it("goes on while an approval is pending, with growing pauses, and ends when it is healthy", async () => {
    expect(await run([pending, pending, pending, healthy])).toEqual({
      verdict: "healthy",
      looks: 4,
      pauses: [10, 15, 22.5],
      told: "No more waiting: it is healthy.",
    });
  });

  it("ends early when a cause cannot heal by itself, also beside one that can", async () => {
    const both = look("unhealthy", { roots: [{ id: "pe-pending", healing: "by-itself" }, { id: "st-firewall" }] });
    for (const sight of [lasting, both])
      expect(await run([sight])).toMatchObject({
        looks: 1,
        told: "No more waiting: st-firewall does not heal by itself.",
      });
  });

  it("goes on while Azure works on what is broken, or on anything else of a healthy estate", async () => {
    const underWork = look("unhealthy", {
      roots: [{ id: "dep-failed", subject: `${endpoint}/deployments/blue` }],
      running: [{ id: `${endpoint}/deployments/blue`, state: "Updating" }],
    });
    expect(await run([underWork, busy, healthy])).toMatchObject({ verdict: "healthy", looks: 3 });
    const elsewhere = look("unhealthy", { roots: [{ id: "st-firewall" }], running: busy.running });
    expect(await run([elsewhere])).toMatchObject({ looks: 1 });
  });

  it("gives a cached answer its TTL once, and no second time", async () => {
    expect(await run([cached(300), healthy])).toMatchObject({ verdict: "healthy", pauses: [301] });
    expect(await run([cached(300)])).toMatchObject({
      verdict: "unhealthy",
      pauses: [301],
      told: "No more waiting: dns-forwarder does not heal by itself.",
    });
  });

  it("does not wait for a TTL that outlives it", async () => {
    expect(await run([cached(300)], 200)).toMatchObject({ looks: 1, pauses: [] });
  });

  it("ends with its time, after a last look", async () => {
    const { looks, pauses } = await run([pending], 60);
    expect({ looks, pauses }).toEqual({ looks: 5, pauses: [10, 15, 22.5, 12.5] });
  });

  it("never pauses longer than two minutes", async () => {
    expect(Math.max(...(await run([pending], 3600)).pauses)).toBe(120);
  });

  it("looks again after what could not be checked, unless a permission is missing", async () => {
    const throttled = look("inconclusive", { unknowns: [{ matters: true, reason: "throttled" }] });
    const denied = look("inconclusive", {
      unknowns: [{ matters: true, permission: "Microsoft.KeyVault/vaults/read" }],
    });
    expect(await run([throttled, healthy])).toMatchObject({ looks: 2 });
    expect(await run([denied])).toMatchObject({
      looks: 1,
      told: "No more waiting: waiting gives nobody a permission: Microsoft.KeyVault/vaults/read.",
    });
  });

  it("ends when interrupted", async () => {
    expect(await run([pending], 3600, 2)).toMatchObject({ looks: 2 });
  });
});

describe("running operations", () => {
  it("are found wherever Azure writes a state that will end by itself", () => {
    const resource = (id: string, properties: object) => ({ id, properties });
    const read = {
      "arm/workspace": seen(
        resource("/ws", { provisioningState: "Succeeded", managedNetwork: { status: { status: "Provisioning" } } }),
      ),
      "arm/online-endpoints": seen([
        {
          endpoint: resource("/e", { provisioningState: "Updating" }),
          deployments: seen([resource("/d", { provisioningState: "Creating" })]),
        },
      ]),
      "arm/other": seen([
        resource("/p", { provisioningState: "Pending" }),
        resource("/f", { provisioningState: "Failed" }),
      ]),
    };
    expect(runningOperations(read)).toEqual([
      { id: "/d", state: "Creating" },
      { id: "/e", state: "Updating" },
      { id: "/ws", state: "Provisioning" },
    ]);
  });
});

describe("answers that may be cached", () => {
  it("are those that differ from Azure's own DNS and will expire", async () => {
    const answer = (server: string, addresses: readonly string[], ttlSeconds?: number) => ({
      server,
      outcome: "answered",
      addresses,
      ttlSeconds,
    });
    const value = {
      azureDns: "168.63.129.16",
      servers: [],
      names: [
        {
          fqdn: "n",
          azure: answer("168.63.129.16", ["10.0.0.9"]),
          resolvers: [answer("10.0.0.4", ["20.0.0.1"], 60), answer("10.0.0.5", ["10.0.0.9"], 60)],
        },
        { fqdn: "m", azure: answer("168.63.129.16", []), resolvers: [answer("10.0.0.4", ["20.0.0.1"], 60)] },
      ],
    };
    const store = { snapshot: () => ({ [dnsAnswers.key]: seen(value) }), observe: async () => seen(value) };
    expect(await cachedAnswers(store as unknown as Parameters<typeof cachedAnswers>[0])).toEqual([
      { name: "n", server: "10.0.0.4", ttlSeconds: 60 },
    ]);
  });
});
