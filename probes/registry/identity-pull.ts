import { armEvidence } from "../../src/model/evidence.ts";
import { grantRole, listRoles } from "../../src/model/access-commands.ts";
import { tryAgain } from "../../src/model/deployment-commands.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { valueOf } from "../../src/model/observation.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { principalsOf } from "../../src/facts/principals.ts";
import { registry } from "../../src/facts/registry.ts";
import { holds, roleGrants } from "../../src/facts/role-grants.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#authorization-error";
const pull = "Microsoft.ContainerRegistry/registries/pull/read";
/** The service's words when the registry was reached and the identity turned away. */
const denial =
  /does not have (?:a )?pull permission|not authorized to pull|pull access denied|insufficient_scope|unauthorized: authentication required/i;

/**
 * Whether the identity of each managed endpoint may pull from the workspace's registry. What counts is the action, which
 * several roles bring, wherever above the registry they were assigned. A role that a group holds may reach the identity
 * unseen: then only the service's own refusal makes it a finding. On Kubernetes the cluster's identity pulls.
 */
export default defineProbe({
  id: "registry/identity-pull",
  title: "The endpoints' identities may pull from the workspace's registry",
  layer: "identity",
  docs: [
    docs,
    "https://learn.microsoft.com/azure/machine-learning/how-to-access-resources-from-endpoints-managed-identities",
  ],
  needs: {
    registry: maybe(registry),
    endpoints: onlineEndpoints,
    grants: raw(roleGrants),
    failures: raw(deploymentFailures),
  },
  consequence: "Whether the endpoint's identity may pull images",
  reasons: {
    "acr-identity-missing-acrpull": reason<{
      registryId: string;
      principals: readonly string[];
      deployments: readonly string[];
    }>({
      severity: "error",
      title: "The endpoint's identity has no permission to pull from the registry",
      detail: ({ principals, registryId }) =>
        `${principals.join(", ")} holds no role with ${pull} on ${registryId.split("/").at(-1) ?? "the registry"}.`,
      fix: ({ registryId, principals, deployments }) => ({
        summary: "Give the endpoint's identity the role AcrPull on the registry, then start the deployment again",
        commands: [
          ...principals.map((principal) => grantRole(principal, "AcrPull", registryId)),
          ...deployments.map((id) => tryAgain(id)),
        ],
        warning:
          "System-assigned identities get the role when the endpoint is created, unless the creator may not assign roles or the subscription's limit of assignments is reached; user-assigned ones never do.",
        takesEffect: "Within a few minutes; a retry too early fails the same way",
        verify: principals.map((principal) => listRoles(principal, registryId)),
        docs,
      }),
      rivals: ["acr-egress-pe-pending", "acr-public-disabled-egress-enabled", "acr-image-missing"],
    }),
  },
  judge({ registry: known, endpoints, grants, failures }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry");
    const managed = endpoints.filter((each) => !onKubernetes(each));
    if (managed.length === 0) return say.skip("no managed online endpoint pulls from the registry", known.id);
    return managed.map(({ endpoint, deployments }): Verdict => {
      const subject = endpoint.id;
      const failed = (valueOf(failures) ?? []).filter(
        ({ endpointId, stage }) =>
          sameId(endpointId, endpoint.id) &&
          (stage === "image-pull" || stage === "authorization" || stage === "unstated"),
      );
      const refused = failed.flatMap(({ deploymentId, words }) =>
        words.filter((word) => denial.test(word)).map((word) => ({ deploymentId, word })),
      )[0];
      const elsewhere = refused && /\b([\w-]+\.azurecr\.[a-z.]+)\//i.exec(refused.word)?.[1];
      const otherRegistry =
        elsewhere !== undefined &&
        known.properties.loginServer !== undefined &&
        elsewhere.toLowerCase() !== known.properties.loginServer?.toLowerCase();
      const { system, user, unnamed } = principalsOf(endpoint.identity);
      // The image is pulled with the user-assigned identity where there is one.
      const acting = Object.values(user).length > 0 ? Object.values(user) : system === undefined ? [] : [system];
      const held =
        grants.is === "value"
          ? acting.map((principal) => ({ principal, is: holds(grants.value, principal, known.id, pull) }))
          : [];
      if (held.some(({ is }) => is.is === "held")) return say.pass(undefined, { subject });
      if (acting.length === 0)
        return say.unknown(
          unnamed.length > 0
            ? "the endpoint does not show the object id of its user-assigned identity"
            : "the endpoint shows no identity",
          {
            subject,
            ...(unnamed.length > 0 ? { permission: "Microsoft.ManagedIdentity/userAssignedIdentities/read" } : {}),
            matters: failed.length > 0,
          },
        );
      const open = held.flatMap(({ is }) => (is.is === "unknown" ? [is] : []))[0];
      const certain = held.length > 0 && held.every(({ is }) => is.is === "missing");
      const word = otherRegistry ? undefined : refused;
      if (!certain && word === undefined) {
        if (grants.is === "gap") return say.unknown(grants, { subject, matters: failed.length > 0 });
        if (open)
          return say.unknown(open.gap ?? "the roles on the registry could not be read", {
            subject,
            matters: failed.length > 0,
          });
        return say.pass(
          "A group holds the permission to pull; whether the identity is in it cannot be seen, and nothing says that it is not",
          { subject },
        );
      }
      const all = valueOf(deployments) ?? [];
      const broken = failed.map(({ deploymentId }) => deploymentId);
      const settled =
        word === undefined &&
        (deployments.is === "gap" ||
          (all.length > 0 &&
            all.every(({ properties }) => properties.provisioningState?.toLowerCase() === "succeeded")));
      return say.found("acr-identity-missing-acrpull", {
        subject,
        about: [known.id, ...(known.properties.loginServer ? [known.properties.loginServer] : []), ...broken],
        data: { registryId: known.id, principals: acting, deployments: broken },
        evidence: [
          ...(word ? [{ kind: "log" as const, source: `${word.deploymentId} getLogs`, observed: word.word }] : []),
          ...(certain
            ? acting
                .slice(0, 2)
                .map((principal) =>
                  armEvidence(
                    known.id,
                    `role assignments of ${principal} at and above it`,
                    `none with ${pull}`,
                    "AcrPull or another role with that action",
                  ),
                )
            : []),
          armEvidence(endpoint.id, "identity.type", endpoint.identity?.type ?? undefined),
        ],
        ...(word === undefined && !certain
          ? {}
          : !certain
            ? {
                confidence: "likely" as const,
                inferredFrom: "the service's refusal; the identity's own roles could not be told",
              }
            : {}),
        ruledOut: word
          ? [
              { id: "acr-egress-pe-pending", by: "the registry was reached and turned the identity away" },
              { id: "acr-image-missing", by: "the refusal names the permission, not the image" },
            ]
          : [],
        // Everything came up, or may have for all that can be read: the roles reach the identity in a way that is not
        // seen, or are missed at the next start.
        ...(settled ? { as: "warning" as const } : {}),
      });
    });
  },
});
