import { inPrefix } from "../model/address.ts";
import { sameText } from "../model/text.ts";
import type { NetworkPolicy, PolicyPeer, PolicyPort, Selector } from "./kubernetes-policies.ts";
import type { Pod } from "./kubernetes-pods.ts";

/** Two pods and the port at which one calls the other. */
export interface PodCall {
  readonly from: Pod;
  readonly to: Pod;
  /** Of `to`. */
  readonly port: number;
  /** Labels by namespace. A namespace that is not named here could not be read. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/**
 * The policies that together keep a call from arriving: those that select one of its ends while none of them allows it.
 * What is not understood counts as allowed. Empty where nothing forbids the call.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function forbiddingPolicies(policies: readonly NetworkPolicy[], call: PodCall): readonly NetworkPolicy[] {
  const { from, to } = call;
  const into = policies.filter((policy) => selects(policy, to) && isFor(policy, "Ingress"));
  const isLetIn = into.some(({ metadata, spec }) =>
    (spec.ingress ?? []).some(
      (rule) => portFits(rule.ports, call) && peerFits(rule.from, from, metadata.namespace, call),
    ),
  );
  if (into.length > 0 && !isLetIn) return into;
  const out = policies.filter((policy) => selects(policy, from) && isFor(policy, "Egress"));
  const isLetOut = out.some(({ metadata, spec }) =>
    (spec.egress ?? []).some((rule) => portFits(rule.ports, call) && peerFits(rule.to, to, metadata.namespace, call)),
  );
  return out.length > 0 && !isLetOut ? out : [];
}

function selects({ metadata, spec }: NetworkPolicy, pod: Pod): boolean {
  return metadata.namespace === pod.metadata.namespace && fits(spec.podSelector ?? {}, pod.metadata.labels ?? {});
}

/** Without types a policy is for ingress, and for egress when it has such rules. */
function isFor({ spec }: NetworkPolicy, type: "Ingress" | "Egress"): boolean {
  const types = spec.policyTypes ?? ["Ingress", ...(spec.egress ? ["Egress"] : [])];
  return types.some((each) => sameText(each, type));
}

function fits({ matchLabels, matchExpressions }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (matchExpressions ?? []).every(({ key, operator, values }) => {
      const value = labels[key];
      const isListed = value !== undefined && (values ?? []).includes(value);
      if (operator === "In") return isListed;
      if (operator === "NotIn") return !isListed;
      if (operator === "Exists") return value !== undefined;
      return operator === "DoesNotExist" ? value === undefined : true;
    })
  );
}

function portFits(ports: readonly PolicyPort[] | null | undefined, { to, port }: PodCall): boolean {
  if (!ports || ports.length === 0) return true;
  const names = (to.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.some(({ protocol, port: wanted, endPort }) => {
    if (!sameText(protocol ?? "TCP", "TCP")) return false;
    if (wanted === null || wanted === undefined) return true;
    // A name that the pod does not declare cannot be told.
    if (typeof wanted === "string") {
      const named = names.filter(({ name }) => name === wanted);
      return named.length === 0 || named.some(({ containerPort }) => containerPort === port);
    }
    return endPort ? port >= wanted && port <= endPort : port === wanted;
  });
}

function peerFits(
  peers: readonly PolicyPeer[] | null | undefined,
  pod: Pod,
  own: string | null | undefined,
  { namespaces }: PodCall,
): boolean {
  if (!peers || peers.length === 0) return true;
  return peers.some(({ ipBlock, podSelector, namespaceSelector }) => {
    const address = pod.status.podIP;
    if (ipBlock)
      return (
        !address ||
        (inPrefix(address, ipBlock.cidr) && !(ipBlock.except ?? []).some((prefix) => inPrefix(address, prefix)))
      );
    const namespace = pod.metadata.namespace ?? "";
    const labels = namespaces.get(namespace);
    const isInNamespace = namespaceSelector
      ? labels === undefined || fits(namespaceSelector, { "kubernetes.io/metadata.name": namespace, ...labels })
      : namespace === own;
    return isInNamespace && fits(podSelector ?? {}, pod.metadata.labels ?? {});
  });
}
