import { armEvidence } from "../../src/model/evidence.ts";
import { showLogs, showState, startAgain, tryAgain } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { grantRole, named } from "../../src/model/access-commands.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-deploy-online-endpoint-with-secret-injection";

interface Secrets {
  readonly deploymentId: string;
  readonly workspaceId: string;
  readonly principals: readonly string[];
  /** The workspace's vault, where the error names a reference to it. */
  readonly vault?: { readonly id: string; readonly byRoles: boolean };
}

/** What lets the identities read what the error names: the vault's secrets, or those of the workspace's connections. */
function grant({ workspaceId, principals, vault }: Secrets): Command[] {
  return principals.map((principal) => {
    if (vault === undefined)
      return grantRole(principal, "Azure Machine Learning Workspace Connection Secrets Reader", workspaceId);
    if (vault.byRoles) return grantRole(principal, "Key Vault Secrets User", vault.id);
    return az("keyvault", "set-policy", ...named(vault.id), "--object-id", principal, "--secret-permissions", "get");
  });
}

/** Secret references in environment variables are resolved with the endpoint's identity when the deployment is created. */
export default defineProbe({
  id: "deployment/secrets",
  title: "Every deployment's secret references could be resolved",
  layer: "endpoint",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints"],
  needs: { failures: deploymentFailures, workspace, keyVault: raw(keyVault), endpoints: onlineEndpoints },
  consequence: "Whether a deployment failed because its secrets could not be read",
  reasons: {
    "dep-secrets-injection-failed": reason<Secrets>({
      severity: "error",
      title: "The deployment's secret references cannot be resolved",
      fix: (data) => ({
        summary: "Read which reference failed, let the endpoint's identity read it, and start the deployment again",
        commands: [
          showLogs(data.deploymentId),
          ...data.principals.map((principal) => az("role", "assignment", "list", "--assignee", principal, "--all")),
          ...grant(data),
          tryAgain(data.deploymentId),
        ],
        warning:
          data.vault === undefined
            ? "The role reads the secrets of workspace connections. A reference to a key vault needs secret permissions on that vault instead."
            : "The permission reads every secret of the vault: a vault of their own for the endpoints' secrets is narrower. References to workspace connections need the role Azure Machine Learning Workspace Connection Secrets Reader on the workspace instead.",
        takesEffect: "a few minutes after the role is assigned",
        verify: [showState(data.deploymentId)],
        docs,
      }),
      retry: ({ deploymentId }) => startAgain(deploymentId, docs),
      causedBy: [
        "ws-provisioning-or-missing-dependency",
        "kv-firewall-blocks-client",
        "kv-bypass-not-azureservices",
        "kv-identity-permission-missing",
        "kv-no-pe-in-client-vnet",
      ],
    }),
  },
  judge({ failures, workspace: { id }, keyVault: vaultThere, endpoints }, say) {
    const vault = valueOf(vaultThere);
    const failed = failures.filter(({ stage }) => stage === "secrets");
    if (failed.length === 0) return say.pass();
    return failed.map(({ deploymentId, endpointId, words }) => {
      const identity = endpoints.find(({ endpoint }) => sameId(endpoint.id, endpointId))?.endpoint.identity;
      const principals = [
        identity?.principalId,
        ...Object.values(identity?.userAssignedIdentities ?? {}).map((each) => each?.principalId),
      ].flatMap((principal) => principal ?? []);
      const host = /https:\/\/([a-z0-9-]+)\.vault\./i.exec(words.join(" "))?.[1];
      const isOurs = vault !== undefined && sameText(host, vault.name);
      return say.found("dep-secrets-injection-failed", {
        subject: deploymentId,
        about: [endpointId, ...(vault ? [vault.id] : [])],
        data: {
          deploymentId,
          workspaceId: id,
          principals,
          ...(isOurs ? { vault: { id: vault.id, byRoles: vault.properties.enableRbacAuthorization === true } } : {}),
        },
        evidence: [
          ...words.map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
          armEvidence(endpointId, "identity.type", identity?.type ?? undefined),
        ],
      });
    });
  },
});
