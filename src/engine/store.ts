import type { Fact } from "../model/fact.ts";
import { absent, gapAt, seen, type Observation } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import { needsOf } from "./fact-graph.ts";
import { messageOf, type EngineLog } from "./log.ts";
import { handOver } from "./needs.ts";

/** What has been seen so far. Each fact is looked up at most once. */
export interface Store {
  /** The observation of a fact; never rejects. The value has passed the fact's schema. */
  observe<T>(fact: Fact<T>): Promise<Observation<T>>;
  /** Starts the look-ups without waiting for them. */
  prefetch(facts: Iterable<Fact<unknown>>): void;
  /** What has arrived by now, by fact key: the contents of a bundle. */
  snapshot(): Record<string, Observation<unknown>>;
  /** How often a fact was asked for that was already known or under way. */
  cacheHits(): number;
}

/**
 * A store that looks things up through the ports of `context`. `now` gives milliseconds; only differences are used.
 *
 * A look-up that throws is a gap, as is one whose value does not fit its schema; one that outlives `context.signal` is
 * given up, so that nothing waits longer than the run may.
 */
export function createStore(context: Context, log?: EngineLog, now: () => number = () => performance.now()): Store {
  const asked = new Map<string, Promise<Observation<unknown>>>();
  const arrived = new Map<string, Observation<unknown>>();
  const start = now();
  let hits = 0;

  // One promise for all look-ups: a listener for each would pile up on the signal.
  const ended = new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    else context.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const outOfTime = (fact: Fact<unknown>): Observation<never> =>
    gapAt(fact.key, { gap: "timed-out", afterMs: Math.max(0, Math.round(now() - start)) });

  async function look(fact: Fact<unknown>): Promise<Observation<unknown>> {
    const handed = await handOver(needsOf(fact.needs), observe);
    if (handed.is === "absent") return absent;
    const gap = handed.is === "gaps" ? handed.gaps[0] : undefined;
    if (gap !== undefined) return gap;
    if (context.signal.aborted) return outOfTime(fact);
    const given = handed.is === "ready" ? handed.facts : {};
    return Promise.race([Promise.resolve(fact.collect(given, context)), ended.then(() => outOfTime(fact))]);
  }

  async function settle(fact: Fact<unknown>): Promise<Observation<unknown>> {
    const began = now();
    let observation: Observation<unknown>;
    try {
      observation = withPermission(fact, withShape(fact, await look(fact)));
    } catch (thrown) {
      log?.error({ fact: fact.key, err: thrown }, "fact threw");
      observation = gapAt(fact.key, { gap: "error", code: "fact-failed", message: messageOf(thrown) });
    }
    arrived.set(fact.key, observation);
    log?.debug({ fact: fact.key, is: observation.is, ms: Math.round(now() - began) }, "fact");
    return observation;
  }

  function observe<T>(fact: Fact<T>): Promise<Observation<T>> {
    const known = asked.get(fact.key);
    if (known !== undefined) hits += 1;
    const observation = known ?? settle(fact);
    asked.set(fact.key, observation);
    // The value has passed this fact's schema, and the registry refuses two facts of one key.
    return observation as Promise<Observation<T>>;
  }

  return {
    observe,
    prefetch: (facts) => {
      for (const fact of facts) if (!asked.has(fact.key)) void observe(fact);
    },
    snapshot: () => Object.fromEntries([...arrived].sort(([a], [b]) => (a < b ? -1 : 1))),
    cacheHits: () => hits,
  };
}

/** The value as its schema lets it through: fields that are not named there are gone. */
function withShape(fact: Fact<unknown>, observation: Observation<unknown>): Observation<unknown> {
  if (observation.is !== "value") return observation;
  const parsed = fact.schema.safeParse(observation.value);
  if (parsed.success) return seen(parsed.data);
  const issue = parsed.error.issues[0];
  const path = issue === undefined || issue.path.length === 0 ? "the value" : issue.path.join(".");
  return gapAt(fact.key, {
    gap: "error",
    code: "unexpected-shape",
    message: `${path}: ${issue?.message ?? "does not fit"}`,
  });
}

/** A refusal that does not name the action it wanted is given the fact's own, here where it arose: a fact that only
 * passes the gap on reads other things. A sign-in that was not accepted (401) is not cured by a permission. */
function withPermission(fact: Fact<unknown>, observation: Observation<unknown>): Observation<unknown> {
  if (observation.is !== "gap" || observation.gap !== "denied" || observation.status !== 403) return observation;
  const action = fact.reads[0];
  return observation.action !== undefined || action === undefined ? observation : { ...observation, action };
}
