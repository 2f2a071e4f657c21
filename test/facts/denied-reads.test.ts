import { describe, expect, it } from "vitest";
import { factsOf } from "../../src/engine/fact-graph.ts";
import { loadProbes } from "../../src/engine/registry.ts";
import { deniedReads } from "../../src/facts/denied-reads.ts";
import { gapAt, seen } from "../../src/model/observation.ts";
import type { Context } from "../../src/model/ports.ts";

const group = "/subscriptions/s/resourceGroups/rg";
const refused = (at: string, action: string, scope?: string) =>
  gapAt(at, { gap: "denied", status: 403, action, ...(scope === undefined ? {} : { scope }) });

async function found(observations: object): Promise<unknown> {
  const seen = await deniedReads.collect({ ...observations }, {} as Context);
  return seen.is === "value" ? seen.value : seen.is;
}

describe("the reads that were refused", () => {
  it.each([
    ["nothing", { registry: seen({ id: "r" }) }, []],
    [
      "a resource",
      { registry: refused(`GET ${group}/providers/N/types/one`, "Microsoft.N/types/read") },
      [{ action: "Microsoft.N/types/read", scope: `${group}/providers/N/types/one` }],
    ],
    [
      "a list of a resource",
      { registry: refused(`GET ${group}/providers/N/types/one/parts`, "Microsoft.N/types/parts/read") },
      [{ action: "Microsoft.N/types/parts/read", scope: `${group}/providers/N/types/one` }],
    ],
    [
      "a list of a subscription",
      { registry: refused("GET /subscriptions/s/providers/N/types", "Microsoft.N/types/read") },
      [{ action: "Microsoft.N/types/read", scope: "/subscriptions/s" }],
    ],
    [
      "the scope that the service names, twice, and deep inside",
      {
        registry: refused("GET /x", "Microsoft.N/types/read", group),
        subnets: seen([{ id: "a", is: refused("GET /y", "microsoft.n/types/read", group.toUpperCase()) }]),
      },
      [{ action: "Microsoft.N/types/read", scope: group }],
    ],
    [
      "what is above all scopes",
      { registry: refused("GET /subscriptions", "Microsoft.R/s/read") },
      [{ action: "Microsoft.R/s/read" }],
    ],
    [
      "a POST, a sign-in and a silence",
      {
        registry: refused("POST /x", "Microsoft.N/types/do/action"),
        hub: gapAt("GET /x", { gap: "denied", status: 401 }),
        keyVault: gapAt("GET /x", { gap: "timed-out", afterMs: 1 }),
      },
      [],
    ],
  ])("%s", async (_, observations, wanted) => {
    expect(await found(observations)).toEqual(wanted);
  });

  it("are looked for in every fact that reads", async () => {
    const { probes } = await loadProbes(new URL("../../probes/", import.meta.url));
    const reading = factsOf(probes.map(({ needs }) => needs)).filter(({ reads }) =>
      reads.some((action) => action.endsWith("/read")),
    );
    const covered = new Set(factsOf([deniedReads.needs]).map(({ key }) => key));
    // A refusal of the first is the refusal of the workspace itself; the others read what is told of elsewhere.
    const left = ["arm/endpoint-names", "dns/region-wildcard"];
    expect(reading.map(({ key }) => key).filter((key) => !covered.has(key) && !left.includes(key))).toEqual([]);
  });
});
