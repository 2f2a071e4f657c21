import { parentId, parseArmId, sameId } from "../../src/model/arm-id.ts";
import { createEndpoint, type ZonePlan } from "../../src/model/access-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { names } from "../../src/facts/names.ts";
import { networks } from "../../src/facts/networks.ts";
import { linkConnections, privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { privateZones, zonePlanFor } from "../../src/facts/private-zones.ts";
import { joinOf } from "../../src/facts/reachability.ts";
import { isLocked, registry } from "../../src/facts/registry.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link";

interface Apart {
  readonly workspaceId: string;
  readonly network: string;
  readonly subnetId: string;
  readonly missing: readonly { readonly id: string; readonly group: string; readonly zone?: ZonePlan | undefined }[];
}

const apart = (title: string) =>
  reason<Apart>({
    severity: "warning",
    title,
    detail: ({ network, missing }) =>
      `From ${parseArmId(network)?.name ?? network} there is no private way to ${shortList(missing.map(({ id, group }) => `${parseArmId(id)?.name ?? id} (${group})`))}, neither in the network nor in one joined with it.`,
    fix: ({ network, subnetId, missing }) => ({
      summary: `Create the missing private endpoints in ${parseArmId(network)?.name ?? network}, or peer it with the network that has them`,
      commands: missing.flatMap(({ id, group, zone }) =>
        createEndpoint({ targetId: id, groupId: group, subnetId, zone }),
      ),
      warning:
        "Where networks share a private DNS zone, a second private endpoint of a resource overwrites the first one's record: peer the networks, or give each its own zones. Peerings go both ways, and the zones have to be linked to every network.",
      verify: [az("network", "private-endpoint", "list", "--output", "table").text],
      docs,
    }),
  });

/**
 * Who comes in by the workspace's private endpoint goes on to its storage, key vault and registry from the same network.
 * Only resources that are closed to the public count, and only networks whose peerings can be read.
 */
export default defineProbe({
  id: "workspace/dependency-networks",
  title: "Every network with a way in to the workspace has one to its storage, key vault and registry",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet"],
  needs: {
    workspace,
    privateEndpoints,
    networks,
    vault: raw(keyVault),
    registry: raw(registry),
    accounts: raw(storageAccounts),
    names: raw(names),
    zones: raw(privateZones),
  },
  advisory: true,
  reasons: {
    "ws-dependencies-different-vnet": apart(
      "The private endpoints of the workspace and of what it depends on stand in networks that are not joined",
    ),
    "ws-multiple-pe-vnets-missing-deps": apart(
      "A further network has a private endpoint of the workspace, and no way to what the workspace depends on",
    ),
  },
  judge({ workspace: { id }, privateEndpoints: { entries }, networks: known, vault, accounts, ...others }, say) {
    const [gap] = gapsOf(entries.map(({ endpoint }) => endpoint));
    if (gap) return say.unknown(gap, { subject: id, matters: false });
    const standing = (target: string, group: string): string[] =>
      entries.flatMap(({ endpoint }) => {
        const value = valueOf(endpoint);
        const subnet = value?.properties.subnet?.id;
        const leads =
          value !== undefined &&
          linkConnections(value).some(
            ({ properties }) =>
              sameId(properties?.privateLinkServiceId, target) &&
              sameText(properties?.privateLinkServiceConnectionState?.status, "Approved") &&
              (properties?.groupIds ?? []).some((each) => sameText(each, group)),
          );
        return leads && subnet ? [subnet] : [];
      });
    const closed = (access: string | null | undefined, action: string | null | undefined): boolean =>
      sameText(access, "Disabled") || sameText(action, "Deny");
    const secrets = valueOf(vault);
    const store = (valueOf(accounts) ?? [])
      .filter(({ isDefault }) => isDefault)
      .flatMap(({ is }) => valueOf(is) ?? [])[0];
    const image = valueOf(others.registry);
    const wanted = [
      ...(store && closed(store.properties.publicNetworkAccess, store.properties.networkAcls?.defaultAction)
        ? [
            { id: store.id, group: "blob" },
            { id: store.id, group: "file" },
          ]
        : []),
      ...(secrets && closed(secrets.properties.publicNetworkAccess, secrets.properties.networkAcls?.defaultAction)
        ? [{ id: secrets.id, group: "vault" }]
        : []),
      ...(image && isLocked(image) ? [{ id: image.id, group: "registry" }] : []),
      // What has no private endpoint at all is another fault, with a check of its own.
    ].filter((each) => standing(each.id, each.group).length > 0);
    const subnets = standing(id, "amlworkspace");
    if (subnets.length === 0 || wanted.length === 0)
      return say.skip("the workspace has no private endpoint, or nothing that it depends on is closed", id);
    const lacking = subnets.map((subnetId) => ({
      subnetId,
      missing: wanted.filter((each) =>
        standing(each.id, each.group).every((other) =>
          ["none", "broken"].includes(joinOf(parentId(subnetId), parentId(other), known).is),
        ),
      ),
    }));
    const nowhere = lacking.every(({ missing }) => missing.length > 0);
    const found = lacking.flatMap(({ subnetId, missing }): Verdict[] => {
      if (missing.length === 0) return [];
      const network = parentId(subnetId);
      return [
        say.found(nowhere ? "ws-dependencies-different-vnet" : "ws-multiple-pe-vnets-missing-deps", {
          subject: network,
          about: missing.map((each) => each.id),
          data: {
            workspaceId: id,
            network,
            subnetId,
            missing: missing.map((each) => ({
              ...each,
              zone: zonePlanFor(valueOf(others.names) ?? [], each.id, each.group, others.zones, network),
            })),
          },
          evidence: [
            armEvidence(network, "private endpoints of the workspace", "one, approved"),
            ...missing
              .slice(0, 3)
              .map((each) =>
                armEvidence(
                  each.id,
                  `private endpoints (${each.group})`,
                  standing(each.id, each.group),
                  `one in ${network}`,
                ),
              ),
          ],
        }),
      ];
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: id });
  },
});
