import { apiVersions } from "../../src/model/api-versions.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf, type Observation } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest, type Command } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { registry } from "../../src/facts/registry.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";
import { askDiagnosis } from "../../src/facts/workspace-diagnose.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-workspace-diagnostic-api";

interface Fault {
  readonly workspaceId: string;
  readonly what: string;
  readonly missing?: string;
  readonly state?: string;
}

function wayBack({ what, missing }: Fault): Command[] {
  const gone = parseArmId(missing);
  if (gone === undefined) return [];
  const inSubscription = ["--subscription", gone.subscriptionId];
  if (what === "key vault")
    return [
      az("keyvault", "list-deleted", ...inSubscription, "--resource-type", "vault"),
      az("keyvault", "recover", ...inSubscription, "--name", gone.name),
    ];
  return [az("resource", "list", ...inSubscription, "--name", gone.name, "--output", "table")];
}

/**
 * The workspace and what it was made with. Only a plain 404 says that a resource is gone: one that may not be read is left
 * open by the engine. An update that is under way is a remark.
 */
export default defineProbe({
  id: "workspace/dependencies",
  title: "The workspace is provisioned, and its storage, key vault and registry exist",
  layer: "control-plane",
  docs: [docs],
  needs: {
    workspace,
    vault: raw(keyVault),
    registry: raw(registry),
    accounts: raw(storageAccounts),
    endpoints: raw(onlineEndpoints),
  },
  consequence: "Whether the workspace and what it depends on exist",
  reasons: {
    "ws-provisioning-or-missing-dependency": reason<Fault>({
      severity: "error",
      title: "The workspace is not provisioned, or a resource that it was made with is gone",
      detail: ({ what, missing, state }) =>
        missing === undefined
          ? `The workspace's provisioningState is ${state ?? "unknown"}, expected Succeeded.`
          : `The workspace names the ${what} ${parseArmId(missing)?.name ?? missing}, and there is no such resource (404).`,
      fix: (fault) => ({
        summary:
          fault.missing === undefined
            ? "Read what the last operation on the workspace failed with, mend it and repeat the operation"
            : fault.what === "key vault"
              ? "Recover the key vault, which stays deleted softly for a while, under its old name"
              : `Bring the ${fault.what} back under the same id: restore it, or move it back where it was`,
        commands: [
          ...(fault.missing === undefined
            ? [
                az("monitor", "activity-log", "list", "--resource-id", fault.workspaceId, "--offset", "30d"),
                askDiagnosis(fault.workspaceId),
              ]
            : wayBack(fault)),
          az("lock", "list", "--resource-group", parseArmId(fault.workspaceId)?.resourceGroup ?? ""),
        ],
        warning:
          "Do not make a new storage account or key vault in its place: what was in the old one is lost to the workspace, and its ids cannot be changed afterwards.",
        verify: [
          fault.missing === undefined
            ? `${azRest("get", fault.workspaceId, apiVersions.machineLearning).text} --query properties.provisioningState`
            : az("resource", "show", "--ids", fault.missing).text,
        ],
        docs,
      }),
    }),
  },
  judge({ workspace: { id, properties }, vault, registry: images, accounts, endpoints }, say) {
    const about = [id, ...(valueOf(endpoints) ?? []).map(({ endpoint }) => endpoint.id)];
    const home = properties.storageAccount
      ? ((accounts.is === "value" ? accounts.value.find(({ isDefault }) => isDefault)?.is : accounts) ?? undefined)
      : undefined;
    const dependencies: readonly (readonly [string, string | null | undefined, Observation<unknown> | undefined])[] = [
      ["storage account", properties.storageAccount, home],
      ["key vault", properties.keyVault, vault],
      ["container registry", properties.containerRegistry, images],
    ];
    const verdicts = dependencies.flatMap(([what, named, seenAs]): Verdict[] => {
      if (!named || seenAs === undefined) return [];
      if (seenAs.is === "gap") return [say.unknown(seenAs, { subject: named, matters: false })];
      if (seenAs.is === "value") return [];
      return [
        say.found("ws-provisioning-or-missing-dependency", {
          subject: named,
          about,
          data: { workspaceId: id, what, missing: named },
          evidence: [
            armEvidence(id, `properties (${what})`, named),
            armEvidence(named, "GET", "404: there is no such resource", "the resource"),
          ],
        }),
      ];
    });
    const state = properties.provisioningState;
    if (state && !sameText(state, "Succeeded"))
      verdicts.push(
        say.found("ws-provisioning-or-missing-dependency", {
          subject: id,
          data: { workspaceId: id, what: "workspace", state },
          evidence: [armEvidence(id, "properties.provisioningState", state, "Succeeded")],
          ...(sameText(state, "Failed") ? {} : { as: "warning" as const }),
        }),
      );
    return verdicts.some(({ is }) => is === "found") ? verdicts : [...verdicts, say.pass(undefined, { subject: id })];
  },
});
