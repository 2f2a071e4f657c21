import { showLogs, showState, startAgain, tryAgain } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { allSeen, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-badargument";

/** The account was reached and answered: nothing that keeps a caller from it is the reason. */
const answered =
  /AuthorizationPermissionMismatch|does not have permission|(?:Blob|Container)NotFound|specified (?:blob|container) does not exist/i;

/** The model comes from a blob of the account it was registered in; which one, the log says or nobody does. */
export default defineProbe({
  id: "deployment/model-download",
  title: "Every deployment could download its model and code",
  layer: "endpoint",
  docs: [docs],
  needs: { failures: deploymentFailures, accounts: raw(storageAccounts) },
  consequence: "Whether a deployment failed because its model could not be downloaded",
  reasons: {
    "dep-unable-download-model": reason<{ deploymentId: string; words: readonly string[] }>({
      severity: "error",
      title: "The deployment cannot download its model or code",
      detail: ({ words }) =>
        `The service says: ${words.join(" · ")}. The storage is out of reach from the deployment, the blob is not there, or the identity may not read it.`,
      fix: ({ deploymentId }) => ({
        summary: "Read why the download failed, mend that, and start the deployment again",
        commands: [showLogs(deploymentId, "StorageInitializer"), tryAgain(deploymentId)],
        warning:
          "Model and deployment must belong to the same workspace; a model of an Azure Machine Learning registry needs a path to that registry.",
        verify: [showState(deploymentId)],
        docs,
      }),
      retry: ({ deploymentId }) => startAgain(deploymentId, docs),
      causedBy: [
        "ws-pna-disabled-with-public-egress",
        "ws-provisioning-or-missing-dependency",
        "mn-not-provisioned",
        "mn-outbound-rule-not-active",
        "mn-outbound-pe-pending",
        "mn-outbound-rule-missing",
        "mn-provisioned-with-public-access",
        "st-pe-not-approved",
        "pe-connection-not-approved",
        "st-nondefault-account-private",
        "st-model-in-foreign-storage",
        "dep-aml-registry-private",
        "st-trusted-access-missing",
        "st-shared-key-disabled",
        "dep-identity-missing-roles",
      ],
    }),
  },
  judge({ failures, accounts }, say) {
    const downloads = failures.filter(({ stage }) => stage === "model-download");
    if (downloads.length === 0) return say.pass();
    return downloads.map(({ deploymentId, endpointId, words, log }) => {
      const calls = valueOf(log)?.refusedCalls ?? [];
      const said = [...words, ...calls.map(({ line }) => line)].join(" ").toLowerCase();
      const hosts = [...said.matchAll(/\b([a-z0-9]{3,24})\.(?:blob|dfs|file)\.core\.[a-z.]+[a-z]/g)].map(
        ([host]) => host,
      );
      const known = allSeen((valueOf(accounts) ?? []).map(({ is }) => is));
      const named = known.filter(({ name }) => hosts.some((host) => host.startsWith(`${name.toLowerCase()}.`)));
      // Without a name in the log it is the default account, where registered models live.
      const defaults = hosts.length > 0 ? [] : (valueOf(accounts) ?? []).filter(({ isDefault }) => isDefault);
      return say.found("dep-unable-download-model", {
        subject: deploymentId,
        about: [endpointId, ...(answered.test(said) ? [] : [...hosts, ...[...named, ...defaults].map(({ id }) => id)])],
        data: { deploymentId, words },
        evidence: [...words, ...calls.map(({ line }) => line)].slice(0, 4).map((observed) => ({
          kind: "log" as const,
          source: `${deploymentId} getLogs`,
          observed,
          expected: "ModelDownload: Succeeded",
        })),
      });
    });
  },
});
