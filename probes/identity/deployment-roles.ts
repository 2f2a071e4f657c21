import { armEvidence } from "../../src/model/evidence.ts";
import { grantRole, listRoles } from "../../src/model/access-commands.ts";
import { tryAgain } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { valueOf } from "../../src/model/observation.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { principalsOf } from "../../src/facts/principals.ts";
import { holds, roleGrants } from "../../src/facts/role-grants.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#authorization-error";
const read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const denial =
  /authorization error|AuthorizationPermissionMismatch|does not have (?:permission|authorization)|not authorized to perform this operation using this permission/i;

/**
 * Whether the identity of each managed endpoint may read the workspace's blobs, where models and code lie. (Whether it may
 * pull images is a question of its own.) A role that only a group holds may reach the identity unseen.
 */
export default defineProbe({
  id: "identity/deployment-roles",
  title: "The endpoints' identities may read the workspace's storage",
  layer: "identity",
  docs: [
    docs,
    "https://learn.microsoft.com/azure/machine-learning/how-to-access-resources-from-endpoints-managed-identities",
  ],
  needs: { workspace, endpoints: onlineEndpoints, grants: raw(roleGrants), failures: raw(deploymentFailures) },
  consequence: "Whether the endpoint's identity may read models and code",
  reasons: {
    "dep-identity-missing-roles": reason<{
      accountId: string;
      principals: readonly string[];
      deployments: readonly string[];
    }>({
      severity: "error",
      title: "The endpoint's identity may not read the workspace's storage",
      detail: ({ principals, accountId }) =>
        `${principals.join(", ")} holds no role with ${read} on ${accountId.split("/").at(-1) ?? "the account"}.`,
      fix: ({ accountId, principals, deployments }) => ({
        summary:
          "Give the endpoint's identity the role Storage Blob Data Reader on the account, then start the deployment again",
        commands: [
          ...principals.map((principal) => grantRole(principal, "Storage Blob Data Reader", accountId)),
          ...deployments.map((id) => tryAgain(id)),
        ],
        warning:
          "User-assigned identities get no role by themselves; they need AcrPull on the registry too. A subscription's limit of assignments can also stop the automatic grant of a system-assigned one.",
        takesEffect: "Within a few minutes",
        verify: principals.map((principal) => listRoles(principal, accountId)),
        docs,
      }),
      rivals: ["acr-egress-pe-pending", "st-firewall-blocks-client"],
    }),
  },
  judge({ workspace: space, endpoints, grants, failures }, say) {
    const accountId = space.properties.storageAccount ?? undefined;
    const managed = endpoints.filter((each) => !onKubernetes(each));
    if (accountId === undefined || managed.length === 0)
      return say.skip("no managed online endpoint reads the workspace's storage", space.id);
    return managed.map(({ endpoint, deployments }): Verdict => {
      const subject = endpoint.id;
      const failed = (valueOf(failures) ?? []).filter(
        ({ endpointId, stage }) =>
          sameId(endpointId, endpoint.id) &&
          (stage === "model-download" || stage === "authorization" || stage === "unstated"),
      );
      const refused = failed.flatMap(({ deploymentId, words, stage }) =>
        words
          .filter((word) => denial.test(word) && (stage !== "authorization" || !/AuthorizationFailed/i.test(word)))
          .map((word) => ({ deploymentId, word })),
      )[0];
      const { system, user, unnamed } = principalsOf(endpoint.identity);
      const acting = Object.values(user).length > 0 ? Object.values(user) : system === undefined ? [] : [system];
      if (acting.length === 0)
        return say.unknown(
          unnamed.length > 0
            ? "the endpoint does not show the object id of its user-assigned identity"
            : "the endpoint shows no identity",
          { subject, matters: failed.length > 0 },
        );
      const held =
        grants.is === "value" ? acting.map((principal) => holds(grants.value, principal, accountId, read, "data")) : [];
      if (held.some(({ is }) => is === "held")) return say.pass(undefined, { subject });
      const certain = held.length > 0 && held.every(({ is }) => is === "missing");
      if (!certain && refused === undefined) {
        if (grants.is === "gap") return say.unknown(grants, { subject, matters: failed.length > 0 });
        const open = held.flatMap((each) => (each.is === "unknown" ? [each] : []))[0];
        if (open)
          return say.unknown(open.gap ?? "the roles on the storage account could not be read", {
            subject,
            matters: failed.length > 0,
          });
        return say.pass(
          "A group holds the permission to read; whether the identity is in it cannot be seen, and nothing says that it is not",
          { subject },
        );
      }
      // Deployments that run, or that may run for all that can be read, say that the permission comes from elsewhere.
      const settled =
        refused === undefined &&
        failed.length === 0 &&
        (deployments.is === "gap" ||
          (valueOf(deployments) ?? []).some(
            ({ properties }) => properties.provisioningState?.toLowerCase() === "succeeded",
          ));
      return say.found("dep-identity-missing-roles", {
        subject,
        about: [accountId, ...failed.map(({ deploymentId }) => deploymentId)],
        data: { accountId, principals: acting, deployments: failed.map(({ deploymentId }) => deploymentId) },
        evidence: [
          ...(refused
            ? [{ kind: "log" as const, source: `${refused.deploymentId} getLogs`, observed: refused.word }]
            : []),
          ...(certain
            ? acting
                .slice(0, 2)
                .map((principal) =>
                  armEvidence(
                    accountId,
                    `role assignments of ${principal} at and above it`,
                    `none with ${read}`,
                    "Storage Blob Data Reader or another role with that action",
                  ),
                )
            : []),
          armEvidence(endpoint.id, "identity.type", endpoint.identity?.type ?? undefined),
        ],
        ...(certain
          ? {}
          : {
              confidence: "likely" as const,
              inferredFrom: "the service's refusal; the identity's own roles could not be told",
            }),
        ...(settled ? { as: "warning" as const } : {}),
      });
    });
  },
});
