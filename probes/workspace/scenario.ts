import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { allowedAddresses } from "../../src/facts/allowed-addresses.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { isLocked, registry } from "../../src/facts/registry.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace, type Workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-network-security-overview";

const layouts = {
  public: "Everything is public: workspace and dependencies take connections from everywhere",
  "public-workspace": "The workspace is public, and what it depends on is private",
  "selected-addresses": "The workspace lets selected public addresses in, and private endpoints",
  "customer-network": "The workspace is private, and its computes stand in the customer's network",
  "managed-network": "The workspace is private, and its computes stand in a network that Azure manages",
} as const;

function layoutOf(space: Workspace, closed: boolean): keyof typeof layouts {
  if (!sameText(space.properties.publicNetworkAccess, "Disabled")) {
    if (allowedAddresses(space).length > 0) return "selected-addresses";
    return closed ? "public-workspace" : "public";
  }
  return isolationOf(space) === "managed" ? "managed-network" : "customer-network";
}

/** Which of the documented layouts this is: it says which faults can be there at all. A mixed one is allowed, and said. */
export default defineProbe({
  id: "workspace/scenario",
  title: "The workspace follows one of the documented network layouts",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, vault: raw(keyVault), registry: raw(registry), accounts: raw(storageAccounts) },
  advisory: true,
  reasons: {
    "ws-public-access-posture": reason<{ workspaceId: string }>({
      severity: "warning",
      title: "The workspace takes connections from everywhere, and what it depends on is private",
      detail: () =>
        "publicNetworkAccess of the workspace is Enabled with no list of allowed addresses, while storage, key vault or registry are closed. It works; data can be had through the public workspace.",
      fix: ({ workspaceId }) => ({
        summary: "Close the workspace to the public once every client has a private way in",
        commands: [
          azRest("get", workspaceId, apiVersions.machineLearning),
          azRest("patch", workspaceId, apiVersions.machineLearning, {
            properties: { publicNetworkAccess: "Disabled" },
          }),
        ],
        warning:
          "Clients without a private endpoint in reach lose the workspace. An endpoint's own flag can be changed later, a deployment's egress flag cannot.",
        takesEffect: "Within a few minutes",
        verify: [
          `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.publicNetworkAccess`,
        ],
        docs,
      }),
    }),
  },
  judge({ workspace: space, vault, registry: images, accounts }, say) {
    if (space.properties.hubResourceId)
      return say.skip("a project's public access is its hub's, whatever the project carries of it", space.id);
    const secrets = valueOf(vault)?.properties;
    const image = valueOf(images);
    const stores = (valueOf(accounts) ?? []).flatMap(({ is }) => valueOf(is)?.properties ?? []);
    const closed =
      [secrets, ...stores].some(
        (each) => sameText(each?.publicNetworkAccess, "Disabled") || sameText(each?.networkAcls?.defaultAction, "Deny"),
      ) ||
      (image !== undefined && isLocked(image));
    const layout = layoutOf(space, closed);
    const evidence = [
      armEvidence(space.id, "properties.publicNetworkAccess", space.properties.publicNetworkAccess ?? undefined),
      armEvidence(
        space.id,
        "properties.managedNetwork.isolationMode",
        space.properties.managedNetwork?.isolationMode ?? undefined,
      ),
    ];
    if (layout === "public-workspace")
      return say.found("ws-public-access-posture", { subject: space.id, data: { workspaceId: space.id }, evidence });
    return say.pass(layouts[layout], { subject: space.id, evidence });
  },
});
