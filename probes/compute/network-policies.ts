import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { hasPublicAddress, isAiling } from "../../src/facts/compute-state.ts";
import { computeErrors } from "../../src/facts/computes.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";

const docs = "https://learn.microsoft.com/azure/private-link/disable-private-link-service-network-policy";
const names =
  /private\s*link\s*service\s*network\s*polic|PrivateLinkServiceNetworkPolic|private link service.*network polic|network polic.*private link/i;

/**
 * Computes without public addresses of the older kind are reached through a private link service that Batch puts in the
 * subnet, which network policies for private link services forbid. Newer ones do not need it, so `Enabled` alone, Azure's
 * default, is no fault: the service's own error must name it.
 */
export default defineProbe({
  id: "compute/network-policies",
  title: "The subnet's private link service policies do not stop computes",
  layer: "control-plane",
  docs: [docs],
  needs: { places: computeSubnets },
  consequence: "Whether the subnet's network policies stop computes",
  reasons: {
    "cmp-npip-subnet-network-policies": reason<{ subnetId: string; words: string }>({
      severity: "error",
      title: "The subnet's network policies for private link services stop computes without public addresses",
      detail: ({ words }) => `privateLinkServiceNetworkPolicies is Enabled, and the service says: ${words}`,
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
                "--name",
                subnet.name,
              ];
        return {
          summary: `Disable the network policies for private link services on ${subnet?.name ?? subnetId}`,
          commands:
            subnet === undefined
              ? []
              : [
                  az(
                    "network",
                    "vnet",
                    "subnet",
                    "update",
                    ...at,
                    "--disable-private-link-service-network-policies",
                    "true",
                  ),
                ],
          warning:
            "This lifts network security group rules from private link services in the subnet only; everything else in it stays filtered.",
          takesEffect: "At once; the cluster allocates on its next attempt",
          verify:
            subnet === undefined
              ? []
              : [az("network", "vnet", "subnet", "show", ...at, "--query", "privateLinkServiceNetworkPolicies").text],
          docs,
        };
      },
      rivals: ["cmp-npip-without-outbound", "cmp-subnet-ips-exhausted"],
    }),
  },
  judge({ places }, say) {
    if (places.length === 0) return say.skip("no compute stands in a network of the customer");
    return places.map((place): Verdict => {
      if (place.subnet.is === "gap") return say.unknown(place.subnet, { subject: place.id });
      const policies = valueOf(place.subnet)?.properties?.privateLinkServiceNetworkPolicies;
      const stopped = place.computes.flatMap((compute) => {
        const words =
          hasPublicAddress(compute) === false && isAiling(compute)
            ? computeErrors(compute).find((line) => names.test(line))
            : undefined;
        return words === undefined ? [] : [{ compute, words }];
      });
      const first = stopped[0];
      if (first === undefined || !sameText(policies, "Enabled")) return say.pass(undefined, { subject: place.id });
      return say.found("cmp-npip-subnet-network-policies", {
        subject: place.id,
        about: stopped.map(({ compute }) => compute.id),
        data: { subnetId: place.id, words: first.words },
        evidence: [
          armEvidence(place.id, "properties.privateLinkServiceNetworkPolicies", policies, "Disabled"),
          armEvidence(first.compute.id, "properties.properties.errors", first.words),
          armEvidence(first.compute.id, "properties.properties.enableNodePublicIp", false),
        ],
      });
    });
  },
});
