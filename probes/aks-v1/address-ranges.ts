import { inPrefix } from "../../src/model/address.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { inGroup } from "../../src/model/cluster-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { overlaps } from "../../src/facts/address-overlap.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesNetworks, type ClusterNetwork } from "../../src/facts/kubernetes-networks.ts";

const docs = "https://learn.microsoft.com/azure/aks/configure-azure-cni";

/** Whether the cluster's inner ranges keep clear of its network, and the cluster stands in its network's region. */
export default defineProbe({
  id: "aks-v1/address-ranges",
  title: "The cluster's service range does not clash with its virtual network",
  layer: "transport",
  docs: [docs],
  needs: { clusters: kubernetesClusters, networks: kubernetesNetworks },
  reasons: {
    "aksv1-cidr-overlap": reason<{ clusterId: string; how: string }>({
      severity: "error",
      title: "The cluster's inner address ranges clash with those of the virtual network",
      detail: ({ how }) => how,
      fix: ({ clusterId }) => ({
        summary:
          "Build a cluster whose service range, DNS address and bridge range overlap no subnet of its network or of peered ones, and attach that",
        commands: [
          az(
            "aks",
            "show",
            ...inGroup(clusterId),
            "--query",
            "{network:networkProfile, subnets:agentPoolProfiles[].vnetSubnetId}",
          ),
        ],
        warning:
          "These ranges are fixed when a cluster is made. A network on 10.0.0.0/16 clashes with the range that AKS takes by itself.",
        verify: [az("aks", "show", ...inGroup(clusterId), "--query", "networkProfile.serviceCidr").text],
        docs,
      }),
    }),
    "aksv1-vnet-prereqs-unmet": reason<{ clusterId: string; how: string }>({
      severity: "error",
      title: "The cluster and its virtual network are in different regions",
      detail: ({ how }) => how,
      fix: ({ clusterId }) => ({
        summary: "Build a cluster in the region of the network that it is to stand in",
        commands: [
          az(
            "aks",
            "show",
            ...inGroup(clusterId),
            "--query",
            "{location:location, subnets:agentPoolProfiles[].vnetSubnetId}",
          ),
        ],
        verify: [az("aks", "show", ...inGroup(clusterId), "--query", "location").text],
        docs,
      }),
      causedBy: ["k8s-region-mismatch"],
    }),
  },
  judge({ clusters, networks }, say) {
    if (networks.length === 0) return say.skip("no cluster with a network of yours is attached");
    return networks.flatMap((own): Verdict[] => {
      const view = clusters.find(({ id }) => sameId(id, own.clusterId));
      const cluster = view && valueOf(view.managed);
      const vnet = valueOf(own.network);
      if (cluster === undefined || vnet === undefined)
        return [
          own.network.is === "gap"
            ? say.unknown(own.network, {
                subject: own.clusterId,
                consequence: "Whether the cluster's ranges clash with its network",
                matters: false,
              })
            : say.skip("the cluster's network is gone", own.clusterId),
        ];
      const profile = cluster.properties.networkProfile;
      const service = profile?.serviceCidr ?? "";
      const clashes = prefixesOf(own).filter((prefix) => service !== "" && overlaps(service, prefix));
      const bridge = profile?.dockerBridgeCidr ?? "";
      const bridgeClashes =
        bridge === ""
          ? []
          : [...prefixesOf(own), service].filter((prefix) => prefix !== "" && overlaps(bridge, prefix));
      // Pods lose of a peered network only what the cluster gives to a service of its own: that may never show.
      const far = (valueOf(own.peerings) ?? [])
        .filter(({ properties }) => sameText(properties?.peeringState, "Connected"))
        .map(({ properties }) => ({
          name: parseArmId(properties?.remoteVirtualNetwork?.id)?.name ?? "a peered network",
          prefixes: (properties?.remoteAddressSpace?.addressPrefixes ?? []).filter(
            (prefix) => service !== "" && overlaps(service, prefix),
          ),
        }))
        .find(({ prefixes }) => prefixes.length > 0);
      const dns = profile?.dnsServiceIP ?? "";
      const how =
        clashes.length > 0
          ? `serviceCidr ${service} overlaps ${shortList(clashes)}, subnets of ${vnet.name ?? vnet.id}.`
          : bridgeClashes.length > 0
            ? `dockerBridgeCidr ${bridge} overlaps ${shortList(bridgeClashes)}.`
            : service !== "" && dns !== "" && !inPrefix(dns, service)
              ? `dnsServiceIP ${dns} is outside serviceCidr ${service}.`
              : undefined;
      const evidence = [
        armEvidence(own.clusterId, "properties.networkProfile.serviceCidr", service || undefined),
        armEvidence(own.vnetId, "subnets[].properties.addressPrefix", prefixesOf(own)),
      ];
      if (how !== undefined)
        return [
          say.found("aksv1-cidr-overlap", {
            subject: own.clusterId,
            about: [own.vnetId],
            data: { clusterId: own.clusterId, how },
            evidence: [
              ...evidence,
              ...(bridge === ""
                ? []
                : [armEvidence(own.clusterId, "properties.networkProfile.dockerBridgeCidr", bridge)]),
            ],
          }),
        ];
      if (far !== undefined)
        return [
          say.found("aksv1-cidr-overlap", {
            subject: own.clusterId,
            about: [own.vnetId],
            data: {
              clusterId: own.clusterId,
              how: `serviceCidr ${service} overlaps ${shortList(far.prefixes)} of ${far.name}, which is peered with the cluster's network.`,
            },
            evidence: [
              ...evidence.slice(0, 1),
              armEvidence(
                own.vnetId,
                "virtualNetworkPeerings[].properties.remoteAddressSpace.addressPrefixes",
                far.prefixes,
                `none within ${service}`,
              ),
            ],
            as: "warning",
          }),
        ];
      const [here, there] = [cluster.location, vnet.location].map((location) =>
        (location ?? "").toLowerCase().replaceAll(" ", ""),
      );
      if (here && there && !sameText(here, there)) {
        return [
          say.found("aksv1-vnet-prereqs-unmet", {
            subject: own.clusterId,
            about: [own.vnetId],
            data: { clusterId: own.clusterId, how: `The cluster is in ${here}, its network in ${there}.` },
            evidence: [
              armEvidence(own.clusterId, "location", cluster.location ?? undefined),
              armEvidence(own.vnetId, "location", vnet.location ?? undefined),
            ],
          }),
        ];
      }
      return [say.pass(undefined, { subject: own.clusterId, evidence })];
    });
  },
});

function prefixesOf({ network }: ClusterNetwork): string[] {
  return (valueOf(network)?.properties.subnets ?? []).flatMap(({ properties }) => [
    ...(properties?.addressPrefix ? [properties.addressPrefix] : []),
    ...(properties?.addressPrefixes ?? []),
  ]);
}
