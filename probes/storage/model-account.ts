import { armEvidence } from "../../src/model/evidence.ts";
import { putOutboundRule, showLogs, showState } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { allSeen, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { outboundRules } from "../../src/facts/outbound-rules.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-badargument";

interface Foreign {
  readonly host: string;
  readonly deploymentId: string;
  readonly workspaceId: string;
  readonly accountId?: string;
  readonly managed: boolean;
  readonly line: string;
}

/**
 * A deployment that could not fetch its model from an account other than the workspace's own. Which account it was, only
 * the log says: where it names none, nothing is said here.
 */
export default defineProbe({
  id: "storage/model-account",
  title: "No deployment fetches its model from storage that it cannot reach",
  layer: "endpoint",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint"],
  needs: {
    workspace: networkHome,
    failures: deploymentFailures,
    accounts: raw(storageAccounts),
    endpoints: onlineEndpoints,
    rules: raw(outboundRules),
  },
  consequence: "Whether a deployment fetches its model from storage that it cannot reach",
  advisory: true,
  reasons: {
    "st-model-in-foreign-storage": reason<Foreign>({
      severity: "error",
      title: "The model lies in a storage account that the deployment has no path to",
      detail: ({ host, line }) => `The log names ${host}, which is not the workspace's own account: ${line}`,
      fix: ({ host, deploymentId, workspaceId, accountId, managed }) => ({
        summary: managed
          ? "Add an outbound private endpoint rule for the account to the managed network"
          : "Register the model anew in the workspace's own storage: a deployment with secured egress reaches no other account",
        commands: [
          ...(managed && accountId !== undefined
            ? [
                putOutboundRule(workspaceId, `pe-${host.split(".")[0] ?? "storage"}-blob`, {
                  type: "PrivateEndpoint",
                  destination: { serviceResourceId: accountId, subresourceTarget: "blob", sparkEnabled: false },
                }),
              ]
            : []),
          azRest("get", `${workspaceId}/models`, apiVersions.machineLearning),
          showLogs(deploymentId, "StorageInitializer"),
        ],
        warning: "Rules by name cannot be used for storage accounts; the rule has to be one for a private endpoint.",
        verify: [showState(deploymentId)],
        docs,
      }),
      causedBy: [
        "dep-egress-disabled-foreign-target",
        "st-nondefault-account-private",
        "st-pe-not-approved",
        "mn-outbound-rule-missing",
        "mn-outbound-rule-not-active",
        "mn-outbound-pe-pending",
      ],
      rivals: ["dep-identity-missing-roles"],
    }),
  },
  judge({ workspace: space, failures, accounts, endpoints, rules }, say) {
    const known = allSeen((valueOf(accounts) ?? []).map(({ is }) => is));
    const own =
      known.find(({ id }) => sameId(id, space.properties.storageAccount))?.name ??
      space.properties.storageAccount?.split("/").at(-1);
    const deployments = endpoints.flatMap((each) => valueOf(each.deployments) ?? []);
    const found = failures
      .filter(({ stage, kubernetes }) => stage === "model-download" && !kubernetes)
      .flatMap(({ deploymentId, endpointId, words, log }) => {
        const deployment = deployments.find(({ id }) => sameId(id, deploymentId));
        const managed = isolationOf(space) === "managed";
        if (!managed && !sameText(deployment?.properties.egressPublicNetworkAccess, "Disabled")) return [];
        const lines = [...words, ...(valueOf(log)?.refusedCalls ?? []).map(({ line }) => line)].filter(
          (line) => !/AuthorizationPermissionMismatch|does not have permission/i.test(line),
        );
        const named = lines.flatMap((line) =>
          [...line.matchAll(/\b([a-z0-9]{3,24})\.(?:blob|dfs|file)\.core\.[a-z.]+[a-z]/gi)].map(
            ([host, name = ""]) => ({ host: host.toLowerCase(), name: name.toLowerCase(), line }),
          ),
        );
        const foreign = named.find(({ name }) => own !== undefined && name !== own.toLowerCase());
        if (foreign === undefined) return [];
        const accountId = known.find(({ name }) => sameText(name, foreign.name))?.id;
        const rule = (valueOf(rules) ?? []).find(
          ({ serviceResourceId }) => accountId !== undefined && sameId(serviceResourceId, accountId),
        );
        if (managed && sameText(rule?.status, "Active")) return [];
        return [
          say.found("st-model-in-foreign-storage", {
            subject: deploymentId,
            about: [endpointId, foreign.host, ...(accountId === undefined ? [] : [accountId])],
            data: {
              host: foreign.host,
              deploymentId,
              workspaceId: space.id,
              managed,
              line: foreign.line,
              ...(accountId === undefined ? {} : { accountId }),
            },
            evidence: [
              { kind: "log", source: `${deploymentId} getLogs`, observed: foreign.line },
              armEvidence(space.id, "properties.storageAccount", space.properties.storageAccount ?? undefined),
              managed
                ? armEvidence(`${space.id}/outboundRules`, "rule for the account", rule?.status ?? "none", "Active")
                : armEvidence(
                    deploymentId,
                    "properties.egressPublicNetworkAccess",
                    deployment?.properties.egressPublicNetworkAccess ?? undefined,
                  ),
            ],
            ruledOut: [
              { id: "dep-identity-missing-roles", by: "the log speaks of the connection, not of a permission" },
            ],
          }),
        ];
      });
    return found.length > 0 ? found : say.pass();
  },
});
