import { expect, test } from "vitest";
import deployer from "../../../probes/identity/deployer-rights.ts";
import roles from "../../../probes/identity/deployment-roles.ts";
import scope from "../../../probes/identity/associated-resources.ts";
import own from "../../../probes/identity/workspace-roles.ts";
import { absent, seen } from "../../../src/model/observation.ts";
import { matchesAction } from "../../../src/facts/role-grants.ts";
import { denied, endpoints, failure, grants, ids, principal, vault, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const blobRead = { dataActions: ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"] };

test.each([
  ["Storage Blob Data Reader", [[principal, "r"]], blobRead, "pass"],
  ["Contributor, which holds no data action", [[principal, "r"]], { actions: ["*"] }, "dep-identity-missing-roles"],
  ["nothing", [], blobRead, "dep-identity-missing-roles"],
  ["perhaps by a group", [["g", "r", "Group"]], blobRead, "pass"],
] as const)("deployment roles: %s", (_, assignments, permission, expected) => {
  const facts = {
    workspace: workspace(),
    endpoints: endpoints(),
    grants: grants(ids.account, assignments, { r: permission }),
    failures: seen([failure("unstated")]),
  };
  expect(verdictOf(roles, facts)).toBe(expected);
});

test("deployment roles: what may not be read is unknown, with the permission", () => {
  expect(verdictOf(roles, { workspace: workspace(), endpoints: endpoints(), grants: denied, failures: seen([]) })).toBe(
    "unknown",
  );
});

const uai = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u";
const withUser = {
  ...workspace({ primaryUserAssignedIdentity: uai.toUpperCase() }),
  identity: { type: "UserAssigned", userAssignedIdentities: { [uai]: { principalId: "p" } } },
};

test("workspace roles: only a user-assigned identity is judged", () => {
  const nothing = grants(ids.account, [], {});
  expect(verdictOf(own, { workspace: workspace(), keyVault: seen(vault()), grants: nothing })).toBe("skip");
  expect(verdictOf(own, { workspace: withUser, keyVault: seen(vault({ accessPolicies: [] })), grants: nothing })).toBe(
    "rbac-uai-workspace-roles kv-identity-permission-missing",
  );
  expect(commandsOf(own, { workspace: withUser, keyVault: seen(vault()), grants: nothing })).toContain(
    "--assignee-object-id p",
  );
});

test("workspace roles: a vault that may not be read is no question where the workspace has no such identity", () => {
  const nothing = grants(ids.account, [], {});
  expect(verdictOf(own, { workspace: workspace(), keyVault: denied, grants: nothing })).toBe("skip");
  expect(verdictOf(own, { workspace: withUser, keyVault: denied, grants: nothing })).toBe("unknown");
});

test.each([
  [
    "(AuthorizationFailed) The client 'x' with object id '11111111-1111-4111-8111-111111111111' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/write' over scope '/a'",
    "rbac-contributor-on-rg",
  ],
  ["AuthorizationFailed: action 'Microsoft.Network/virtualNetworks/subnets/join/action'", "rbac-network-join-missing"],
  ["AuthorizationFailed: action 'Microsoft.Storage/storageAccounts/read'", "pass"],
])("deployer: %s", (line, expected) => {
  expect(verdictOf(deployer, { workspace: workspace(), failures: [failure("authorization", [line])] })).toBe(expected);
});

test("associated resources: another subscription counts when something failed", () => {
  const far = workspace({ storageAccount: ids.account.replace("000000000001", "000000000009") });
  const facts = (failures: readonly unknown[]) => ({
    workspace: far,
    keyVault: absent,
    endpoints: seen(endpoints()),
    failures: seen(failures),
  });
  expect(verdictOf(scope, facts([failure("unstated")]))).toBe("ws-dependencies-subscription-or-tenant?");
  expect(verdictOf(scope, facts([]))).toBe("ws-dependencies-subscription-or-tenant?(w)");
  expect(verdictOf(scope, { ...facts([]), workspace: workspace() })).toBe("pass");
});

test.each([
  ["*", "a/b/read", true],
  ["*/read", "Microsoft.ContainerRegistry/registries/pull/read", true],
  ["*/read", "Microsoft.ContainerRegistry/registries/push/write", false],
  ["microsoft.containerregistry/registries/*", "Microsoft.ContainerRegistry/registries/pull/read", true],
  ["a/*/c/read", "a/b/read", false],
  ["ab*ba", "aba", false],
])("an action of a role: %s and %s", (pattern, action, expected) => {
  expect(matchesAction(pattern, action)).toBe(expected);
});
