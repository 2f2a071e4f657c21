import { armEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { datastores } from "../../src/facts/datastores.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";

/**
 * What the studio does not offer in a private estate. Both are as documented and break nothing: the designer's sample data
 * is public and does not come in, and labeling with machine help wants its data on another account than a private default
 * one. Whether anybody uses either is not seen, so it informs and warns nobody.
 */
export default defineProbe({
  id: "studio/feature-limits",
  title: "The studio offers everything: neither the workspace nor its default storage is private",
  layer: "endpoint",
  docs: [
    "https://learn.microsoft.com/azure/machine-learning/how-to-enable-studio-virtual-network",
    "https://learn.microsoft.com/azure/machine-learning/how-to-network-security-overview",
  ],
  needs: { workspace, accounts: raw(storageAccounts), stores: raw(datastores) },
  consequence: "What the studio does not offer here",
  advisory: true,
  reasons: {},
  judge({ workspace: { id, properties }, accounts, stores }, say) {
    const entry = (valueOf(accounts) ?? []).find(({ isDefault }) => isDefault);
    const account = entry && valueOf(entry.is);
    const isClosed = sameText(properties.publicNetworkAccess, "Disabled");
    const isGuarded =
      account !== undefined &&
      (sameText(account.properties.publicNetworkAccess, "Disabled") ||
        sameText(account.properties.networkAcls?.defaultAction, "Deny"));
    if (!isClosed && !isGuarded) return say.pass(undefined, { subject: id });
    const other = (valueOf(stores) ?? []).find(
      ({ properties: { datastoreType, accountName } }) =>
        sameText(datastoreType, "AzureBlob") && account !== undefined && !sameText(accountName, account.name),
    );
    const where =
      other === undefined
        ? "and no datastore of another account is there yet"
        : `such as the datastore ${other.name ?? ""}`;
    const limits = [
      ...(isClosed ? ["the designer's sample data does not load: import data of your own"] : []),
      ...(isGuarded
        ? [
            `labeling with machine help does not work on the private default storage: it wants another account, ${where}`,
          ]
        : []),
    ];
    return say.pass(`As documented for private estates, ${limits.join("; ")}`, {
      subject: id,
      evidence: [
        armEvidence(id, "properties.publicNetworkAccess", properties.publicNetworkAccess ?? undefined),
        ...(account === undefined
          ? []
          : [
              armEvidence(
                account.id,
                "properties.publicNetworkAccess",
                account.properties.publicNetworkAccess ?? undefined,
              ),
            ]),
      ],
    });
  },
});
