import { armEvidence } from "../../src/model/evidence.ts";
import { grantRole, listRoles, named } from "../../src/model/access-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { hasSystemIdentity, principalsOf } from "../../src/facts/principals.ts";
import { holds, roleGrants, type Holding } from "../../src/facts/role-grants.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication#user-assigned-managed-identity";

interface Missing {
  readonly principal: string;
  readonly grants: readonly { readonly role: string; readonly scope: string }[];
  readonly policyOf?: string;
}

/** The strongest thing that is known of several ways to hold a right: one is enough. */
function any(ways: readonly Holding[]): Holding {
  return (
    ways.find(({ is }) => is === "held") ??
    ways.find(({ is }) => is === "perhaps") ??
    ways.find(({ is }) => is === "unknown") ?? { is: "missing" }
  );
}

/**
 * A user-assigned identity gets nothing by itself, on the workspace no more than on an endpoint. A system-assigned one is
 * given its roles when the workspace is made, so only workspaces that act with a user-assigned one are judged.
 */
export default defineProbe({
  id: "identity/workspace-roles",
  title: "The workspace's user-assigned identity has its roles",
  layer: "identity",
  docs: [docs],
  needs: { workspace, keyVault: raw(keyVault), grants: raw(roleGrants) },
  consequence: "Whether the workspace's user-assigned identity has its roles",
  reasons: {
    "rbac-uai-workspace-roles": reason<Missing>({
      severity: "error",
      title: "The workspace's user-assigned identity lacks its roles on the workspace's resources",
      detail: ({ principal, grants }) =>
        `${principal} lacks: ${grants.map(({ role, scope }) => `${role} on ${scope.split("/").at(-1) ?? scope}`).join("; ")}.`,
      fix: ({ principal, grants }) => ({
        summary: "Give the identity its roles on the workspace's storage, key vault and registry",
        commands: grants.map(({ role, scope }) => grantRole(principal, role, scope)),
        warning:
          "Some workspaces need Storage Blob Data Contributor as well; the linked page lists the roles for each case.",
        takesEffect: "Within a few minutes",
        verify: [...new Set(grants.map(({ scope }) => listRoles(principal, scope)))],
        docs,
      }),
    }),
    "kv-identity-permission-missing": reason<Missing>({
      severity: "error",
      title: "The workspace's identity has no permission for the key vault's secrets",
      detail: ({ principal, policyOf }) =>
        `${principal} ${policyOf === undefined ? "holds no role that reads secrets" : "is in no access policy of the vault"}; the vault's firewall is another matter.`,
      fix: ({ principal, grants, policyOf }) => ({
        summary:
          policyOf === undefined
            ? "Give the identity its roles on the key vault"
            : "Add the identity to the vault's access policies",
        commands:
          policyOf === undefined
            ? grants.map(({ role, scope }) => grantRole(principal, role, scope))
            : [
                az(
                  "keyvault",
                  "set-policy",
                  ...named(policyOf),
                  "--object-id",
                  principal,
                  "--secret-permissions",
                  "get",
                  "list",
                  "set",
                  "delete",
                ),
              ],
        takesEffect: "Within a few minutes",
        verify:
          policyOf === undefined
            ? grants.slice(0, 1).map(({ scope }) => listRoles(principal, scope))
            : [az("keyvault", "show", ...named(policyOf), "--query", "properties.accessPolicies[].objectId").text],
        docs,
      }),
      causedBy: ["rbac-uai-workspace-roles"],
      rivals: ["kv-firewall-blocks-client", "kv-bypass-not-azureservices"],
    }),
  },
  judge({ workspace: space, keyVault: known, grants }, say) {
    const { properties, identity } = space;
    const { user } = principalsOf(identity);
    const primary = Object.entries(user).find(([id]) => sameId(id, properties.primaryUserAssignedIdentity));
    if (primary === undefined && hasSystemIdentity(identity))
      return say.skip("the workspace acts with its system-assigned identity", space.id);
    const acting = primary ?? Object.entries(user)[0];
    if (acting === undefined) return say.skip("the workspace shows no user-assigned identity", space.id);
    if (known.is === "gap") return say.unknown(known, { subject: space.id });
    const vault = valueOf(known);
    if (grants.is === "gap") return say.unknown(grants, { subject: space.id, matters: false });
    if (grants.is === "absent") return say.skip("the workspace names no resources", space.id);
    const [, principal] = acting;
    const on = (scope: string, actions: readonly (readonly [string, "control" | "data"])[]) =>
      any(actions.map(([action, plane]) => holds(grants.value, principal, scope, action, plane)));
    const checks: { id: string; held: Holding; role: string }[] = [];
    if (properties.storageAccount)
      checks.push({
        id: properties.storageAccount,
        role: "Contributor",
        held: on(properties.storageAccount, [
          ["Microsoft.Storage/storageAccounts/listkeys/action", "control"],
          ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write", "data"],
        ]),
      });
    if (properties.containerRegistry)
      checks.push({
        id: properties.containerRegistry,
        role: "Contributor",
        held: on(properties.containerRegistry, [["Microsoft.ContainerRegistry/registries/pull/read", "control"]]),
      });
    const missing = checks.filter(({ held }) => held.is === "missing");
    const evidence = [
      armEvidence(space.id, "identity.type", identity?.type ?? undefined),
      ...missing.map(({ id, role }) =>
        armEvidence(id, `role assignments of ${principal} at and above it`, "none that serves", role),
      ),
    ];
    const found = [];
    if (missing.length > 0) {
      const all = missing.map(({ id, role }) => ({ role, scope: id }));
      found.push(
        say.found("rbac-uai-workspace-roles", {
          subject: space.id,
          about: [acting[0], ...missing.map(({ id }) => id), ...(vault ? [vault.id] : [])],
          data: { principal, grants: vault ? [...all, { role: "Key Vault Administrator", scope: vault.id }] : all },
          evidence,
        }),
      );
    }
    if (vault) {
      const byPolicy = vault.properties.enableRbacAuthorization !== true;
      const inPolicy = (vault.properties.accessPolicies ?? []).some(
        (policy) => sameText(policy.objectId, principal) && (policy.permissions?.secrets ?? []).length > 0,
      );
      const held: Holding = byPolicy
        ? { is: inPolicy ? "held" : "missing" }
        : on(vault.id, [["Microsoft.KeyVault/vaults/secrets/getSecret/action", "data"]]);
      if (held.is === "missing") {
        found.push(
          say.found("kv-identity-permission-missing", {
            subject: vault.id,
            about: [acting[0]],
            data: {
              principal,
              grants: ["Key Vault Administrator", "Contributor"].map((role) => ({ role, scope: vault.id })),
              ...(byPolicy ? { policyOf: vault.id } : {}),
            },
            evidence: [
              armEvidence(
                vault.id,
                "properties.enableRbacAuthorization",
                vault.properties.enableRbacAuthorization ?? undefined,
              ),
              byPolicy
                ? armEvidence(
                    vault.id,
                    "properties.accessPolicies[].objectId",
                    (vault.properties.accessPolicies ?? []).map(({ objectId }) => objectId),
                    principal,
                  )
                : armEvidence(
                    vault.id,
                    `role assignments of ${principal} at and above it`,
                    "none that reads secrets",
                    "Key Vault Administrator",
                  ),
            ],
            // An access policy may also name a group that the identity belongs to.
            ...(byPolicy && (vault.properties.accessPolicies ?? []).length > 0
              ? {
                  confidence: "likely" as const,
                  inferredFrom: "the access policies name the identity nowhere; one of them may be a group's",
                }
              : {}),
          }),
        );
      }
    }
    const open = checks.flatMap(({ held }) => (held.is === "unknown" && held.gap ? [held.gap] : []))[0];
    if (found.length > 0) return found;
    return open ? say.unknown(open, { subject: space.id, matters: false }) : say.pass(undefined, { subject: space.id });
  },
});
