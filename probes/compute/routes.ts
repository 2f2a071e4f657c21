import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { routeToTag } from "../../src/model/route-choice.ts";
import { sameText } from "../../src/model/text.ts";
import { hasPublicAddress, isAiling, isWorking, stateEvidence } from "../../src/facts/compute-state.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { firewallAt, firewalls } from "../../src/facts/firewalls.ts";
import { routesOf } from "../../src/facts/route-tables.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet#forced-tunneling";

/**
 * Forced tunnelling sends the answers of a compute with a public address through an appliance that never saw the question,
 * and drops it. The way back to the service must then lead straight to the internet. Computes without public addresses call
 * out by themselves, and an appliance that lets them is fine: for them the route counts only where nodes are lost and the
 * appliance is none whose rules can be read.
 */
export default defineProbe({
  id: "compute/routes",
  title: "The computes' routes leave the way to their service alone",
  layer: "transport",
  docs: [docs, "https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview"],
  needs: { places: computeSubnets, firewalls },
  consequence: "Whether forced tunnelling cuts computes off from their service",
  reasons: {
    "udr-forced-tunneling-breaks-compute": reason<{
      tableId: string;
      route: string;
      hop: string;
      tags: string[];
      names: string[];
      isPublic: boolean;
    }>({
      severity: "error",
      title: "Forced tunnelling sends the computes' traffic with their service through an appliance",
      detail: ({ route, hop, tags, names, isPublic }) =>
        `The route "${route}" sends 0.0.0.0/0 to ${hop}, and no route leads ${tags.join(" and ")} to the internet; ${names.join(", ")} ${isPublic ? "is managed over a public address, whose answers then go another way" : "reaches its service only if that appliance lets it"}.`,
      fix({ tableId, tags, isPublic }) {
        const table = parseArmId(tableId);
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
        return {
          summary: isPublic
            ? `Add routes for ${tags.join(" and ")} with next hop Internet, and keep the default route`
            : `Have the appliance let ${tags.join(" and ")} through, or add routes for them with next hop Internet beside a NAT gateway`,
          commands: [
            ...(table === undefined
              ? []
              : tags.map((tag) =>
                  az(
                    "network",
                    "route-table",
                    "route",
                    "create",
                    ...at,
                    "--name",
                    `to-${tag.replaceAll(".", "-")}`,
                    "--address-prefix",
                    tag,
                    "--next-hop-type",
                    "Internet",
                  ),
                )),
            ...(table === undefined ? [] : [az("network", "route-table", "route", "list", ...at, "--output", "table")]),
          ],
          warning:
            "Use service tags in routes rather than address ranges, which change. Computes without public addresses need no way in, only a way out.",
          takesEffect: "Within a minute; scale the cluster down and up to replace unusable nodes",
          verify:
            table === undefined ? [] : [az("network", "route-table", "route", "list", ...at, "--output", "table").text],
          docs,
        };
      },
      rivals: ["cmp-inbound-ports-blocked", "fw-missing-core-fqdns", "nsg-outbound-required-tags-missing"],
    }),
  },
  judge({ places, firewalls: known }, say) {
    if (places.length === 0) return say.skip("no compute stands in a network of the customer");
    return places.flatMap((place): Verdict[] => {
      if (place.routeTable.is === "gap") return [say.unknown(place.routeTable, { subject: place.id })];
      if (place.routeTable.is === "absent")
        return [say.pass("The computes' subnet has no route table", { subject: place.id })];
      const table = place.routeTable.value;
      const routes = routesOf(table);
      const forced = routes.find(
        ({ prefix, nextHop }) =>
          prefix === "0.0.0.0/0" &&
          (sameText(nextHop, "VirtualAppliance") || sameText(nextHop, "VirtualNetworkGateway")),
      );
      if (forced === undefined) return [say.pass(undefined, { subject: table.id })];
      const region = place.computes[0]?.properties.computeLocation ?? place.computes[0]?.location ?? "";
      const tags = ["AzureMachineLearning", `BatchNodeManagement.${region}`].filter((tag) => {
        const way = routeToTag(tag, routes);
        return typeof way === "object" && way.name === forced.name;
      });
      if (tags.length === 0) return [say.pass("The service has routes of its own", { subject: table.id })];
      const open = place.computes.filter((compute) => hasPublicAddress(compute) === true);
      const lost = place.computes.filter((compute) => hasPublicAddress(compute) !== true && isAiling(compute));
      const appliance = firewallAt(forced.nextHopAddress, known);
      // Rules that can be read are judged by themselves.
      const concerned = open.length > 0 ? open : typeof appliance === "string" ? lost : [];
      if (concerned.length === 0)
        return [
          say.pass("The computes have no public address and call out through the appliance", { subject: table.id }),
        ];
      const isPublic = open.length > 0;
      const ailing = concerned.filter(isAiling);
      const hop = `${forced.nextHop}${forced.nextHopAddress === undefined ? "" : ` ${forced.nextHopAddress}`}`;
      return [
        say.found("udr-forced-tunneling-breaks-compute", {
          subject: table.id,
          about: [place.id, ...concerned.map(({ id }) => id)],
          data: {
            tableId: table.id,
            route: forced.name,
            hop,
            tags,
            names: concerned.map(({ name }) => name),
            isPublic,
          },
          evidence: [
            armEvidence(
              table.id,
              `properties.routes "${forced.name}"`,
              `0.0.0.0/0 → ${hop}`,
              `and ${tags.join(", ")} → Internet`,
            ),
            ...concerned
              .slice(0, 1)
              .map((compute) =>
                armEvidence(
                  compute.id,
                  "properties.properties.enableNodePublicIp",
                  compute.properties.properties?.enableNodePublicIp,
                ),
              ),
            ...ailing.slice(0, 1).map(stateEvidence),
          ],
          ...(isPublic && ailing.length > 0
            ? {}
            : {
                inferredFrom: isPublic
                  ? "the routes as they are defined; no compute reports a fault at this moment"
                  : "lost nodes and a default route to an appliance whose rules cannot be read",
              }),
          ...(ailing.length === 0 && concerned.some(isWorking) ? { as: "warning" as const } : {}),
        }),
      ];
    });
  },
});
