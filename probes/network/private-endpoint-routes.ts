import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { prefixCoverage } from "../../src/model/network-rules.ts";
import { routeAroundEndpoint } from "../../src/model/route-choice.ts";
import { valueOf } from "../../src/model/observation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { endpointPaths, endpointTopics, placeOf } from "../../src/facts/endpoint-paths.ts";
import { firewallAt, firewalls } from "../../src/facts/firewalls.ts";
import { kubernetesScoring, scoringTopics } from "../../src/facts/kubernetes-scoring.ts";
import { routesOf, routeTables } from "../../src/facts/route-tables.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/inspect-traffic-with-azure-firewall";

/**
 * Every private endpoint announces a /32 route, which wins over a default route. A user's route wins over it only where the
 * endpoint's subnet has network policies for route tables and the prefix is at least as long as the network's own; then the
 * traffic goes through the appliance. That is sound as long as connections are made. Effective routes of the interface would
 * say the same outright, and need `Microsoft.Network/networkInterfaces/effectiveRouteTable/action`, which readers lack.
 */
export default defineProbe({
  id: "network/private-endpoint-routes",
  title: "This machine's routes lead straight to the private endpoints",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy"],
  needs: {
    targets: endpointPaths,
    routers: raw(kubernetesScoring),
    subnets,
    tables: routeTables,
    firewalls,
    vantage,
  },
  consequence: "Whether a route takes the private endpoints' traffic to an appliance",
  reasons: {
    "udr-routes-pe-through-nva": reason<{
      tableId: string;
      route: string;
      prefix: string;
      hop: string;
      addresses: string[];
      nicId?: string;
      drops: boolean;
      firewallId?: string;
    }>({
      severity: "error",
      title: "A route takes traffic for private endpoints through an appliance, and connections fail",
      detail: ({ route, prefix, hop, addresses }) =>
        `The route "${route}" sends ${prefix}, in which ${shortList(addresses)} ${addresses.length === 1 ? "lies" : "lie"}, to ${hop}.`,
      fix({ tableId, route, addresses, nicId, drops, firewallId }) {
        const table = parseArmId(tableId);
        const nic = parseArmId(nicId);
        const firewall = parseArmId(firewallId);
        const at =
          table === undefined
            ? []
            : [
                "--subscription",
                table.subscriptionId,
                "--resource-group",
                table.resourceGroup,
                "--route-table-name",
                table.name,
              ];
        return [
          {
            summary: drops
              ? "See the route that drops the traffic"
              : "See the routes that are in effect, and what the appliance does with port 443: it must allow it and translate the source address, or answers go past it",
            commands: [
              ...(table === undefined
                ? []
                : [az("network", "route-table", "route", "list", ...at, "--output", "table")]),
              ...(nic === undefined
                ? []
                : [
                    az(
                      "network",
                      "nic",
                      "show-effective-route-table",
                      "--subscription",
                      nic.subscriptionId,
                      "--resource-group",
                      nic.resourceGroup,
                      "--name",
                      nic.name,
                      "--output",
                      "table",
                    ),
                  ]),
              ...(firewall === undefined
                ? []
                : [
                    az(
                      "resource",
                      "show",
                      "--ids",
                      firewall.id,
                      "--query",
                      "properties.{policy:firewallPolicy.id, address:ipConfigurations[0].properties.privateIPAddress}",
                    ),
                  ]),
            ],
            warning:
              "Application rules of Azure Firewall translate the source address by themselves; network rules do not for private destinations unless told to.",
            verify: addresses.map((address) => `nc -vz -w 5 ${address} 443`),
            docs,
          },
          {
            summary:
              "Or, where private endpoints are not meant to be inspected, take the route away, so that their own /32 routes count again",
            commands:
              table === undefined ? [] : [az("network", "route-table", "route", "delete", ...at, "--name", route)],
            warning: "The traffic is then no longer inspected by the appliance: agree with the network's owner first.",
            takesEffect: "Within a minute",
            verify: addresses.map((address) => `nc -vz -w 5 ${address} 443`),
            docs,
          },
        ];
      },
      causedBy: [],
      rivals: ["pe-network-policies-block-traffic", "pe-connection-not-approved", "nsg-jumpbox-outbound-blocked"],
    }),
  },
  judge({ targets, routers, subnets: all, tables, firewalls: known, vantage: here }, say) {
    const own = placeOf(all, here.subnetId);
    const gapAtOwn = all.find(({ id }) => sameId(id, here.subnetId))?.is;
    const failing = targets.some(({ reach }) => reach.tcp.outcome !== "open");
    if (here.subnetId === undefined || targets.length === 0)
      return say.skip(
        "this machine stands in no subnet whose routes could be read, or dials no private endpoint",
        here.name,
      );
    if (gapAtOwn?.is === "gap") return say.unknown(gapAtOwn, { subject: here.subnetId, matters: failing });
    const tableId = own?.subnet.properties?.routeTable?.id;
    const table = tables.find(({ id }) => sameId(id, tableId))?.is;
    if (tableId === undefined || table === undefined || table.is === "absent")
      return say.pass("This machine's subnet has no route table", { subject: here.subnetId });
    if (table.is === "gap") return say.unknown(table, { subject: tableId, matters: failing });
    const routes = routesOf(table.value);
    const led = targets.flatMap((target) => {
      const place = placeOf(all, target.subnetId);
      const route =
        place &&
        routeAroundEndpoint(target.address, routes, {
          networkPrefixes: place.networkPrefixes,
          policies: place.subnet.properties?.privateEndpointNetworkPolicies,
        });
      return route === undefined || sameText(route.nextHop, "Internet")
        ? []
        : [{ target, route, policies: place?.subnet.properties?.privateEndpointNetworkPolicies }];
    });
    if (led.length === 0) return say.pass(undefined, { subject: tableId });
    return [...Map.groupBy(led, ({ route }) => route.name).values()].flatMap((members): Verdict[] => {
      const lost = members.filter(({ target }) => target.reach.tcp.outcome !== "open" && target.isApproved);
      const first = lost[0];
      const route = (first ?? members[0])?.route;
      if (route === undefined) return [];
      const hop = `${route.nextHop}${route.nextHopAddress === undefined ? "" : ` ${route.nextHopAddress}`}`;
      const onPath = armEvidence(tableId, `properties.routes "${route.name}"`, `${route.prefix} → ${hop}`);
      if (first === undefined)
        return [
          say.pass(`Traffic for private endpoints goes through ${hop} and connections are made`, {
            subject: tableId,
            evidence: [onPath],
          }),
        ];
      const appliance = firewallAt(route.nextHopAddress, known);
      const nicId = valueOf(here.interfaces)?.[0]?.id;
      const drops = sameText(route.nextHop, "None");
      return [
        say.found("udr-routes-pe-through-nva", {
          subject: tableId,
          about: [
            here.subnetId ?? "",
            ...lost.flatMap(({ target }) => endpointTopics(target)),
            // The router of a Kubernetes endpoint behind the same route is lost with them.
            ...(valueOf(routers) ?? [])
              .filter(({ reaches }) => reaches.some(({ address }) => prefixCoverage(route.prefix, address) === "all"))
              .flatMap(scoringTopics),
            ...(typeof appliance === "string" ? [] : [appliance.id]),
          ],
          data: {
            tableId,
            route: route.name,
            prefix: route.prefix,
            hop,
            addresses: lost.map(({ target }) => target.address),
            drops,
            ...(nicId === undefined ? {} : { nicId }),
            ...(typeof appliance === "string" ? {} : { firewallId: appliance.id }),
          },
          evidence: [
            armEvidence(
              tableId,
              `properties.routes "${route.name}"`,
              `${route.prefix} → ${hop}`,
              "the private endpoint's own /32 route (InterfaceEndpoint)",
            ),
            armEvidence(
              first.target.subnetId ?? tableId,
              "properties.privateEndpointNetworkPolicies",
              first.policies,
              "Disabled: then user routes leave private endpoints alone",
            ),
            reachEvidence(first.target.reach, "open"),
          ],
          ...(drops
            ? {}
            : {
                inferredFrom:
                  "the routes as they are defined and connections that fail behind them; what the appliance does is not seen from here",
              }),
          ruledOut: [{ id: "pe-connection-not-approved", by: "the connection is Approved" }],
        }),
      ];
    });
  },
});
