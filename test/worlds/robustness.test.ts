import { beforeAll, describe, expect, it } from "vitest";
import type { World } from "../../src/lab/world.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { inTurn, spread } from "./in-turn.ts";
import { answerLike, baseline, hubDns, publicDns, type Baseline } from "./edit.ts";

/** What can befall one look-up. None of it says anything about the estate. */
const mishaps: Readonly<Record<string, (match: string) => World["arm"]["faults"][number]>> = {
  "is refused": (match) => ({
    match,
    status: 403,
    body: {
      error: {
        code: "AuthorizationFailed",
        message:
          "The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.Example/things/read' over scope '/subscriptions/s' or the scope is invalid.",
      },
    },
  }),
  "is throttled": (match) => ({ match, status: 429, headers: { "retry-after": "60" } }),
  "brings a page of a proxy": (match) => ({
    match,
    status: 200,
    headers: { "content-type": "text/html" },
    body: "<html><body>Sign in to the guest network</body></html>",
  }),
  "brings JSON of another shape": (match) => ({
    match,
    status: 200,
    body: { value: [{ id: 7, properties: "none" }], properties: [], name: null },
  }),
  fails: (match) => ({ match, status: 500 }),
  "never answers": (match) => ({ match, delayMs: 60_000 }),
};

/** Every request of a diagnosis, as a fault matches it. */
async function requestsOf(world: World): Promise<string[]> {
  const seen = new Set<string>();
  await diagnoseWorld(world, {
    look: (lab) => {
      for (const { method, path } of lab.requests())
        if (path.startsWith("/subscriptions")) seen.add(`${method} ${path}?api-version`);
    },
  });
  return [...seen].sort();
}

const secrets = [/eyJ[\w-]{10,}\.[\w-]{10,}/, /AccountKey=/i, /lab-secret/, /\bsig=/, /Bearer [\w-]{20,}/];

async function eachLookUp(
  name: Baseline,
  change: (world: World) => void,
  allowed: readonly string[],
  from: number,
): Promise<void> {
  const healthy = baseline(name);
  change(healthy);
  const requests = await requestsOf(healthy);
  expect(requests.length).toBeGreaterThan(40);
  const cases = requests.flatMap((match) =>
    Object.entries(mishaps).map(([mishap, fault]) => ({ match, mishap, fault })),
  );
  const wrong: string[] = [];
  // 29 and the six mishaps have no common factor, so that a spread meets every mishap.
  await inTurn(spread(cases, 29, from), async (one) => {
    const world = baseline(name);
    change(world);
    world.arm.faults.push(one.fault(one.match));
    const story = `${one.match.replace("?api-version", "")} ${one.mishap}`;
    let writes = 0;
    const report = await diagnoseWorld(world, { deadlineMs: 10_000, look: (lab) => (writes = lab.writes()) });
    const text = JSON.stringify(report);
    // Undecided between causes of which one is the right one is no wrong cause.
    const strangers = report.rootCauses.filter(
      ({ id, candidates = [] }) =>
        ![id, ...candidates.map((candidate) => candidate.id)].some((each) => allowed.includes(each)),
    );
    if (strangers.length > 0) wrong.push(`${story}: ${summary(report)}`);
    if (!report.complete) wrong.push(`${story}: the report is not complete`);
    if (writes > 0) wrong.push(`${story}: a write was sent`);
    if (secrets.some((secret) => secret.test(text))) wrong.push(`${story}: a secret is in the report`);
  });
  expect(wrong).toEqual([]);
}

describe("a look-up that meets a mishap, each in turn, is never taken for a fault of the estate", () => {
  beforeAll(() => diagnoseWorld(baseline("managed-network")));

  it("in a healthy estate no cause is found", () => eachLookUp("managed-network", () => undefined, [], 0), 600_000);

  it(
    "in a broken estate no other cause is found",
    () => eachLookUp("hub-dns", (world) => answerLike(world, hubDns, publicDns), ["dns-custom-no-forwarder"], 3),
    600_000,
  );
});
