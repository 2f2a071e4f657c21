import { inAnyPrefix } from "../model/address.ts";
import { sameId } from "../model/arm-id.ts";
import { valueOf } from "../model/observation.ts";
import type { ClusterNetwork } from "./kubernetes-networks.ts";
import type { ScoringPath } from "./kubernetes-scoring.ts";
import type { NetworkEntry } from "./networks.ts";
import { joinOf } from "./reachability.ts";

/** The routers of Kubernetes endpoints that do not answer and stand in a network whose peering with this one is broken. */
export function routersApart(
  from: string | undefined,
  known: readonly NetworkEntry[],
  clusters: readonly ClusterNetwork[],
  scoring: readonly ScoringPath[],
) {
  if (from === undefined) return [];
  return clusters.flatMap((cluster) => {
    const space = valueOf(cluster.network)?.properties.addressSpace?.addressPrefixes ?? [];
    const { vnetId: id, network, peerings } = cluster;
    const join = joinOf(from, id, [...known.filter((each) => !sameId(each.id, id)), { id, network, peerings }]);
    if (join.is !== "broken") return [];
    return scoring
      .filter((path) => sameId(path.clusterId, cluster.clusterId))
      .flatMap((path) => {
        const inside = path.reaches.filter(({ address }) => inAnyPrefix(address, space));
        const [reach] = inside;
        return reach === undefined || inside.some(({ tcp }) => tcp.outcome === "open")
          ? []
          : [{ from, join, cluster, path, reach }];
      });
  });
}
