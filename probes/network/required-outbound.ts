import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { gapsOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { listRulesOf, openGroup, type AllowRule, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { egressName, type RequiredEgress } from "../../src/model/required-egress.ts";
import { shortList } from "../../src/model/text.ts";
import { computeEgress } from "../../src/facts/compute-egress.ts";
import { isAiling, isWorking } from "../../src/facts/compute-state.ts";
import { computeErrors } from "../../src/facts/computes.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { numbersOf } from "../../src/facts/network-security-groups.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet#required-public-internet-access";

interface Missing {
  readonly groupId: string;
  readonly subnetId: string;
  readonly needs: readonly RequiredEgress[];
  readonly endpoints: readonly string[];
  readonly deciding: readonly string[];
  readonly numbers: RuleNumbers;
}

/** One rule for each tag and protocol. */
function wantedRules({ needs, endpoints }: Missing): Omit<AllowRule, "priority">[] {
  const wanted = new Map<string, { tag: string; protocol: string; ports: string[] }>();
  for (const { tag, protocol, port } of needs) {
    const key = `${tag} ${protocol}`;
    const entry = wanted.get(key) ?? { tag, protocol, ports: [] };
    entry.ports.push(String(port));
    wanted.set(key, entry);
  }
  if (endpoints.length > 0) wanted.set("endpoints", { tag: "VirtualNetwork", protocol: "Tcp", ports: ["443"] });
  return [...wanted.values()].map(({ tag, protocol, ports }) => ({
    name: `Allow-${tag.replace(/[^A-Za-z0-9]/g, "-")}-${ports.join("-")}`,
    direction: "Outbound",
    protocol,
    sources: ["VirtualNetwork"],
    destinations: [tag],
    ports,
  }));
}

/**
 * Whether the network security group of a subnet with computes lets out what every compute needs. Without a rule that
 * refuses, Azure's default rules let everything out; so only a rule that decides against a required service counts, and
 * one of addresses that may or may not be the service's proves nothing. Nodes that work at this moment outweigh the table.
 */
export default defineProbe({
  id: "network/required-outbound",
  title: "The computes' subnet lets out what Azure Machine Learning requires",
  layer: "transport",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall"],
  needs: { places: computeSubnets, egress: computeEgress },
  consequence: "Whether the computes' network security group blocks what they need",
  reasons: {
    "nsg-outbound-required-tags-missing": reason<Missing>({
      severity: "error",
      title:
        "The network security group of the computes' subnet blocks outbound traffic that Azure Machine Learning requires",
      detail: ({ needs, endpoints, deciding }) =>
        [
          ...(needs.length > 0
            ? [
                `Blocked: ${shortList(
                  needs.map((need) => `${egressName(need)} (${need.purpose})`),
                  12,
                )}.`,
              ]
            : []),
          ...(endpoints.length > 0 ? [`Blocked private endpoints: ${shortList(endpoints)}.`] : []),
          ...(deciding.length > 0 ? [`Decided by ${deciding.map((rule) => `"${rule}"`).join(", ")}.`] : []),
        ].join(" "),
      fix: (missing) => ({
        summary: `Add the missing outbound rules to ${parseArmId(missing.groupId)?.name ?? missing.groupId}: ${[...missing.needs.map(egressName), ...(missing.endpoints.length > 0 ? ["VirtualNetwork 443/Tcp"] : [])].join(", ")}`,
        ...openGroup(
          missing.groupId,
          missing.numbers,
          wantedRules(missing),
          "Storage and AzureFrontDoor tags open a way for data to leave: combine them with a service endpoint policy. Add the rules before nodes are made anew, or these fail again.",
        ),
        takesEffect:
          "Within a minute for new connections; unusable nodes are replaced when the cluster is scaled down and up",
        verify: listRulesOf(missing.groupId).map(({ text }) => text),
        docs,
      }),
      rivals: ["fw-missing-core-fqdns", "cmp-npip-without-outbound", "cmp-npip-subnet-network-policies"],
    }),
  },
  judge({ places, egress }, say) {
    if (places.length === 0) return say.skip("no compute stands in a network of the customer");
    return places.flatMap((place): Verdict[] => {
      const gaps = gapsOf([place.subnet, place.securityGroup, place.routeTable]);
      const way = egress.find(({ subnetId }) => sameId(subnetId, place.id));
      if (way === undefined) return gaps.map((gap) => say.unknown(gap, { subject: place.id }));
      const { groupId } = way;
      if (groupId === undefined || place.securityGroup.is !== "value")
        return [say.pass("The computes' subnet has no network security group", { subject: place.id })];
      const group = place.securityGroup.value;
      const denied = way.needs.filter((each) => each.group === "Deny" && each.need.use !== "packages");
      const required = denied.filter(({ need }) => need.use === "core" || need.use === "files");
      if (required.length === 0 && way.blockedEndpoints.length === 0)
        return [
          say.pass(undefined, {
            subject: groupId,
            evidence: [armEvidence(groupId, "properties.securityRules", "no outbound rule refuses a required service")],
          }),
        ];
      const ailing = place.computes.filter(isAiling);
      const working = ailing.length === 0 && place.computes.some(isWorking);
      const deciding = [
        ...new Set(
          [...required.map(({ rule }) => rule), ...way.blockedEndpoints.map(({ rule }) => rule)].filter(
            (rule) => rule !== undefined,
          ),
        ),
      ];
      const firstError = ailing.flatMap((compute) =>
        computeErrors(compute)
          .slice(0, 1)
          .map((line) => armEvidence(compute.id, "properties.properties.errors", line)),
      )[0];
      return [
        say.found("nsg-outbound-required-tags-missing", {
          subject: groupId,
          about: [place.id, ...place.computes.map(({ id }) => id)],
          data: {
            groupId,
            subnetId: place.id,
            // A rule that lacks a required tag is mended once: with it goes what else the group keeps back.
            needs: denied.map(({ need }) => need),
            endpoints: way.blockedEndpoints.map(({ fqdn, address }) => `${fqdn} (${address})`),
            deciding,
            numbers: numbersOf(
              group,
              "Outbound",
              [...denied, ...way.blockedEndpoints].map(({ rule }) => rule),
            ),
          },
          evidence: [
            armEvidence(
              groupId,
              "properties.securityRules (outbound)",
              `no rule allows ${
                shortList(
                  required.map(({ need }) => egressName(need)),
                  8,
                ) || "the private endpoints"
              } ahead of ${deciding.map((rule) => `"${rule}"`).join(", ") || "the refusal"}`,
              "allowed",
            ),
            armEvidence(place.id, "properties.networkSecurityGroup.id", groupId),
            ...(firstError === undefined ? [] : [firstError]),
          ],
          ...(ailing.length > 0
            ? {}
            : {
                inferredFrom: "the rules as they are defined; no compute in the subnet reports a fault at this moment",
              }),
          ruledOut: [{ id: "cmp-npip-subnet-network-policies", by: "the group's own rules refuse the traffic" }],
          ...(working ? { as: "warning" as const } : {}),
        }),
      ];
    });
  },
});
