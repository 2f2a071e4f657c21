import { parentId, parseArmId, sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { allSeen, gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesNetworks, type ClusterNetwork } from "../../src/facts/kubernetes-networks.ts";
import { names } from "../../src/facts/names.ts";
import type { Name } from "../../src/facts/name.ts";
import { linkConnections, privateEndpoints, type PrivateEndpointEntry } from "../../src/facts/private-endpoints.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-inferencing-environment";

/** What a cluster needs of each resource, and the service endpoint that does instead. */
const needed: Readonly<Record<string, string | undefined>> = {
  amlworkspace: undefined,
  blob: "Microsoft.Storage",
  file: "Microsoft.Storage",
  vault: "Microsoft.KeyVault",
  registry: "Microsoft.ContainerRegistry",
};

interface Missing {
  readonly cluster: string;
  readonly vnetId: string;
  readonly lacking: readonly { resourceId: string; groupId: string }[];
  readonly elsewhere: readonly string[];
  readonly subnet: string | undefined;
}

/**
 * Whether what the workspace depends on can be reached from the network of the cluster's nodes: by a private endpoint there
 * or in a network peered with it, or by a service endpoint of the nodes' subnet. A resource that is open to everybody
 * needs neither.
 */
export default defineProbe({
  id: "kubernetes/dependencies",
  title: "The cluster's network has a private way to the workspace and what it depends on",
  layer: "transport",
  docs: [docs],
  needs: { clusters: kubernetesClusters, networks: kubernetesNetworks, names, privateEndpoints },
  consequence: "Whether the cluster reaches the workspace's resources privately",
  reasons: {
    "k8s-deps-without-pe": reason<Missing>({
      severity: "error",
      title: "The cluster's network has no private way to resources that are closed to the public",
      detail: ({ cluster, vnetId, lacking, elsewhere }) =>
        `${cluster} stands in ${vnetId.split("/").at(-1) ?? vnetId}; ${shortList(
          lacking.map(({ resourceId, groupId }) => `${resourceId.split("/").at(-1) ?? resourceId} (${groupId})`),
          5,
        )} ${lacking.length === 1 ? "has" : "have"} no private endpoint there or in a peered network${elsewhere.length === 0 ? "" : `, only in ${shortList(elsewhere)}`}.`,
      fix: ({ vnetId, lacking, elsewhere, subnet }) => ({
        summary:
          elsewhere.length > 0
            ? "Peer the cluster's network with the one that holds the private endpoints, or make private endpoints in the cluster's network, each with DNS"
            : "Make private endpoints in the cluster's network, each with DNS",
        commands: commandsFor(vnetId, lacking, subnet),
        warning:
          "Each private endpoint wants its DNS zone linked to the cluster's network; without, pods still resolve the public address. A second endpoint of one resource overwrites its record in a shared zone.",
        takesEffect: "Some minutes",
        verify: [
          'az network private-endpoint list --query "[].{name:name, subnet:subnet.id, to:privateLinkServiceConnections[0].groupIds[0]}" --output table',
        ],
        docs,
      }),
      causedBy: [
        "cv-peering-or-connectivity-missing",
        "acr-no-private-endpoint",
        "st-no-blob-pe",
        "st-no-file-pe",
        "ws-no-private-endpoint",
        "ws-pe-removed-not-public",
      ],
    }),
  },
  judge({ clusters, networks, names: all, privateEndpoints: { entries } }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    if (networks.length === 0) return say.skip("the cluster's nodes stand in a network that AKS made for them");
    return networks.map((own): Verdict => {
      const cluster = clusters.find(({ id }) => sameId(id, own.clusterId));
      const gap =
        gapsOf(entries.map(({ endpoint }) => endpoint))[0] ??
        (own.network.is === "gap" ? own.network : undefined) ??
        (own.peerings.is === "gap" ? own.peerings : undefined);
      const lacking = wanted(all, own).filter(
        (name) => !endpointsOf(entries, name).some((subnet) => isNear(subnet, own)),
      );
      if (lacking.length === 0) return say.pass(undefined, { subject: own.clusterId });
      if (gap)
        return say.unknown(gap, {
          subject: own.clusterId,
          consequence: "Whether the cluster's network has a private way to every resource",
          matters: cluster?.isOpen ?? true,
        });
      const elsewhere = [
        ...new Set(
          lacking.flatMap((name) =>
            endpointsOf(entries, name).map((subnet) => parentId(subnet).split("/").at(-1) ?? ""),
          ),
        ),
      ];
      return say.found("k8s-deps-without-pe", {
        subject: own.clusterId,
        about: [
          ...(cluster?.topics ?? []),
          ...lacking.map(({ resourceId }) => resourceId).filter((id) => !/\/workspaces\/[^/]+$/i.test(id)),
          ...lacking.map(({ fqdn }) => fqdn),
        ],
        data: {
          cluster: cluster?.name ?? own.clusterId,
          vnetId: own.vnetId,
          lacking: lacking.map(({ resourceId, groupId }) => ({ resourceId, groupId })),
          elsewhere,
          subnet: spareSubnet(own),
        },
        evidence: [
          armEvidence(own.clusterId, "properties.agentPoolProfiles[].vnetSubnetID", own.nodeSubnets.join(", ")),
          ...lacking
            .slice(0, 3)
            .map((name) =>
              armEvidence(
                name.resourceId,
                `private endpoints of ${name.groupId}`,
                endpointsOf(entries, name).join(", ") || "none",
                `one in ${own.vnetId.split("/").at(-1) ?? own.vnetId} or a peered network`,
              ),
            ),
        ],
      });
    });
  },
});

/** The closed resources that the cluster needs, one name each, without those that a service endpoint serves. */
function wanted(all: readonly Name[], { network, nodeSubnets }: ClusterNetwork): Name[] {
  const services = (valueOf(network)?.properties.subnets ?? [])
    .filter(({ id }) => nodeSubnets.some((subnet) => sameId(subnet, id)))
    .flatMap(({ properties }) => (properties?.serviceEndpoints ?? []).flatMap(({ service }) => service ?? []));
  const closed = all.filter(
    ({ groupId, publicAccess }) =>
      groupId in needed &&
      publicAccess === "closed" &&
      !services.some((service) => sameText(service, needed[groupId] ?? "-")),
  );
  return [...new Map(closed.map((name) => [`${name.resourceId} ${name.groupId}`.toLowerCase(), name])).values()];
}

/** The subnets of the private endpoints that lead to a resource's group. */
function endpointsOf(entries: readonly PrivateEndpointEntry[], { resourceId, groupId }: Name): string[] {
  return allSeen(entries.map(({ endpoint }) => endpoint))
    .filter((endpoint) =>
      linkConnections(endpoint).some(
        ({ properties }) =>
          sameId(properties?.privateLinkServiceId, resourceId) &&
          (properties?.groupIds ?? []).some((group) => sameText(group, groupId)),
      ),
    )
    .flatMap(({ properties }) => properties.subnet?.id ?? []);
}

/** Whether a subnet stands in the cluster's network or in one that is peered with it. */
function isNear(subnet: string, { vnetId, peerings }: ClusterNetwork): boolean {
  const network = parentId(subnet);
  return (
    sameId(network, vnetId) ||
    (valueOf(peerings) ?? []).some(
      ({ properties }) =>
        sameId(properties?.remoteVirtualNetwork?.id, network) && sameText(properties?.peeringState, "Connected"),
    )
  );
}

/** A subnet of the cluster's network that is not its nodes'; their own when there is no other. */
function spareSubnet({ network, nodeSubnets }: ClusterNetwork): string | undefined {
  const all = (valueOf(network)?.properties.subnets ?? []).filter(
    ({ properties }) => (properties?.delegations ?? []).length === 0,
  );
  return (all.find(({ id }) => !nodeSubnets.some((subnet) => sameId(subnet, id))) ?? all[0])?.id;
}

function commandsFor(vnetId: string, lacking: Missing["lacking"], subnet: string | undefined): Command[] {
  const vnet = parseArmId(vnetId);
  if (vnet === undefined || subnet === undefined) return [];
  return lacking.map(({ resourceId, groupId }) => {
    const name = `pe-${resourceId.split("/").at(-1) ?? "resource"}-${groupId}`;
    return az(
      "network",
      "private-endpoint",
      "create",
      "--subscription",
      vnet.subscriptionId,
      "--resource-group",
      vnet.resourceGroup,
      "--name",
      name,
      "--subnet",
      subnet,
      "--private-connection-resource-id",
      resourceId,
      "--group-id",
      groupId,
      "--connection-name",
      name,
    );
  });
}
