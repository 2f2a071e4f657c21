import { armEvidence } from "../../src/model/evidence.ts";
import { named } from "../../src/model/access-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { datastores } from "../../src/facts/datastores.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-disable-local-auth-storage";

/** How the storage service refuses a request that is signed with the account's key. */
const keyRefused = /KeyBasedAuthenticationNotPermitted|key.?based authentication is not permitted/i;

/** Datastores that hold an account key, on an account that takes none. The flag absent means that keys are taken. */
export default defineProbe({
  id: "storage/shared-key",
  title: "The storage accounts take the credentials that the datastores hold",
  layer: "identity",
  docs: [docs],
  needs: { workspace, accounts: storageAccounts, datastores: raw(datastores), failures: raw(deploymentFailures) },
  consequence: "Whether the storage accounts take the datastores' keys",
  reasons: {
    "st-shared-key-disabled": reason<{
      workspaceId: string;
      accountId: string;
      stores: readonly string[];
      isDefault: boolean;
    }>({
      severity: "error",
      title: "The storage account refuses account keys, and datastores use them",
      detail: ({ stores, isDefault }) =>
        `allowSharedKeyAccess is false; ${stores.length > 0 ? `${stores.join(", ")} hold account keys` : isDefault ? "the workspace's own datastores are set to account keys" : ""}.`,
      fix: ({ workspaceId, accountId, isDefault }) => ({
        summary: isDefault
          ? "Set the workspace's own datastores to identity-based access"
          : "Register the datastore again without credentials, so that identities are used",
        commands: isDefault
          ? [
              azRest("patch", workspaceId, apiVersions.machineLearning, {
                properties: { systemDatastoresAuthMode: "identity" },
              }),
            ]
          : [azRest("get", `${workspaceId}/datastores`, apiVersions.machineLearning)],
        warning: "Users, computes and endpoints then need Storage Blob Data roles on the account.",
        verify: [
          az("storage", "account", "show", ...named(accountId), "--query", "allowSharedKeyAccess").text,
          `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.systemDatastoresAuthMode`,
        ],
        docs,
      }),
      rivals: ["st-firewall-blocks-client"],
    }),
  },
  judge({ workspace: space, accounts, datastores: stores, failures }, say) {
    const told = (valueOf(failures) ?? []).flatMap(({ deploymentId, words }) =>
      words.filter((word) => keyRefused.test(word)).map((line) => ({ deploymentId, line })),
    );
    const mode = space.properties.systemDatastoresAuthMode;
    const found = accounts.flatMap(({ is, isDefault }) => {
      const account = valueOf(is);
      if (account?.properties.allowSharedKeyAccess !== false) return [];
      const withKeys = (valueOf(stores) ?? []).filter(
        ({ properties }) =>
          sameText(properties.accountName, account.name) &&
          sameText(properties.credentials?.credentialsType, "AccountKey"),
      );
      if (isDefault && mode && !sameText(mode, "accesskey")) return [];
      // Where the datastores cannot be read, the workspace's own mode stands in for them.
      const byMode = isDefault && stores.is !== "value" && sameText(mode, "accesskey");
      if (withKeys.length === 0 && !byMode) return [];
      const refusals = told.filter(({ line }) => isDefault || line.toLowerCase().includes(account.name.toLowerCase()));
      return [
        say.found("st-shared-key-disabled", {
          subject: account.id,
          about: [...withKeys.map(({ id }) => id), ...refusals.map(({ deploymentId }) => deploymentId)],
          data: {
            workspaceId: space.id,
            accountId: account.id,
            stores: withKeys.map(({ id, name }) => name ?? id),
            isDefault,
          },
          evidence: [
            armEvidence(account.id, "properties.allowSharedKeyAccess", false, "true, or datastores without keys"),
            ...withKeys
              .slice(0, 2)
              .map(({ id, properties }) =>
                armEvidence(
                  id,
                  "properties.credentials.credentialsType",
                  properties.credentials?.credentialsType,
                  "None",
                ),
              ),
            ...(isDefault
              ? [armEvidence(space.id, "properties.systemDatastoresAuthMode", mode ?? undefined, "identity")]
              : []),
            ...refusals.slice(0, 2).map(({ deploymentId, line }) => ({
              kind: "log" as const,
              source: `${deploymentId} getLogs`,
              observed: line,
            })),
          ],
          ...(refusals.length > 0
            ? {}
            : {
                confidence: "likely" as const,
                inferredFrom: "the two settings, which contradict each other; no refused request was seen",
              }),
          ruledOut: [{ id: "st-firewall-blocks-client", by: "the account's rules for networks are another setting" }],
        }),
      ];
    });
    return found.length > 0 ? found : say.pass();
  },
});
