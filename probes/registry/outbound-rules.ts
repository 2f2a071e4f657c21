import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { judgeFlow } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { listRulesOf, openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { sameText } from "../../src/model/text.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { kubernetesComplaints } from "../../src/facts/kubernetes-complaints.ts";
import { kubernetesNetworks } from "../../src/facts/kubernetes-networks.ts";
import { numbersOf, rulesOf, type NetworkSecurityGroup } from "../../src/facts/network-security-groups.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { registry } from "../../src/facts/registry.ts";
import { isApproved, serviceConnections } from "../../src/facts/service-connections.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/container-registry/container-registry-firewall-access-rules";

interface Shut {
  readonly groupId: string;
  readonly tag: string;
  readonly rule: string;
  readonly from: string;
  readonly numbers: RuleNumbers;
}

/**
 * A registry without a private endpoint is reached at its public addresses, which have a service tag of their own:
 * Microsoft's registry is another one. Told where the group was written for pulls, as its rule for Microsoft's registry
 * shows; a group that lets nothing out is judged elsewhere. Pods that time out at the registry make it a fault.
 */
export default defineProbe({
  id: "registry/outbound-rules",
  title: "The rules around nodes and computes let them reach the registry",
  layer: "transport",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet"],
  needs: {
    workspace,
    registry: maybe(registry),
    privateEndpoints,
    places: raw(computeSubnets),
    networks: raw(kubernetesNetworks),
    complaints: raw(kubernetesComplaints),
  },
  consequence: "Whether rules keep nodes and computes from the registry",
  advisory: true,
  reasons: {
    "acr-outbound-tag-blocked": reason<Shut>({
      severity: "error",
      title: "A network security group lets Microsoft's registry through and keeps nodes from the workspace's own",
      detail: ({ tag, rule, from }) => `"${rule}" refuses TCP 443 from ${from} to ${tag}.`,
      fix: ({ groupId, tag, numbers }) => ({
        summary: `Let the subnet out to ${tag} on port 443`,
        ...openGroup(
          groupId,
          numbers,
          [
            {
              name: "Allow-AzureContainerRegistry-443",
              direction: "Outbound",
              protocol: "Tcp",
              sources: ["VirtualNetwork"],
              destinations: [tag],
              ports: [443],
            },
          ],
          "The tag stands for everybody's registries in the region. A private endpoint of the registry in this network needs no such rule. Layers come from the registry's storage: without data endpoints of its own it needs the Storage tag too.",
          140,
        ),
        takesEffect: "Within a minute, for new connections",
        verify: listRulesOf(groupId).map(({ text }) => text),
        docs,
      }),
      rivals: ["aksv1-default-outbound-removed", "acr-no-private-endpoint", "acr-identity-missing-acrpull"],
    }),
  },
  judge({ workspace: space, registry: known, privateEndpoints: { entries }, places, networks, complaints }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry");
    const connections = serviceConnections(known, entries, space);
    if (
      sameText(known.properties.publicNetworkAccess, "Disabled") ||
      connections.some((each) => isApproved(each) && each.owner === "customer")
    )
      return say.skip("the registry is not reached at its public addresses", known.id);
    const region = (known.location ?? "").toLowerCase().replaceAll(" ", "");
    const host = known.properties.loginServer ?? "";
    const judge = (
      group: NetworkSecurityGroup,
      prefix: string | undefined,
      about: readonly string[],
      harm: readonly Evidence[],
    ): Verdict[] => {
      if (prefix === undefined || region === "") return [];
      const out = (tag: string) =>
        judgeFlow(rulesOf(group), {
          direction: "Outbound",
          protocol: "Tcp",
          source: { prefix, inNetwork: true },
          destination: { tag: `${tag}.${region}` },
          port: 443,
        });
      const own = out("AzureContainerRegistry");
      if (own.access !== "Deny" || out("MicrosoftContainerRegistry").access !== "Allow")
        return [say.pass(undefined, { subject: group.id })];
      const tag = `AzureContainerRegistry.${region}`;
      const rule = own.rule?.name ?? "default";
      return [
        say.found("acr-outbound-tag-blocked", {
          subject: group.id,
          about: [known.id, ...about],
          data: { groupId: group.id, tag, rule, from: prefix, numbers: numbersOf(group, "Outbound", [own.rule?.name]) },
          evidence: [
            armEvidence(group.id, `properties.securityRules "${rule}"`, `refuses TCP 443 to ${tag}`, "allowed"),
            armEvidence(known.id, "private endpoints of the customer", "none approved"),
            ...harm.slice(0, 2),
          ],
          ruledOut: [
            { id: "aksv1-default-outbound-removed", by: "the group lets Microsoft's registry through" },
            ...(harm.length > 0
              ? [{ id: "acr-identity-missing-acrpull", by: "the registry does not answer at all" }]
              : []),
          ],
          ...(harm.length > 0 ? {} : { as: "warning" as const }),
        }),
      ];
    };
    const ofClusters = (valueOf(networks) ?? []).flatMap(({ clusterId, nodeSubnets, network, groups }) => {
      const harm = (valueOf(complaints) ?? [])
        .filter(
          ({ clusterId: id, image, kind }) =>
            sameId(id, clusterId) && kind === "timeout" && sameText(image?.split("/")[0], host),
        )
        .map(({ where, text }): Evidence => ({ kind: "kubernetes", source: where, observed: text }));
      const subnets = (valueOf(network)?.properties.subnets ?? []).filter(({ id }) =>
        nodeSubnets.some((each) => sameId(each, id)),
      );
      return subnets.flatMap((subnet) => {
        const found = groups.find(({ id }) => sameId(id, subnet.properties?.networkSecurityGroup?.id));
        const group = found && valueOf(found.is);
        return group === undefined ? [] : judge(group, subnetPrefixes(subnet)[0], [clusterId, host], harm);
      });
    });
    const ofComputes = (valueOf(places) ?? []).flatMap(({ id, subnet, securityGroup }) => {
      const [group, its] = [valueOf(securityGroup), valueOf(subnet)];
      return group === undefined || its === undefined ? [] : judge(group, subnetPrefixes(its)[0], [id], []);
    });
    const verdicts = [...ofClusters, ...ofComputes];
    return verdicts.length > 0 ? verdicts : say.skip("no security group stands before nodes or computes", known.id);
  },
});
