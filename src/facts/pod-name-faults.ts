import { isPublicAddress } from "../model/address.ts";
import { sameId } from "../model/arm-id.ts";
import type { Evidence } from "../model/evidence.ts";
import { gapsOf, valueOf, type GapObservation } from "../model/observation.ts";
import { shortList } from "../model/text.ts";
import type { NameAnswers } from "./dns-answers.ts";
import type { Complaint } from "./kubernetes-complaints.ts";
import type { PodName } from "./pod-names.ts";

/** How a name fails in the cluster's pods, and not here. */
export interface NameFault {
  readonly name: PodName;
  readonly kind: "unresolved" | "dns-silent" | "public";
  /** `nslookup HOST` or `curl --head https://HOST/`, whichever told. */
  readonly command: string;
  readonly said: string;
  /** What this machine gets; empty for a name that it was not asked for. */
  readonly here: readonly string[];
}

/** Whether a name has an address for the pod; undefined when neither command tells. */
export function resolves({ lookUp, head }: PodName): boolean | undefined {
  const [looked, called] = [valueOf(lookUp), valueOf(head)];
  if (looked?.outcome === "answered") return true;
  if (called !== undefined && ["answered", "refused", "timeout", "silent", "tls"].includes(called.outcome)) return true;
  const failed = [looked, called].some((each) => each?.outcome === "unresolved" || each?.outcome === "dns-silent");
  return failed ? false : undefined;
}

/**
 * The names that a cluster's pods cannot resolve, or resolve to a public address that is closed. A name that this machine
 * does not resolve rightly either is left out: that is no fault of the cluster's, and others judge it.
 */
export function nameFaults(
  all: readonly PodName[],
  clusterId: string,
  answers: readonly NameAnswers[],
): readonly NameFault[] {
  return all
    .filter((name) => sameId(name.clusterId, clusterId))
    .flatMap((name): NameFault[] => {
      const known = answers.find(({ fqdn }) => fqdn === name.host);
      const here = known?.system.addresses ?? [];
      const looked = valueOf(name.lookUp);
      const isRightHere =
        known === undefined ||
        (here.length > 0 && (name.expected.length === 0 || here.some((address) => name.expected.includes(address))));
      if (!isRightHere) return [];
      if (resolves(name) === false) {
        const isLookUp = looked?.outcome === "unresolved" || looked?.outcome === "dns-silent";
        const told = isLookUp ? looked : valueOf(name.head);
        return [
          {
            name,
            kind: told?.outcome === "dns-silent" ? "dns-silent" : "unresolved",
            command: isLookUp ? `nslookup ${name.host}` : `curl --head https://${name.host}/`,
            said: told?.said ?? "",
            here,
          },
        ];
      }
      const got = looked?.addresses ?? [];
      return name.expected.length > 0 && got.length > 0 && got.every((address) => isPublicAddress(address))
        ? [{ name, kind: "public", command: `nslookup ${name.host}`, said: got.join(", "), here }]
        : [];
    });
}

/** The fault as another engineer would check it, and what this machine gets for the same name. */
export function faultEvidence({ name, command, said, here }: NameFault): Evidence[] {
  const expected = name.expected.length > 0 ? name.expected.join(", ") : "an address";
  return [
    {
      kind: "kubernetes",
      source: `${command} in pod ${name.pod} of ${name.namespace}`,
      observed: said,
      expected,
    },
    ...(here.length === 0
      ? []
      : [{ kind: "machine" as const, source: `look-up of ${name.host} on this machine`, observed: here.join(", ") }]),
  ];
}

/** What pods complain of names, without lines of a log about a name that resolves in the pod by now. What a node could
 * not pull stays: nodes do not ask the cluster's DNS. */
export function nameComplaints(
  complaints: readonly Complaint[],
  clusterId: string,
  names: readonly PodName[],
): readonly (Complaint & { readonly host: string })[] {
  const resolved = names.filter((name) => sameId(name.clusterId, clusterId) && resolves(name) === true);
  return complaints.flatMap((each) =>
    each.host !== undefined &&
    sameId(each.clusterId, clusterId) &&
    (each.kind === "unresolved" || each.kind === "dns-silent") &&
    !(each.where.startsWith("log of pod ") && resolved.some(({ host }) => host === each.host))
      ? [{ ...each, host: each.host }]
      : [],
  );
}

/** A line of a log may tell of what has passed: it says less than a pod that waits, or than a command in a pod. */
export function inferredFromLogs(complaints: readonly Complaint[]): { readonly inferredFrom?: string } {
  return complaints.every(({ where }) => where.startsWith("log of pod "))
    ? { inferredFrom: "lines of the router's log, which may tell of the past; --in-cluster asks in the pod" }
    : {};
}

/** What can be said where no name of a cluster fails. */
export function namesSummary(asked: readonly PodName[]): string {
  const resolved = asked.filter((name) => resolves(name) === true).map(({ host }) => host);
  return resolved.length === 0
    ? "No pod of the cluster complains of a name"
    : `In a pod of the router these names resolve: ${shortList(resolved, 6)}`;
}

/** Why a pod that should have been asked was not: the first reason only, for all names have the same. */
export function refusals(asked: readonly PodName[]): readonly GapObservation[] {
  return gapsOf(asked.map(({ head }) => head)).slice(0, 1);
}
