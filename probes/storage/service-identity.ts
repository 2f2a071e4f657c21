import { armEvidence } from "../../src/model/evidence.ts";
import { grantRole, listRoles } from "../../src/model/access-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { hasSystemIdentity, principalsOf } from "../../src/facts/principals.ts";
import { holds, roleGrants } from "../../src/facts/role-grants.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-inferencing-environment";

const wanted = [
  {
    role: "Storage Blob Data Contributor",
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    plane: "data",
  },
  {
    role: "Storage Account Contributor",
    action: "Microsoft.Storage/storageAccounts/listkeys/action",
    plane: "control",
  },
] as const;

/** The identity with which the workspace reaches its storage on behalf of a Kubernetes cluster. Both rows are about
 * clusters: without one there is nothing to judge. */
export default defineProbe({
  id: "storage/service-identity",
  title: "The workspace's identity can use its storage for the Kubernetes cluster",
  layer: "identity",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication"],
  needs: { workspace, accounts: storageAccounts, endpoints: onlineEndpoints, grants: raw(roleGrants) },
  consequence: "Whether the workspace's identity can use its storage for the Kubernetes cluster",
  advisory: true,
  reasons: {
    "st-uai-on-private-storage": reason<{ workspaceId: string; user: readonly string[] }>({
      severity: "error",
      title:
        "The workspace has no system-assigned identity, and private storage admits no other for a Kubernetes cluster",
      fix: ({ workspaceId, user }) => ({
        summary: "Give the workspace a system-assigned identity beside its user-assigned one",
        commands: [
          azRest("patch", workspaceId, apiVersions.machineLearning, {
            identity: {
              type: "SystemAssigned,UserAssigned",
              userAssignedIdentities: Object.fromEntries(user.map((id) => [id, {}])),
            },
          }),
        ],
        warning: "The new identity needs its roles on storage, vault and registry. It cannot be taken away again.",
        verify: [`${azRest("get", workspaceId, apiVersions.machineLearning).text} --query identity.type`],
        docs,
      }),
    }),
    "st-hbi-roles-missing": reason<{ principal: string; accountId: string; roles: readonly string[] }>({
      severity: "error",
      title:
        "The workspace handles high business impact data, and its identity lacks roles on the storage account that a Kubernetes cluster needs",
      detail: ({ roles }) => `Missing: ${roles.join(", ")}.`,
      fix: ({ principal, accountId, roles }) => ({
        summary: `Give the workspace's identity ${roles.join(" and ")} on the storage account`,
        commands: roles.map((role) => grantRole(principal, role, accountId)),
        takesEffect: "Within a few minutes",
        verify: [listRoles(principal, accountId)],
        docs,
      }),
    }),
  },
  judge({ workspace: space, accounts, endpoints, grants }, say) {
    const clusters = endpoints.filter(onKubernetes).map(({ endpoint }) => endpoint.id);
    if (clusters.length === 0) return say.skip("the workspace has no Kubernetes online endpoint", space.id);
    const first = accounts.find(({ isDefault }) => isDefault);
    const account = first && valueOf(first.is);
    if (account === undefined)
      return first?.is.is === "gap"
        ? say.unknown(first.is, { subject: first.id })
        : say.skip("the workspace has no default storage account", space.id);
    const { system, user } = principalsOf(space.identity);
    if (
      !hasSystemIdentity(space.identity) &&
      space.identity?.type &&
      (account.properties.privateEndpointConnections ?? []).length > 0
    ) {
      return say.found("st-uai-on-private-storage", {
        subject: space.id,
        about: [account.id, ...clusters],
        data: { workspaceId: space.id, user: Object.keys(space.identity.userAssignedIdentities ?? user) },
        evidence: [
          armEvidence(space.id, "identity.type", space.identity.type, "SystemAssigned, or both kinds"),
          armEvidence(
            account.id,
            "properties.privateEndpointConnections",
            (account.properties.privateEndpointConnections ?? []).length,
          ),
        ],
      });
    }
    if (space.properties.hbiWorkspace !== true || system === undefined)
      return say.pass(undefined, { subject: space.id });
    if (grants.is !== "value")
      return grants.is === "gap"
        ? say.unknown(grants, { subject: account.id })
        : say.pass(undefined, { subject: space.id });
    const held = wanted.map((each) => ({
      ...each,
      is: holds(grants.value, system, account.id, each.action, each.plane),
    }));
    const missing = held.filter(({ is }) => is.is === "missing" || is.is === "perhaps");
    const open = held.find(({ is }) => is.is === "unknown");
    if (missing.length === 0)
      return open?.is.is === "unknown" && open.is.gap
        ? say.unknown(open.is.gap, { subject: account.id })
        : say.pass(undefined, { subject: space.id });
    return say.found("st-hbi-roles-missing", {
      subject: account.id,
      about: clusters,
      data: { principal: system, accountId: account.id, roles: missing.map(({ role }) => role) },
      evidence: [
        armEvidence(space.id, "properties.hbiWorkspace", true),
        armEvidence(
          account.id,
          `role assignments of ${system}`,
          `none with ${missing.map(({ action }) => action).join(", ")}`,
        ),
      ],
      ...(missing.some(({ is }) => is.is === "perhaps")
        ? {
            confidence: "likely" as const,
            inferredFrom: "no direct assignment; a group holds the role, and its members cannot be seen",
          }
        : {}),
    });
  },
});
