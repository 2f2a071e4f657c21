import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { hasPublicAddress, isAiling, isWorking, stateEvidence, wasRefused } from "../../src/facts/compute-state.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { routesOf } from "../../src/facts/route-tables.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet#compute-instancecluster-with-no-public-ip";

/**
 * A compute without public addresses calls out to be managed, and needs an explicit way: a NAT gateway, or a default route
 * to a firewall or gateway. Azure's implicit outbound access is not one to build on: nodes behind the service's load
 * balancer do not get it. A default route to nowhere is worse than none. A compute that was refused for another reason
 * stands nowhere yet: its subnet is judged for the others.
 */
export default defineProbe({
  id: "compute/outbound-path",
  title: "The computes without public addresses have a way out",
  layer: "transport",
  docs: [docs, "https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access"],
  needs: { places: computeSubnets },
  consequence: "Whether computes without public addresses have a way out",
  reasons: {
    "cmp-npip-without-outbound": reason<{ subnetId: string; names: string[]; blackhole?: string; region?: string }>({
      severity: "error",
      title: "Computes without public addresses have no outbound path",
      detail: ({ subnetId, names, blackhole }) =>
        blackhole === undefined
          ? `${names.join(", ")} ${names.length === 1 ? "stands" : "stand"} in ${parseArmId(subnetId)?.name ?? subnetId}, which has neither a NAT gateway nor a default route to a firewall.`
          : `The route "${blackhole}" of ${parseArmId(subnetId)?.name ?? subnetId} drops everything that leaves (next hop None).`,
      fix({ subnetId, blackhole, region }) {
        const subnet = parseArmId(subnetId);
        if (subnet === undefined) return { summary: "Give the subnet a NAT gateway", commands: [], verify: [], docs };
        const [network = "", name = ""] = subnet.names;
        const at = ["--subscription", subnet.subscriptionId, "--resource-group", subnet.resourceGroup];
        const place = region ? ["--location", region] : [];
        const show = az(
          "network",
          "vnet",
          "subnet",
          "show",
          ...at,
          "--vnet-name",
          network,
          "--name",
          name,
          "--query",
          "{natGateway:natGateway.id, routeTable:routeTable.id}",
        );
        return {
          summary:
            blackhole === undefined
              ? `Give ${name} a NAT gateway, or a route table whose default route leads to your firewall`
              : `Point the default route of ${name} to your firewall, or replace it by a NAT gateway`,
          commands: [
            show,
            az(
              "network",
              "public-ip",
              "create",
              ...at,
              "--name",
              `pip-nat-${name}`,
              "--sku",
              "Standard",
              "--allocation-method",
              "Static",
              ...place,
            ),
            az(
              "network",
              "nat",
              "gateway",
              "create",
              ...at,
              "--name",
              `nat-${name}`,
              "--public-ip-addresses",
              `pip-nat-${name}`,
              ...place,
            ),
            az(
              "network",
              "vnet",
              "subnet",
              "update",
              ...at,
              "--vnet-name",
              network,
              "--name",
              name,
              "--nat-gateway",
              `nat-${name}`,
            ),
          ],
          warning:
            "A NAT gateway lets traffic out, never in. Where all outbound traffic must be inspected, use the firewall's route instead and allow what Azure Machine Learning requires there first.",
          takesEffect: "At once for new connections; scale the cluster down and up to replace its nodes",
          verify: [show.text],
          docs,
        };
      },
      rivals: ["nsg-outbound-required-tags-missing", "cmp-npip-subnet-network-policies"],
    }),
  },
  judge({ places }, say) {
    const closed = places
      .map((place) => ({
        place,
        machines: place.computes.filter((compute) => hasPublicAddress(compute) === false && !wasRefused(compute)),
      }))
      .filter(({ machines }) => machines.length > 0);
    if (closed.length === 0) return say.skip("no compute without public addresses stands in a network of the customer");
    return closed.map(({ place, machines }): Verdict => {
      if (place.subnet.is === "gap") return say.unknown(place.subnet, { subject: place.id });
      if (place.routeTable.is === "gap") return say.unknown(place.routeTable, { subject: place.id });
      const subnet = valueOf(place.subnet);
      if (subnet === undefined) return say.skip("the subnet is not there", place.id);
      const table = valueOf(place.routeTable);
      const byDefault = table && routesOf(table).find(({ prefix }) => prefix === "0.0.0.0/0");
      const blackhole = byDefault !== undefined && sameText(byDefault.nextHop, "None");
      const gateway = subnet.properties?.natGateway?.id;
      const explicit =
        byDefault !== undefined &&
        (sameText(byDefault.nextHop, "VirtualAppliance") || sameText(byDefault.nextHop, "VirtualNetworkGateway"));
      if (!blackhole && (gateway !== undefined || explicit)) {
        return say.pass(undefined, {
          subject: place.id,
          evidence: [
            gateway === undefined
              ? armEvidence(table?.id ?? place.id, "properties.routes 0.0.0.0/0", byDefault?.nextHop)
              : armEvidence(place.id, "properties.natGateway.id", gateway),
          ],
        });
      }
      const ailing = machines.filter(isAiling);
      const certain = blackhole || subnet.properties?.defaultOutboundAccess === false || ailing.length > 0;
      return say.found("cmp-npip-without-outbound", {
        subject: place.id,
        about: [...machines.map(({ id }) => id), ...(table === undefined ? [] : [table.id])],
        data: {
          subnetId: place.id,
          names: machines.map(({ name }) => name),
          ...(blackhole ? { blackhole: byDefault.name } : {}),
          ...(place.networkLocation ? { region: place.networkLocation } : {}),
        },
        evidence: [
          armEvidence(place.id, "properties.natGateway", gateway, "a NAT gateway, or a default route to a firewall"),
          armEvidence(
            table?.id ?? place.id,
            table === undefined ? "properties.routeTable" : "properties.routes 0.0.0.0/0",
            byDefault?.nextHop,
          ),
          ...machines
            .slice(0, 1)
            .map((compute) => armEvidence(compute.id, "properties.properties.enableNodePublicIp", false)),
          ...ailing.slice(0, 1).map(stateEvidence),
        ],
        ...(certain
          ? {}
          : {
              inferredFrom:
                "the subnet's definition; routes that a gateway announces are not seen, and no compute reports a fault at this moment",
            }),
        ...(ailing.length === 0 && machines.some(isWorking) ? { as: "warning" as const } : {}),
      });
    });
  },
});
