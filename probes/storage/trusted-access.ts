import { armEvidence } from "../../src/model/evidence.ts";
import { named } from "../../src/model/access-commands.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";
import { matchesAction } from "../../src/facts/role-grants.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#secure-azure-storage-accounts";

/**
 * The service reads the default account from outside: as a trusted service, or because a resource instance rule names the
 * workspace. Both stay in force when public access is off. Without `networkAcls`, or with no `bypass` in them, the default
 * holds, which lets trusted services in.
 */
export default defineProbe({
  id: "storage/trusted-access",
  title: "The default storage account lets the workspace's service in",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/storage/common/storage-network-security"],
  needs: { workspace, accounts: storageAccounts },
  consequence: "Whether the service may read the default storage account",
  reasons: {
    "st-trusted-access-missing": reason<{ accountId: string; workspaceId: string; tenantId?: string; bypass: string }>({
      severity: "error",
      title: "The default storage account admits neither trusted services nor the workspace",
      detail: ({ bypass }) =>
        `networkAcls.bypass is ${bypass}, expected AzureServices in it, and no resource instance rule names the workspace.`,
      fix: ({ accountId, workspaceId, tenantId, bypass }) => {
        const at = parseArmId(accountId);
        const kept = bypass
          .split(",")
          .map((each) => each.trim())
          .filter((each) => each !== "" && !sameText(each, "None"));
        const rule =
          at && tenantId !== undefined
            ? [
                az(
                  "storage",
                  "account",
                  "network-rule",
                  "add",
                  "--subscription",
                  at.subscriptionId,
                  "--resource-group",
                  at.resourceGroup,
                  "--account-name",
                  at.name,
                  "--resource-id",
                  workspaceId,
                  "--tenant-id",
                  tenantId,
                ),
              ]
            : [];
        return {
          summary: "Admit the workspace by a resource instance rule; the exception for trusted services does as well",
          commands: [
            ...rule,
            az("storage", "account", "update", ...named(accountId), "--bypass", ...kept, "AzureServices"),
          ],
          warning:
            "One of the two is enough; the rule is the narrower one and needs the workspace's system-assigned identity. --bypass replaces the list, so what was set before is repeated.",
          takesEffect: "Within a few minutes",
          verify: [
            az(
              "storage",
              "account",
              "show",
              ...named(accountId),
              "--query",
              "{bypass:networkRuleSet.bypass,rules:networkRuleSet.resourceAccessRules}",
            ).text,
          ],
          docs,
        };
      },
      rivals: ["st-firewall-blocks-client"],
    }),
  },
  judge({ workspace: space, accounts }, say) {
    const first = accounts.find(({ isDefault }) => isDefault);
    if (first === undefined) return say.skip("the workspace names no storage account", space.id);
    if (first.is.is === "gap") return say.unknown(first.is, { subject: first.id });
    const account = valueOf(first.is);
    if (account === undefined) return say.skip("the default storage account does not exist", first.id);
    const { publicNetworkAccess, networkAcls: acls } = account.properties;
    if (!acls?.bypass || (!sameText(publicNetworkAccess, "Disabled") && !sameText(acls.defaultAction, "Deny")))
      return say.pass(undefined, { subject: account.id });
    const trusted = acls.bypass.split(",").some((each) => sameText(each.trim(), "AzureServices"));
    // A rule may name one workspace, or all of a group or subscription with an asterisk.
    const rule = (acls.resourceAccessRules ?? []).find(
      ({ resourceId }) => resourceId && matchesAction(resourceId, space.id),
    );
    const evidence = [
      armEvidence(
        account.id,
        "properties.networkAcls.bypass",
        acls.bypass,
        "AzureServices, or a rule for the workspace",
      ),
      armEvidence(
        account.id,
        "properties.networkAcls.resourceAccessRules",
        acls.resourceAccessRules?.map(({ resourceId }) => resourceId) ?? [],
        space.id,
      ),
      armEvidence(account.id, "properties.networkAcls.defaultAction", acls.defaultAction ?? undefined),
    ];
    if (trusted || rule !== undefined)
      return say.pass(undefined, { subject: account.id, evidence: evidence.slice(0, 1) });
    const tenantId = space.identity?.tenantId ?? space.properties.tenantId ?? undefined;
    return say.found("st-trusted-access-missing", {
      subject: account.id,
      data: {
        accountId: account.id,
        workspaceId: space.id,
        bypass: acls.bypass,
        ...(tenantId === undefined ? {} : { tenantId }),
      },
      evidence,
      ruledOut: [
        {
          id: "st-firewall-blocks-client",
          by: "this is about the service's own access, which uses no address of yours",
        },
      ],
    });
  },
});
