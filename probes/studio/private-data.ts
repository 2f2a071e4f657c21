import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { valueOf } from "../../src/model/observation.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { sameText } from "../../src/model/text.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";

const studioDocs = "https://learn.microsoft.com/azure/machine-learning/how-to-enable-studio-virtual-network";

/**
 * The studio reads data as the workspace and as the person in front of the browser. What that cannot do with private
 * storage, or over a public workspace, is said here: it limits the studio and breaks neither jobs nor scoring.
 */
export default defineProbe({
  id: "studio/private-data",
  title: "The studio can read the workspace's default storage",
  layer: "endpoint",
  docs: [studioDocs],
  needs: { workspace, accounts: storageAccounts },
  consequence: "What the studio can read of the workspace's storage",
  advisory: true,
  reasons: {
    "studio-public-access-private-data": reason<{ accountId: string }>({
      severity: "warning",
      title: "The workspace is public and its storage is private",
      detail: () =>
        "The studio opens from everywhere, and data, notebooks and compute instances only from inside of the network.",
      fix: ({ accountId }) => ({
        summary: "Open the studio from inside of the virtual network (VPN, ExpressRoute, or a jump box with Bastion)",
        commands: [az("network", "private-endpoint-connection", "list", "--id", accountId, "--output", "table")],
        warning: "Rules for public addresses on the storage account help programs, not the studio's preview.",
        verify: ["A data asset shows its preview in the studio"],
        docs: studioDocs,
      }),
    }),
    "studio-storage-preview-disabled": reason<{ accountId: string; workspaceId: string; bypass: string }>({
      severity: "warning",
      title: "The storage's firewall lets the studio's identity in by no exception",
      detail: ({ bypass }) =>
        `bypass is ${bypass}, without AzureServices, and no resource rule names the workspace: previews and datastore browsing in the studio fail.`,
      fix: ({ accountId, workspaceId }) => {
        const account = parseArmId(accountId);
        return {
          summary:
            "Let trusted Azure services pass, and give the workspace's identity Reader on the storage account's private endpoints",
          commands: [
            ...(account === undefined
              ? []
              : [
                  az(
                    "storage",
                    "account",
                    "update",
                    "--subscription",
                    account.subscriptionId,
                    "--resource-group",
                    account.resourceGroup,
                    "--name",
                    account.name,
                    "--bypass",
                    "AzureServices",
                    "Logging",
                    "Metrics",
                  ),
                ]),
            azRest("get", workspaceId, apiVersions.machineLearning),
          ],
          warning: "The default action stays Deny: the exception is for Azure's own services only.",
          verify: [az("resource", "show", "--ids", accountId, "--query", "properties.networkAcls.bypass").text],
          docs: studioDocs,
        };
      },
    }),
  },
  judge({ workspace: space, accounts }, say) {
    const { properties, id } = space;
    const entry = accounts.find(({ isDefault }) => isDefault);
    if (entry === undefined) return say.skip("the workspace names no default storage account", id);
    if (entry.is.is === "gap") return say.unknown(entry.is, { subject: entry.id, matters: false });
    const account = valueOf(entry.is);
    if (account === undefined) return say.skip("the default storage account is not there", entry.id);
    const its = account.properties;
    const closed = sameText(its.publicNetworkAccess, "Disabled");
    const guarded = !closed && sameText(its.networkAcls?.defaultAction, "Deny");
    if (!closed && !guarded) return say.pass("The default storage account is not private", { subject: entry.id });
    const named = (its.networkAcls?.resourceAccessRules ?? []).some(({ resourceId }) => sameId(resourceId, id));
    const bypass = its.networkAcls?.bypass;
    const lacksTrust = typeof bypass === "string" && !/AzureServices/i.test(bypass) && !named;
    // What a project carries of public access counts for nothing: its hub's does.
    const isPublic = !properties.hubResourceId && sameText(properties.publicNetworkAccess, "Enabled");
    const found = [
      ...(closed && isPublic
        ? [
            say.found("studio-public-access-private-data", {
              subject: id,
              about: [entry.id],
              data: { accountId: entry.id },
              evidence: [
                armEvidence(id, "properties.publicNetworkAccess", properties.publicNetworkAccess),
                armEvidence(entry.id, "properties.publicNetworkAccess", its.publicNetworkAccess),
              ],
            }),
          ]
        : []),
      ...(lacksTrust
        ? [
            say.found("studio-storage-preview-disabled", {
              subject: entry.id,
              data: { accountId: entry.id, workspaceId: id, bypass },
              evidence: [
                armEvidence(
                  entry.id,
                  "properties.networkAcls.bypass",
                  bypass,
                  "AzureServices, or a resource rule for the workspace",
                ),
              ],
            }),
          ]
        : []),
    ];
    return found.length > 0 ? found : say.pass(undefined, { subject: entry.id });
  },
});
