import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { usableAddresses } from "../../src/model/subnet-capacity.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { subnetPrefixes, subnets } from "../../src/facts/subnets.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link";

/** How many addresses a workspace's private endpoint takes at most. */
const perWorkspaceEndpoint = 4;

/**
 * Whether the private endpoints' subnets have addresses left. A full subnet hurts only what is still to be created: it is a
 * fault where an endpoint in it failed or has no interface, and else a remark.
 */
export default defineProbe({
  id: "network/private-endpoint-addresses",
  title: "The private endpoints' subnets have addresses left",
  layer: "control-plane",
  docs: [docs],
  needs: { subnets, privateEndpoints },
  consequence: "Whether a subnet of private endpoints is full",
  advisory: true,
  reasons: {
    "pe-subnet-exhausted": reason<{ subnetId: string; free: number; usable: number; failed: string[] }>({
      severity: "error",
      title: "The private endpoints' subnet has no address left for them",
      detail: ({ free, usable, failed }) =>
        `${free} of ${usable} usable addresses are free${failed.length === 0 ? "" : `; ${shortList(failed.map((id) => id.split("/").at(-1) ?? id))} could not be created`}. A workspace's private endpoint takes up to ${perWorkspaceEndpoint}.`,
      fix({ subnetId }) {
        const subnet = parseArmId(subnetId);
        const at =
          subnet === undefined
            ? []
            : ["--subscription", subnet.subscriptionId, "--resource-group", subnet.resourceGroup];
        const network = subnet?.names[0] ?? "";
        return {
          summary:
            "Find what holds the addresses, free some or make a larger subnet, and create the private endpoint there",
          commands:
            subnet === undefined
              ? []
              : [
                  az(
                    "network",
                    "vnet",
                    "subnet",
                    "show",
                    ...at,
                    "--vnet-name",
                    network,
                    "--name",
                    subnet.name,
                    "--query",
                    "ipConfigurations[].id",
                  ),
                  az(
                    "network",
                    "vnet",
                    "show",
                    ...at,
                    "--name",
                    network,
                    "--query",
                    "{space:addressSpace.addressPrefixes, subnets:subnets[].{name:name, prefix:addressPrefix}}",
                  ),
                ],
          warning:
            "A subnet's prefix can grow only into free space of its network. Endpoints that exist keep their addresses.",
          verify:
            subnet === undefined
              ? []
              : [
                  az(
                    "network",
                    "vnet",
                    "subnet",
                    "list-available-ips",
                    ...at,
                    "--vnet-name",
                    network,
                    "--name",
                    subnet.name,
                    "--output",
                    "table",
                  ).text,
                ],
          docs,
        };
      },
      rivals: ["pe-provisioning-failed-or-stale-object"],
    }),
  },
  judge({ subnets: all, privateEndpoints: known }, say) {
    const places = all.filter(({ uses }) => uses.includes("private-endpoint"));
    if (places.length === 0) return say.skip("no private endpoint stands in a network that can be read");
    return places.flatMap((place): Verdict[] => {
      if (place.is.is === "gap") return [say.unknown(place.is, { subject: place.id, matters: false })];
      const subnet = valueOf(place.is)?.subnet;
      if (subnet === undefined) return [];
      const usable = usableAddresses(subnetPrefixes(subnet));
      const free = Math.max(0, usable - (subnet.properties?.ipConfigurations?.length ?? 0));
      const failed = known.entries.filter(({ endpoint }) => {
        const its = valueOf(endpoint)?.properties;
        return sameId(its?.subnet?.id, place.id) && sameText(its?.provisioningState, "Failed");
      });
      if (usable === 0 || free >= perWorkspaceEndpoint)
        return [say.pass(`${free} of ${usable} addresses are free`, { subject: place.id })];
      const hurts = failed.length > 0;
      return [
        say.found("pe-subnet-exhausted", {
          subject: place.id,
          about: failed.map(({ id }) => id),
          data: { subnetId: place.id, free, usable, failed: failed.map(({ id }) => id) },
          evidence: [
            armEvidence(
              place.id,
              "properties.addressPrefix and ipConfigurations",
              `${free} of ${usable} usable addresses free (Azure keeps 5)`,
              `at least ${perWorkspaceEndpoint}`,
            ),
            ...failed
              .slice(0, 2)
              .map(({ id }) => armEvidence(id, "properties.provisioningState", "Failed", "Succeeded")),
          ],
          ...(hurts
            ? { inferredFrom: "a private endpoint that failed in a subnet without enough addresses" }
            : { as: "warning" as const }),
        }),
      ];
    });
  },
});
