import { placeCoverage, prefixCoverage } from "./network-rules.ts";
import { sameText } from "./text.ts";

/** One route that a subnet has. */
export interface Route {
  readonly name: string;
  /** CIDR, or a service tag. */
  readonly prefix: string;
  /** `VirtualAppliance`, `VirtualNetworkGateway`, `VnetLocal`, `Internet`, `None`, `VNetPeering`, … */
  readonly nextHop: string;
  readonly nextHopAddress?: string;
  readonly source: "user" | "gateway" | "default";
}

const rank = { user: 0, gateway: 1, default: 2 } as const;

function length(prefix: string): number {
  return Number(prefix.split("/")[1] ?? (prefix.includes(":") ? 128 : 32));
}

/**
 * The route that Azure takes to an address: the longest prefix, then the user's before the gateway's before Azure's own.
 * Service tags in routes stand for public addresses that are not known here and are passed over. Source: "Virtual network
 * traffic routing", how Azure selects a route.
 */
export function routeTo(address: string, routes: readonly Route[]): Route | undefined {
  return routes
    .filter((route) => prefixCoverage(route.prefix, address) === "all")
    .sort((a, b) => length(b.prefix) - length(a.prefix) || rank[a.source] - rank[b.source])[0];
}

/**
 * The route to a service's public addresses: one that names the tag or a tag that holds it, else the default route;
 * `unknown` where a public prefix of the table may hold some of them.
 */
export function routeToTag(tag: string, routes: readonly Route[]): Route | "unknown" | undefined {
  const named = routes.find(
    (route) =>
      !route.prefix.includes("/") &&
      !sameText(route.prefix, "Internet") &&
      placeCoverage(route.prefix, { tag }) === "all",
  );
  if (named !== undefined) return named;
  const narrower = routes.filter(
    (route) =>
      route.source !== "default" && length(route.prefix) > 0 && placeCoverage(route.prefix, { tag }) === "some",
  );
  const all = routes.filter((route) => route.prefix === "0.0.0.0/0").sort((a, b) => rank[a.source] - rank[b.source])[0];
  return narrower.some((route) => route.nextHop !== all?.nextHop || route.nextHopAddress !== all.nextHopAddress)
    ? "unknown"
    : all;
}

/**
 * The user's route that takes traffic away from a private endpoint's own /32 route; undefined when it is left alone.
 * It needs network policies for route tables on the endpoint's subnet and a prefix at least as long as the network's own.
 * Source: "Manage network policies for private endpoints".
 */
export function routeAroundEndpoint(
  address: string,
  routes: readonly Route[],
  endpoint: { readonly networkPrefixes: readonly string[]; readonly policies: string | null | undefined },
): Route | undefined {
  const applies = sameText(endpoint.policies, "Enabled") || sameText(endpoint.policies, "RouteTableEnabled");
  const space = endpoint.networkPrefixes.find((prefix) => prefixCoverage(prefix, address) === "all");
  const owned = routeTo(
    address,
    routes.filter((route) => route.source === "user"),
  );
  const exact = owned !== undefined && length(owned.prefix) === 32;
  if (owned === undefined || (!exact && (!applies || space === undefined || length(owned.prefix) < length(space))))
    return undefined;
  return sameText(owned.nextHop, "VnetLocal") ? undefined : owned;
}
