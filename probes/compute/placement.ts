import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { isAiling } from "../../src/facts/compute-state.ts";
import { computeErrors } from "../../src/facts/computes.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet#prerequisites";

interface Place {
  readonly subnetId: string;
  readonly name: string;
  readonly what: string;
}

function showNetwork({ subnetId }: Place): ReturnType<typeof az>[] {
  const subnet = parseArmId(subnetId);
  return subnet === undefined
    ? []
    : [
        az(
          "network",
          "vnet",
          "subnet",
          "list",
          "--subscription",
          subnet.subscriptionId,
          "--resource-group",
          subnet.resourceGroup,
          "--vnet-name",
          subnet.names[0] ?? "",
          "--query",
          "[].{name:name, prefix:addressPrefix, delegations:delegations[].serviceName}",
        ),
      ];
}

function spaceless(region: string | null | undefined): string {
  return (region ?? "").toLowerCase().replaceAll(" ", "");
}

/**
 * Whether a compute that does not come to life was put where it cannot live. The rules about regions and subscriptions
 * have been loosened over the years, so a compute that works disproves them: only one that failed is judged.
 */
export default defineProbe({
  id: "compute/placement",
  title: "The computes stand where computes may stand",
  layer: "control-plane",
  docs: [docs],
  needs: { places: computeSubnets, workspace },
  consequence: "Whether computes stand in a subnet that may hold them",
  reasons: {
    "cmp-vnet-region-subscription-mismatch": reason<Place>({
      severity: "error",
      title: "A compute's network is in another region or subscription than it may be",
      detail: ({ name, what }) => `${name}: ${what}.`,
      fix: (place) => ({
        summary:
          "Make the compute anew in a network of its own region (an instance: of the workspace's region and subscription), and peer that network with the one of the workspace's private endpoint",
        commands: showNetwork(place),
        warning: "A cluster in another region than the data costs latency and egress.",
        verify: ["The compute's provisioningState is Succeeded"],
        docs,
      }),
    }),
    "cmp-subnet-delegated-or-tenant": reason<Place>({
      severity: "error",
      title: "A compute's subnet is delegated to another service",
      detail: ({ name, what }) => `${name}: ${what}.`,
      fix: (place) => ({
        summary: "Make the compute anew in a subnet without delegations",
        commands: showNetwork(place),
        warning: "Another service lives in the delegated subnet: leave the delegation where it is.",
        verify: ["The compute's provisioningState is Succeeded"],
        docs,
      }),
    }),
  },
  judge({ places, workspace: space }, say) {
    if (places.length === 0) return say.skip("no compute stands in a network of the customer");
    return places.flatMap((place): Verdict[] => {
      if (place.subnet.is === "gap") return [say.unknown(place.subnet, { subject: place.id })];
      // Nodes that were lost did come to life there first.
      const failed = place.computes.filter(
        (compute) => isAiling(compute) && sameText(compute.properties.provisioningState, "Failed"),
      );
      const delegated = (valueOf(place.subnet)?.properties?.delegations ?? [])
        .map((each) => each.properties?.serviceName ?? each.name ?? "")
        .filter((service) => service !== "" && !service.toLowerCase().startsWith("microsoft.machinelearningservices"));
      const found = failed.flatMap((compute): Verdict[] => {
        const words = computeErrors(compute)[0];
        const errors =
          words === undefined
            ? [armEvidence(compute.id, "properties.provisioningState", compute.properties.provisioningState)]
            : [armEvidence(compute.id, "properties.provisioningErrors", words)];
        const home = spaceless(compute.properties.computeLocation ?? compute.location);
        const isInstance = sameText(compute.properties.computeType, "ComputeInstance");
        const elsewhere = [
          ...(place.networkLocation && home !== "" && spaceless(place.networkLocation) !== home
            ? [`the network is in ${place.networkLocation}, the compute in ${home}`]
            : []),
          ...(isInstance &&
          parseArmId(place.id)?.subscriptionId.toLowerCase() !== parseArmId(space.id)?.subscriptionId.toLowerCase()
            ? ["an instance needs a network of the workspace's subscription"]
            : []),
        ];
        const at = (what: string): Place => ({ subnetId: place.id, name: compute.name, what });
        const more = (pattern: RegExp, from: string) =>
          words !== undefined && pattern.test(words) ? {} : { inferredFrom: from };
        return [
          ...(elsewhere.length === 0
            ? []
            : [
                say.found("cmp-vnet-region-subscription-mismatch", {
                  subject: compute.id,
                  about: [place.id],
                  data: at(elsewhere.join("; ")),
                  evidence: [armEvidence(place.id, "location of its network", place.networkLocation, home), ...errors],
                  ...more(
                    /region|location|subscription/i,
                    "the compute failed and stands where the documentation does not allow it; its error does not name the reason",
                  ),
                }),
              ]),
          ...(delegated.length === 0
            ? []
            : [
                say.found("cmp-subnet-delegated-or-tenant", {
                  subject: compute.id,
                  about: [place.id],
                  data: at(`${place.id.split("/").at(-1) ?? ""} is delegated to ${shortList(delegated)}`),
                  evidence: [armEvidence(place.id, "properties.delegations", delegated.join(", "), "none"), ...errors],
                  ...more(
                    /delegat/i,
                    "the compute failed and its subnet is delegated; its error does not name the reason",
                  ),
                }),
              ]),
        ];
      });
      return found.length > 0 ? found : [say.pass(undefined, { subject: place.id })];
    });
  },
});
