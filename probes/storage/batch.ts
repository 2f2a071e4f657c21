import { armEvidence } from "../../src/model/evidence.ts";
import { createEndpoint, listConnections, type ZonePlan } from "../../src/model/access-commands.ts";
import { putOutboundRule } from "../../src/model/deployment-commands.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { batchEndpoints } from "../../src/facts/batch-endpoints.ts";
import { clientAccess } from "../../src/facts/client-access.ts";
import { outboundRules } from "../../src/facts/outbound-rules.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { networkHome } from "../../src/facts/hub.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-batch-endpoint";

interface Missing {
  readonly accountId: string;
  readonly workspaceId: string;
  readonly groups: readonly string[];
  readonly managed: boolean;
  readonly subnetId?: string;
  /** By sub-resource. */
  readonly zones: Readonly<Record<string, ZonePlan>>;
}

/** Batch endpoints use queue and table of the default account, which nothing else needs: no batch endpoint, no fault. */
export default defineProbe({
  id: "storage/batch",
  title: "Batch endpoints have a way to queue and table storage",
  layer: "control-plane",
  docs: [docs],
  needs: {
    workspace,
    home: networkHome,
    accounts: storageAccounts,
    batch: maybe(batchEndpoints),
    access: clientAccess,
    rules: raw(outboundRules),
  },
  consequence: "Whether batch endpoints reach queue and table storage",
  advisory: true,
  reasons: {
    "st-no-queue-table-pe": reason<Missing>({
      severity: "error",
      title: "Batch endpoints have no private path to queue and table of the default storage account",
      detail: ({ groups, managed }) =>
        `${managed ? "The managed network has no outbound rule" : "There is no approved private endpoint"} for ${groups.join(" and ")}, and the account is closed to the public.`,
      fix: ({ accountId, workspaceId, groups, managed, subnetId, zones }) => ({
        summary: managed
          ? `Add outbound private endpoint rules for ${groups.join(" and ")}`
          : `Create private endpoints for ${groups.join(" and ")}, each with its DNS zone group`,
        commands: groups.flatMap((group) =>
          managed
            ? [
                putOutboundRule(workspaceId, `pe-${group}`, {
                  type: "PrivateEndpoint",
                  destination: { serviceResourceId: accountId, subresourceTarget: group, sparkEnabled: false },
                }),
              ]
            : createEndpoint({ targetId: accountId, groupId: group, subnetId, zone: zones[group] }),
        ),
        verify: [listConnections(accountId)],
        docs,
      }),
      causedBy: ["st-pe-not-approved"],
    }),
  },
  judge({ workspace: space, home, accounts, batch, access, rules }, say) {
    if (batch === undefined || batch.length === 0) return say.skip("the workspace has no batch endpoints", space.id);
    const first = accounts.find(({ isDefault }) => isDefault);
    if (first?.is.is === "gap") return say.unknown(first.is, { subject: first.id });
    const account = first && valueOf(first.is);
    if (account === undefined) return say.skip("the workspace has no default storage account", space.id);
    const managed = isolationOf(home) === "managed";
    if (managed && rules.is === "gap") return say.unknown(rules, { subject: account.id });
    const ways = access.filter(
      ({ name, resourceId }) =>
        sameId(resourceId, account.id) &&
        (name.service === "queue" || name.service === "table") &&
        access.some(({ locked }) => locked),
    );
    const groups = ways
      .filter(({ name, locked, near, far, unplaced, outcome }) =>
        managed
          ? locked &&
            !(valueOf(rules) ?? []).some(
              (rule) => sameId(rule.serviceResourceId, account.id) && sameText(rule.subresource, name.groupId),
            )
          : locked && near.length + far.length + unplaced.length === 0 && outcome !== "private" && outcome !== "let-in",
      )
      .map(({ name }) => name.groupId);
    if (groups.length === 0) return say.pass(undefined, { subject: account.id });
    const subnetId = ways[0]?.subnetId;
    return say.found("st-no-queue-table-pe", {
      subject: account.id,
      about: [
        ...batch.map(({ id }) => id),
        ...ways.flatMap(({ name, waiting }) => (groups.includes(name.groupId) ? [name.fqdn, ...waiting] : [])),
      ],
      data: {
        accountId: account.id,
        workspaceId: home.id,
        groups,
        managed,
        zones: Object.fromEntries(ways.flatMap(({ name, zone }) => (zone === undefined ? [] : [[name.groupId, zone]]))),
        ...(subnetId === undefined ? {} : { subnetId }),
      },
      evidence: [
        armEvidence(
          managed ? `${home.id}/outboundRules` : account.id,
          managed ? "properties.destination.subresourceTarget" : "approved private endpoints",
          `none for ${groups.join(", ")}`,
          "queue and table",
        ),
        armEvidence(account.id, "properties.publicNetworkAccess", account.properties.publicNetworkAccess ?? undefined),
        armEvidence(
          `${space.id}/batchEndpoints`,
          "names",
          batch.map(({ name }) => name),
        ),
      ],
    });
  },
});
