import { beforeAll, describe, expect, it } from "vitest";
import type { World } from "../../src/lab/world.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline, type Baseline } from "./edit.ts";
import { inTurn, spread } from "./in-turn.ts";

/** One thing that a healthy estate no longer shows, or shows late. */
interface Variant {
  readonly kind: string;
  readonly story: string;
  readonly change: (world: World) => void;
}

/** What may become of one DNS answer. */
const faultsOfAnswers = {
  "answer fails": { rcode: "SERVFAIL" },
  "answer refused": { rcode: "REFUSED" },
  "answer empty": { rcode: "NOERROR" },
  "name denied": { rcode: "NXDOMAIN" },
  "answer lost": { behaviour: "timeout" },
  "answer lost over UDP": { behaviour: "udp-timeout" },
  "answer malformed": { behaviour: "malformed" },
} as const;

/** Every resource: gone, refused, without properties, late; every DNS answer: failed, denied, lost, broken. */
function variantsOf(name: Baseline): Variant[] {
  const world = baseline(name);
  const resources = world.arm.resources.flatMap(({ id, type }): Variant[] => [
    {
      kind: "resource gone",
      story: id,
      change: (one) => (one.arm.resources = one.arm.resources.filter((other) => other.id !== id)),
    },
    {
      kind: "resource refused",
      story: id,
      change: (one) => one.arm.denied.push({ action: `${type}/read`, scope: id }),
    },
    {
      kind: "resource empty",
      story: id,
      change: (one) => {
        const emptied = one.arm.resources.find((other) => other.id === id);
        if (emptied !== undefined) emptied["properties"] = {};
      },
    },
    {
      kind: "resource late",
      story: id,
      change: (one) => one.arm.faults.push({ match: id, delayMs: 20_000 }),
    },
  ]);
  const answers = Object.entries(world.dns.servers).flatMap(([server, { records }]) =>
    [...new Set(records.map((record) => record.name))].flatMap((record) =>
      Object.entries(faultsOfAnswers).map(([kind, fault]): Variant => ({
        kind: `DNS ${kind}`,
        story: `${record} at ${server}`,
        change: (one) => one.dns.servers[server]?.overrides.push({ name: record, ...fault }),
      })),
    ),
  );
  return [...resources, ...answers];
}

/** What is seen, and true, when the thing in question is really not there: the look-up worked and said so. */
const trueOfGone =
  /^(infdns-model-endpoint-name-mismatch|ws-provisioning-or-missing-dependency|ws-dependencies-|k8s-namespace-or-compute-invalid|k8s-deps-without-pe)/;
/** A server that fails on a name, or denies it, does so: the fault is a measurement, not a conclusion. */
const trueOfAnswers =
  /(-dns-resolves-public|^scoring-name-unresolvable|^ws-pna-disabled-client-public|^infdns-k8s-custom-domain|^dns-compute-instance-fqdn)$/;

function isTrue(kind: string, id: string): boolean {
  return (kind.startsWith("DNS") ? trueOfAnswers : trueOfGone).test(id);
}

describe("a healthy estate of which one thing is not seen yields no false confirmed cause", () => {
  beforeAll(() => diagnoseWorld(baseline("managed-network")));

  it.each(["managed-network", "hub-dns", "customer-network", "public", "kubernetes"] as const)(
    "%s",
    async (name) => {
      const table = new Map<string, { runs: number; healthy: number; inconclusive: number; unhealthy: number }>();
      const wrong: string[] = [];
      const variants = variantsOf(name);
      await inTurn(spread(variants, 41, name.length), async ({ kind, story, change }) => {
        const world = baseline(name);
        change(world);
        const report = await diagnoseWorld(world);
        const row = table.get(kind) ?? { runs: 0, healthy: 0, inconclusive: 0, unhealthy: 0 };
        row.runs += 1;
        row[report.verdict] += 1;
        table.set(kind, row);
        const untrue = report.rootCauses.filter(
          ({ id, confidence }) => confidence === "confirmed" && !isTrue(kind, id),
        );
        if (untrue.length > 0) wrong.push(`${kind}: ${story}: ${summary(report)}`);
      });
      console.table(Object.fromEntries(table));
      expect(wrong).toEqual([]);
    },
    900_000,
  );
});
