import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { inAnyPrefix } from "../../src/model/address.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { raw } from "../../src/model/fact.ts";
import { judgeFlow } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { endpointPaths, endpointTopics, placeOf } from "../../src/facts/endpoint-paths.ts";
import { networks } from "../../src/facts/networks.ts";
import { networkSecurityGroups, numbersOf, rulesOf } from "../../src/facts/network-security-groups.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy";

/**
 * Rules on the private endpoints' subnet count only where its network policies take network security groups in. Judged for
 * this machine's own address, with the connection that it tried: a rule that refuses and a connection that is made do not
 * go together, so the connection wins. An endpoint that is not approved is silent for another reason.
 */
export default defineProbe({
  id: "network/private-endpoint-rules",
  title: "The rules on the private endpoints' subnet let this machine in",
  layer: "control-plane",
  docs: [docs],
  needs: { targets: endpointPaths, subnets, groups: networkSecurityGroups, vantage, networks: raw(networks) },
  consequence: "Whether rules on the private endpoints' subnet keep this machine out",
  reasons: {
    "pe-network-policies-block-traffic": reason<{
      groupId: string;
      subnetId: string;
      policies: string;
      rule?: string;
      addresses: string[];
      from: string;
      numbers: RuleNumbers;
    }>({
      severity: "error",
      title: "The network security group of the private endpoints' subnet blocks their traffic",
      detail: ({ policies, rule, addresses, from }) =>
        `privateEndpointNetworkPolicies is ${policies}, and ${rule === undefined ? "no rule allows" : `the rule "${rule}" refuses`} TCP 443 from ${from} to ${shortList(addresses)}.`,
      fix({ groupId, subnetId, from, addresses, numbers }) {
        const subnet = parseArmId(subnetId);
        const show =
          subnet === undefined
            ? undefined
            : az(
                "network",
                "vnet",
                "subnet",
                "show",
                "--subscription",
                subnet.subscriptionId,
                "--resource-group",
                subnet.resourceGroup,
                "--vnet-name",
                subnet.names[0] ?? "",
                "--name",
                subnet.name,
                "--query",
                "privateEndpointNetworkPolicies",
              );
        return [
          {
            summary: `Let ${from} reach the private endpoints on port 443`,
            ...openGroup(
              groupId,
              numbers,
              [
                {
                  name: "Allow-Private-Endpoints-443",
                  direction: "Inbound",
                  protocol: "Tcp",
                  sources: [from],
                  destinations: addresses,
                  ports: [443],
                },
              ],
              "Other subnets that use the private endpoints need the same: give the rule all of their prefixes. File shares need port 445 besides.",
              140,
            ),
            takesEffect: "Within a minute, for new connections",
            verify: addresses.map((address) => `nc -vz -w 5 ${address} 443`),
            docs,
          },
          {
            summary:
              "Or take the private endpoints out of the group's reach, if their subnet is not meant to be filtered",
            commands:
              subnet === undefined
                ? []
                : [
                    az(
                      "network",
                      "vnet",
                      "subnet",
                      "update",
                      "--subscription",
                      subnet.subscriptionId,
                      "--resource-group",
                      subnet.resourceGroup,
                      "--vnet-name",
                      subnet.names[0] ?? "",
                      "--name",
                      subnet.name,
                      "--disable-private-endpoint-network-policies",
                      "true",
                    ),
                  ],
            warning:
              "Network security groups and route tables then no longer apply to private endpoints in this subnet; everything else in it stays filtered.",
            verify: show === undefined ? [] : [show.text],
            docs,
          },
        ];
      },
      rivals: ["pe-connection-not-approved", "udr-routes-pe-through-nva", "nsg-jumpbox-outbound-blocked"],
    }),
  },
  judge({ targets, subnets: all, groups, vantage: here, networks: known }, say) {
    const from = here.addresses[0];
    if (targets.length === 0 || from === undefined)
      return say.skip("no private endpoint was dialled from here", here.name);
    const bySubnet = Map.groupBy(
      targets.filter(({ subnetId }) => subnetId !== undefined),
      ({ subnetId }) => (subnetId ?? "").toLowerCase(),
    );
    if (bySubnet.size === 0) return say.skip("the private endpoints' subnets cannot be read", here.name);
    const spaces = (valueOf(known) ?? []).flatMap(
      ({ network }) => valueOf(network)?.properties.addressSpace?.addressPrefixes ?? [],
    );
    return [...bySubnet.values()].flatMap((members): Verdict[] => {
      const subnetId = members[0]?.subnetId ?? "";
      const subnet = placeOf(all, subnetId)?.subnet;
      const silent = members.filter(({ reach, isApproved }) => reach.tcp.outcome !== "open" && isApproved);
      if (subnet === undefined) {
        const gap = all.find(({ id }) => sameId(id, subnetId))?.is;
        return gap?.is === "gap" ? [say.unknown(gap, { subject: subnetId, matters: silent.length > 0 })] : [];
      }
      const policies = subnet.properties?.privateEndpointNetworkPolicies;
      const groupId = subnet.properties?.networkSecurityGroup?.id;
      const applies = sameText(policies, "Enabled") || sameText(policies, "NetworkSecurityGroupEnabled");
      if (!applies || groupId === undefined)
        return [
          say.pass("No network security group applies to the private endpoints", {
            subject: subnetId,
            evidence: [armEvidence(subnetId, "properties.privateEndpointNetworkPolicies", policies)],
          }),
        ];
      const group = groups.find(({ id }) => sameId(id, groupId))?.is;
      if (group?.is === "gap") return [say.unknown(group, { subject: groupId, matters: silent.length > 0 })];
      if (group?.is !== "value") return [];
      const rules = rulesOf(group.value);
      const blocked = silent.flatMap((target) => {
        const inNetwork = here.vnetId !== undefined || inAnyPrefix(from, spaces);
        const verdict = judgeFlow(rules, {
          direction: "Inbound",
          protocol: "Tcp",
          source: { prefix: from, inNetwork },
          destination: { prefix: target.address, inNetwork: true },
          port: 443,
        });
        return verdict.access === "Deny" ? [{ target, rule: verdict.rule }] : [];
      });
      const first = blocked[0];
      if (first === undefined) return [say.pass(undefined, { subject: subnetId })];
      return [
        say.found("pe-network-policies-block-traffic", {
          subject: groupId,
          about: [subnetId, ...blocked.flatMap(({ target }) => endpointTopics(target))],
          data: {
            groupId,
            subnetId,
            policies: policies ?? "",
            ...(first.rule === undefined ? {} : { rule: first.rule.name }),
            addresses: blocked.map(({ target }) => target.address),
            from,
            numbers: numbersOf(
              group.value,
              "Inbound",
              blocked.map((each) => each.rule?.name),
            ),
          },
          evidence: [
            armEvidence(
              subnetId,
              "properties.privateEndpointNetworkPolicies",
              policies,
              "Disabled, or rules that allow TCP 443",
            ),
            armEvidence(
              groupId,
              `properties.securityRules "${first.rule?.name ?? "default"}"`,
              `refuses TCP 443 from ${from} to ${first.target.address}`,
            ),
            reachEvidence(first.target.reach, "open"),
          ],
          ruledOut: [{ id: "pe-connection-not-approved", by: "the connection is Approved" }],
        }),
      ];
    });
  },
});
