import { parentId, sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { databricksWorkspaces } from "../../src/facts/databricks-workspaces.ts";
import { networks } from "../../src/facts/networks.ts";
import { isApproved, serviceConnections } from "../../src/facts/service-connections.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet";
const injection = "https://learn.microsoft.com/azure/databricks/security/network/classic/vnet-inject";

/**
 * Databricks clusters call the workspace: a private one they reach from its own network or a peered one only. The conditions
 * of 2019 about subnets, regions and subscriptions are not in the present articles and are not judged.
 */
export default defineProbe({
  id: "compute/databricks",
  title: "Attached Databricks clusters stand where they reach the private workspace",
  layer: "control-plane",
  docs: [docs, injection],
  needs: { workspace, attached: databricksWorkspaces, privateEndpoints, networks: raw(networks) },
  consequence: "Whether attached Databricks clusters reach the private workspace",
  advisory: true,
  reasons: {
    "cmp-databricks-vnet": reason<{ id: string; networkId?: string; workspaceNetworks: string[] }>({
      severity: "warning",
      title: "The clusters of an attached Databricks workspace have no way to the private workspace",
      detail: ({ networkId, workspaceNetworks }) =>
        `${networkId === undefined ? "They stand in a network that Databricks made for itself" : `They stand in ${networkId.split("/").at(-1) ?? networkId}`}; the workspace's private endpoints stand in ${shortList(workspaceNetworks.map((id) => id.split("/").at(-1) ?? id))}, and no peering joins the two.`,
      fix: ({ id, networkId, workspaceNetworks }) => ({
        summary:
          networkId === undefined
            ? "Put the clusters into the workspace's network (VNet injection), or peer the network that Databricks made with it"
            : "Peer the clusters' network with the workspace's, and link its private DNS zones there",
        commands: [
          az("resource", "show", "--ids", id, "--query", "properties.parameters"),
          ...workspaceNetworks
            .slice(0, 1)
            .map((network) =>
              az(
                "network",
                "vnet",
                "show",
                "--ids",
                network,
                "--query",
                "{space:addressSpace.addressPrefixes, peerings:virtualNetworkPeerings[].remoteVirtualNetwork.id}",
              ),
            ),
        ],
        warning:
          "The network of a Databricks workspace is chosen when it is made or updated; injected subnets are delegated to Databricks and hold nothing else. A way through a hub's firewall needs no peering.",
        verify: [az("resource", "show", "--ids", id, "--query", "properties.parameters.customVirtualNetworkId").text],
        docs: injection,
      }),
    }),
  },
  judge({ workspace: space, attached, privateEndpoints: { entries }, networks: known }, say) {
    if (attached.length === 0) return say.skip("no Databricks workspace is attached");
    if (!sameText(space.properties.publicNetworkAccess, "Disabled"))
      return say.skip("the workspace is open to the public", space.id);
    const homes = serviceConnections(space, entries, space).flatMap((each) =>
      isApproved(each) && each.subnetId !== undefined ? [parentId(each.subnetId)] : [],
    );
    if (homes.length === 0) return say.skip("the workspace's private endpoints cannot be placed", space.id);
    const peered = (valueOf(known) ?? [])
      .filter(({ id }) => homes.some((home) => sameId(home, id)))
      .map(({ peerings }) => peerings);
    return attached.map(({ id, is }): Verdict => {
      if (is.is === "gap") return say.unknown(is, { subject: id, matters: false });
      const found = valueOf(is);
      if (found === undefined) return say.skip("the Databricks workspace is gone", id);
      const networkId = found.properties.parameters?.customVirtualNetworkId?.value ?? undefined;
      const evidence = [
        armEvidence(id, "properties.parameters.customVirtualNetworkId", networkId, shortList(homes)),
        armEvidence(space.id, "properties.publicNetworkAccess", space.properties.publicNetworkAccess ?? undefined),
      ];
      const gap = peered.find((each) => each.is === "gap");
      const made = found.properties.managedResourceGroupId?.toLowerCase();
      const isTheirs = (remote: string | null | undefined): boolean =>
        networkId === undefined
          ? Boolean(made) && remote?.toLowerCase().startsWith(`${made}/`) === true
          : sameId(remote, networkId);
      const joined = peered
        .flatMap((each) => valueOf(each) ?? [])
        .some(
          ({ properties: its }) => isTheirs(its?.remoteVirtualNetwork?.id) && sameText(its?.peeringState, "Connected"),
        );
      if (joined || (networkId !== undefined && homes.some((home) => sameId(home, networkId))))
        return say.pass(undefined, { subject: id, evidence });
      if (gap?.is === "gap") return say.unknown(gap, { subject: id, matters: false });
      return say.found("cmp-databricks-vnet", {
        subject: id,
        about: [space.id],
        data: { id, workspaceNetworks: [...new Set(homes)], ...(networkId === undefined ? {} : { networkId }) },
        evidence,
        inferredFrom:
          "where the clusters and the private endpoints stand; a peering that Databricks keeps, or a hub between the two, is not seen",
      });
    });
  },
});
