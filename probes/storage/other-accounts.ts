import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { createEndpoint, listConnections, type ZonePlan } from "../../src/model/access-commands.ts";
import { putOutboundRule } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { clientAccess, type ClientAccess } from "../../src/facts/client-access.ts";
import { datastores } from "../../src/facts/datastores.ts";
import { outboundRules } from "../../src/facts/outbound-rules.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#secure-azure-storage-accounts";

interface Account {
  readonly way: ClientAccess;
  readonly workspaceId: string;
  readonly managed: boolean;
  readonly groups: readonly string[];
  /** By sub-resource. */
  readonly zones: Readonly<Record<string, ZonePlan>>;
}

/**
 * Accounts that are not the workspace's own and that a datastore names. Each needs a path from the network that reads it:
 * an outbound private endpoint rule where that is the workspace's managed network, a private endpoint there otherwise.
 */
export default defineProbe({
  id: "storage/other-accounts",
  title: "The datastores' other storage accounts have a private path",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network"],
  needs: {
    workspace: networkHome,
    accounts: storageAccounts,
    access: clientAccess,
    datastores,
    rules: raw(outboundRules),
  },
  consequence: "Whether the datastores' other storage accounts can be reached",
  reasons: {
    "st-nondefault-account-private": reason<Account>({
      severity: "error",
      title: "A storage account that a datastore uses is closed to the public and has no private path to it",
      detail: ({ way, managed }) =>
        managed
          ? `${way.name.fqdn} admits no public caller, and the managed network has no outbound rule to the account.`
          : `${way.name.fqdn} admits no public caller, and no approved private endpoint of it stands in this machine's network.`,
      fix: ({ way, managed, workspaceId, groups, zones }) => ({
        summary: managed
          ? "Add an outbound private endpoint rule for the account to the managed network"
          : "Create a private endpoint of the account in the network that reads it, with its DNS zone group",
        commands: managed
          ? groups.map((group) =>
              putOutboundRule(workspaceId, `pe-${way.resourceId.split("/").at(-1) ?? "storage"}-${group}`, {
                type: "PrivateEndpoint",
                destination: { serviceResourceId: way.resourceId, subresourceTarget: group, sparkEnabled: false },
              }),
            )
          : groups.flatMap((group) =>
              createEndpoint({
                targetId: way.resourceId,
                groupId: group,
                subnetId: way.subnetId,
                zone: zones[group],
              }),
            ),
        warning: "Accounts with a hierarchical namespace need dfs besides blob.",
        verify: [listConnections(way.resourceId)],
        docs,
      }),
      causedBy: [
        "mn-outbound-rule-missing",
        "mn-outbound-rule-not-active",
        "st-pe-not-approved",
        "cv-client-outside-vnet",
        "cv-peering-or-connectivity-missing",
      ],
      rivals: ["st-dns-resolves-public", "st-no-blob-pe"],
    }),
  },
  judge({ workspace: space, accounts, access, datastores: stores, rules }, say) {
    const isolation = isolationOf(space);
    const found = accounts.flatMap(({ is, isDefault }): Verdict[] => {
      const account = valueOf(is);
      const way =
        account && access.find(({ name, resourceId }) => name.service === "blob" && sameId(resourceId, account.id));
      if (account === undefined || way === undefined || isDefault || !way.locked) return [];
      const using = stores.filter(({ properties }) => sameText(properties.accountName, account.name));
      if (using.length === 0) return [];
      const managed = isolation === "managed";
      if (managed) {
        if (rules.is === "gap") return [say.unknown(rules, { subject: account.id })];
        // Each rule is judged by itself; here only a missing one counts.
        if ((valueOf(rules) ?? []).some(({ serviceResourceId }) => sameId(serviceResourceId, account.id))) return [];
      } else if (
        way.near.length > 0 ||
        way.unplaced.length > 0 ||
        way.outcome === "private" ||
        way.outcome === "let-in"
      )
        return [];
      const selected = way.name.publicAccess === "selected" && way.outcome !== "refused";
      return [
        say.found("st-nondefault-account-private", {
          subject: account.id,
          about: [way.name.fqdn, ...using.map(({ id }) => id), ...way.waiting, ...way.far],
          data: {
            way,
            workspaceId: space.id,
            managed,
            groups: account.properties.isHnsEnabled === true ? ["blob", "dfs"] : ["blob"],
            zones: Object.fromEntries(
              access.flatMap(({ name, resourceId, zone }) =>
                sameId(resourceId, account.id) && zone !== undefined ? [[name.groupId, zone]] : [],
              ),
            ),
          },
          evidence: [
            armEvidence(using[0]?.id ?? account.id, "properties.accountName", account.name),
            armEvidence(
              account.id,
              "properties.publicNetworkAccess",
              account.properties.publicNetworkAccess ?? undefined,
            ),
            armEvidence(
              account.id,
              "properties.networkAcls.defaultAction",
              account.properties.networkAcls?.defaultAction ?? undefined,
            ),
            managed
              ? armEvidence(
                  `${space.id}/outboundRules`,
                  "properties.destination.serviceResourceId",
                  "no rule for the account",
                  account.id,
                )
              : armEvidence(
                  account.id,
                  "private endpoints for blob in this machine's network",
                  "none",
                  "an approved one",
                ),
            ...(way.reach === undefined ? [] : [reachEvidence(way.reach)]),
          ],
          ...(selected
            ? {
                confidence: "likely" as const,
                inferredFrom: "the account's rules; whether the reading network is among those selected is not seen",
              }
            : {}),
        }),
      ];
    });
    return found.length > 0 ? found : say.pass();
  },
});
