import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { usableAddresses } from "../../src/model/subnet-capacity.ts";
import { sameText } from "../../src/model/text.ts";
import { computeErrors } from "../../src/facts/computes.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet#limitations";
const full =
  /Subnet(?:Is)?Full|VnetAddressNotAvailable|InsufficientSubnet|subnet\b[^.]*\b(?:does not have enough|not enough|insufficient|no(?:t)? (?:more )?(?:free|available))[^.]*\b(?:capacity|address|ip)|not enough (?:free |available )?(?:ip )?addresses/i;

/**
 * Whether the computes' subnet has addresses for the nodes that its clusters ask for. A cluster below its target may just
 * be growing, or short of quota: the subnet must have too few free addresses besides, or the service must say so.
 */
export default defineProbe({
  id: "compute/addresses",
  title: "The computes' subnet has addresses for their nodes",
  layer: "control-plane",
  docs: [docs],
  needs: { places: computeSubnets },
  consequence: "Whether the computes' subnet is short of addresses",
  reasons: {
    "cmp-subnet-ips-exhausted": reason<{
      subnetId: string;
      free: number;
      usable: number;
      name: string;
      current: number;
      target: number;
      words?: string;
    }>({
      severity: "error",
      title: "The computes' subnet has too few free addresses",
      detail: ({ free, usable, name, current, target, words }) =>
        `${name} has ${current} of ${target} nodes; ${free} of ${usable} usable addresses are free.${words === undefined ? "" : ` The service says: ${words}`}`,
      fix({ subnetId }) {
        const subnet = parseArmId(subnetId);
        const at =
          subnet === undefined
            ? []
            : [
                "--subscription",
                subnet.subscriptionId,
                "--resource-group",
                subnet.resourceGroup,
                "--vnet-name",
                subnet.names[0] ?? "",
              ];
        return {
          summary:
            "See what holds the addresses; then make a larger subnet in the same network and make the cluster anew there",
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
                    "--name",
                    subnet.name,
                    "--query",
                    "{prefix:addressPrefix, used:length(ipConfigurations || `[]`)}",
                  ),
                  az(
                    "network",
                    "vnet",
                    "show",
                    ...at.slice(0, 4),
                    "--name",
                    subnet.names[0] ?? "",
                    "--query",
                    "{space:addressSpace.addressPrefixes, subnets:subnets[].{name:name, prefix:addressPrefix}}",
                  ),
                ],
          warning: "A cluster cannot be moved to another subnet: it is made anew. Jobs on it end.",
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
                    "--name",
                    subnet.name,
                    "--output",
                    "table",
                  ).text,
                ],
          docs,
        };
      },
      rivals: ["cmp-policy-lock-quota"],
    }),
  },
  judge({ places }, say) {
    if (places.length === 0) return say.skip("no compute stands in a network of the customer");
    return places.flatMap((place): Verdict[] => {
      if (place.subnet.is === "gap") return [say.unknown(place.subnet, { subject: place.id })];
      const subnet = valueOf(place.subnet);
      if (subnet === undefined) return [];
      const usable = usableAddresses(subnetPrefixes(subnet));
      // Nodes of clusters do not always show among the subnet's configurations; the larger number is taken.
      const nodes = place.computes.reduce(
        (sum, { properties }) =>
          sum + (sameText(properties.computeType, "AmlCompute") ? (properties.properties?.currentNodeCount ?? 0) : 1),
        0,
      );
      const free = Math.max(0, usable - Math.max(subnet.properties?.ipConfigurations?.length ?? 0, nodes));
      const found = place.computes.flatMap((compute): Verdict[] => {
        const { currentNodeCount: current, targetNodeCount: target } = compute.properties.properties ?? {};
        const words = computeErrors(compute).find((line) => full.test(line));
        const wanting = typeof current === "number" && typeof target === "number" ? target - current : 0;
        if (words === undefined && !(wanting > 0 && wanting > free)) return [];
        return [
          say.found("cmp-subnet-ips-exhausted", {
            subject: place.id,
            about: [compute.id],
            data: {
              subnetId: place.id,
              free,
              usable,
              name: compute.name,
              current: current ?? 0,
              target: target ?? 0,
              ...(words === undefined ? {} : { words }),
            },
            evidence: [
              armEvidence(
                place.id,
                "properties.addressPrefix and ipConfigurations",
                `${free} of ${usable} usable addresses free (Azure keeps 5)`,
                `at least ${Math.max(1, wanting)}`,
              ),
              armEvidence(
                compute.id,
                "properties.properties.currentNodeCount of targetNodeCount",
                `${current ?? "?"} of ${target ?? "?"}`,
              ),
              ...(words === undefined ? [] : [armEvidence(compute.id, "properties.properties.errors", words)]),
            ],
          }),
        ];
      });
      return found.length > 0 ? found : [say.pass(`${free} of ${usable} addresses are free`, { subject: place.id })];
    });
  },
});
