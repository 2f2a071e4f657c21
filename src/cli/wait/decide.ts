import { verdictOf } from "../../model/changes.ts";
import type { Layer } from "../../model/probe.ts";
import type { Report } from "../../model/report.ts";
import type { CachedAnswer } from "./cached-answers.ts";
import type { RunningOperation } from "./running-operations.ts";

/** What one look brought. */
export interface Look {
  readonly report: Report;
  readonly running: readonly RunningOperation[];
  readonly cached: readonly CachedAnswer[];
}

/** Whether another look is worth while. */
export type Decision =
  /** `why` is what the user is told. */
  | { readonly then: "stop"; readonly why: string }
  | {
      readonly then: "look-again";
      readonly why: string;
      /** Not sooner than this, in seconds: until then a resolver gives the same answer. */
      readonly notBefore: number;
      /** Root causes that have had their chance now; see `decide`. */
      readonly excused: ReadonlySet<string>;
    };

/** The name of a root cause across looks. */
function keyOf(root: Report["rootCauses"][number]): string {
  return `${root.id} ${root.subject.toLowerCase()}`;
}

/**
 * Whether to look again. A cause that says of itself that it may heal, and one whose resource Azure is still working on,
 * are waited for. A DNS cause gets one more look, after the smallest TTL of the answers that may be cached (`excused` are
 * those that had it): one that stands then is no matter of caches. Every other cause ends the waiting, as does an open
 * question that only a permission can answer.
 */
export function decide(
  { report, running, cached }: Look,
  layerOf: (reason: string) => Layer | undefined,
  excused: ReadonlySet<string>,
): Decision {
  const again = (why: string, notBefore = 0, more: readonly string[] = []): Decision => ({
    then: "look-again",
    why,
    notBefore,
    excused: new Set([...excused, ...more]),
  });
  const operations = running.map(({ id, state }) => `${id.split("/").at(-1) ?? id} is ${state}`).join(", ");
  switch (verdictOf(report)) {
    case "healthy":
      return running.length === 0 ? { then: "stop", why: "it is healthy" } : again(operations);
    case "inconclusive": {
      const denied = report.unknowns.find(({ matters, permission }) => matters && permission !== undefined);
      return denied?.permission === undefined
        ? again("something that matters could not be checked")
        : { then: "stop", why: `waiting gives nobody a permission: ${denied.permission}` };
    }
    case "unhealthy": {
      const isBusy = (subject: string): boolean => running.some(({ id }) => meets(subject, id));
      const lasting = report.rootCauses.filter(({ healing, subject }) => healing === undefined && !isBusy(subject));
      const ttl = Math.min(...cached.map(({ ttlSeconds }) => ttlSeconds));
      const maybeCached = (root: Report["rootCauses"][number]): boolean =>
        layerOf(root.id) === "dns" && cached.length > 0 && !excused.has(keyOf(root));
      const final = lasting.find((root) => !maybeCached(root));
      if (final !== undefined) return { then: "stop", why: `${final.id} does not heal by itself` };
      const healing = report.rootCauses.map(({ id }) => id).join(", ");
      // A stale look-up of the machine itself is as old as the resolver's answer at most.
      const notBefore = Number.isFinite(ttl) ? ttl : 0;
      return again(operations === "" ? healing : `${healing}; ${operations}`, notBefore, lasting.map(keyOf));
    }
  }
}

/** Whether one of the two is the other, or lies below it. */
function meets(subject: string, id: string): boolean {
  const [a, b] = [subject.toLowerCase(), id.toLowerCase()];
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
