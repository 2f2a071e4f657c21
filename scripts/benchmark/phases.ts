import { watched, lengthOf, type Interval } from "./watched.ts";

/** Where the time of one diagnosis goes: what, and how many milliseconds. Calls overlap, so the parts do not add up. */
export type Phases = readonly (readonly [string, number])[];

const deadlineMs = 60_000;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Diagnoses the demo's estate in this process, which must not have loaded the program before: loading is measured too. */
export async function measurePhases(): Promise<Phases> {
  const phases: [string, number][] = [];
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const done = await work();
    phases.push([name, performance.now() - from]);
    return done;
  };
  const [{ compose }, { createCredential }, { diagnose }, { createRegistry }, { createStore }, { vantageOf }] =
    await timed("import engine, Azure libraries, sockets", () =>
      Promise.all([
        import("../../src/cli/compose.ts"),
        import("../../src/azure/credential.ts"),
        import("../../src/engine/run.ts"),
        import("../../src/engine/create-registry.ts"),
        import("../../src/engine/store.ts"),
        import("../../src/cli/report-vantage.ts"),
      ]),
    );
  const knowledge = await timed("import probes, read playbooks", async () =>
    (await import("../../src/cli/knowledge.ts")).readKnowledge(undefined),
  );
  const [{ clouds }, { parseWorld }, { readShipped }, { labSurroundings }] = await Promise.all([
    import("../../src/model/cloud.ts"),
    import("../../src/lab/world.ts"),
    import("../../src/cli/shipped.ts"),
    import("../../src/cli/lab-surroundings.ts"),
  ]);
  const file = "src/lab/demo-world.json";
  const world = parseWorld((await readShipped(file)) ?? "", file);
  const playbook = knowledge.playbooks.find(({ id }) => id === "everything");
  if (playbook === undefined) throw new Error("there is no playbook that looks at everything");
  const around = await labSurroundings(world, undefined);
  try {
    const signal = AbortSignal.timeout(deadlineMs);
    const ca = around.authorities.join("\n");
    await timed("sign in, alone and for the first time", () =>
      createCredential({ ...around.signIn, ca, proxyFor: () => undefined, signal, deadlineMs }).getToken(
        `${around.resourceManager}/.default`,
      ),
    );
    const { target, cloud } = world;
    const composed = compose(around, {
      target: {
        subscriptionId: target.subscriptionId,
        resourceGroup: target.resourceGroup,
        workspace: target.workspace,
        ...(target.endpoint ? { endpoint: target.endpoint } : {}),
        ...(target.deployment ? { deployment: target.deployment } : {}),
      },
      cloud: clouds[cloud],
      azureDns: undefined,
      score: undefined,
      signal,
      log: silent,
    });
    const arm: Interval[] = [];
    const dns: Interval[] = [];
    const dial: Interval[] = [];
    const judge: Interval[] = [];
    const context = {
      ...composed.context,
      arm: watched(composed.context.arm, arm),
      dns: watched(composed.context.dns, dns),
      net: watched(composed.context.net, dial),
    };
    const probes = createRegistry(knowledge.probes.probes.map((probe) => watched(probe, judge)));
    const store = createStore(context, silent);
    await timed("diagnose", () =>
      diagnose({
        probes,
        playbook,
        context,
        store,
        tool: { name: "aml-doctor", version: "0.0.0" },
        target: { ...context.target, cloud },
        vantage: () => vantageOf(context, store),
        startedAt: new Date().toISOString(),
        now: () => performance.now(),
        stats: () => composed.stats,
      }),
    );
    const parts: readonly [string, readonly Interval[]][] = [
      ["ask Resource Manager, sign-in included", arm],
      ["ask DNS servers", dns],
      ["dial: TCP, TLS, HTTP", dial],
      ["judge", judge],
    ];
    for (const [name, intervals] of parts) phases.push([`  ${name} (${intervals.length} calls)`, lengthOf(intervals)]);
    return phases;
  } finally {
    await around.close();
  }
}
