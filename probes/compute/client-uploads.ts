import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { az } from "../../src/model/remediation.ts";
import { named } from "../../src/model/access-commands.ts";
import { clientAccess } from "../../src/facts/client-access.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#secure-azure-storage-accounts";

/**
 * Whether the SDK and `az ml` on this machine can upload code and data: they write to the default storage account
 * themselves, while studio has the service do it. The effect of the account's firewall, in the words of whoever meets it.
 */
export default defineProbe({
  id: "compute/client-uploads",
  title: "The SDK on this machine may upload to the workspace's storage",
  layer: "endpoint",
  docs: [docs],
  needs: { workspace, access: clientAccess },
  consequence: "Whether the SDK on this machine can upload",
  advisory: true,
  reasons: {
    "cmp-dev-environment-storage": reason<{ accountId: string; fqdn: string }>({
      severity: "error",
      title: "The SDK and the CLI on this machine cannot upload code, so that jobs and deployments fail from here",
      detail: ({ fqdn }) => `${fqdn} answers this machine with AuthorizationFailure, whatever its roles.`,
      fix: ({ accountId, fqdn }) => ({
        summary: "Let this machine reach the account by a private endpoint, or submit from one that does",
        commands: [az("storage", "account", "network-rule", "list", ...storageName(accountId))],
        warning:
          "A rule for this machine's public address does nothing for a machine in the account's own Azure region: it comes from an internal address.",
        verify: [`curl -sS -o /dev/null -w '%{http_code}' 'https://${fqdn}/?comp=list'`],
        docs,
      }),
      causedBy: ["st-firewall-blocks-client"],
    }),
  },
  judge({ workspace: { properties }, access }, say) {
    const ways = access.filter(
      ({ name, resourceId }) => name.service === "blob" && sameId(resourceId, properties.storageAccount),
    );
    const [refused] = ways.filter(({ locked, outcome }) => locked && outcome === "refused");
    if (refused === undefined) {
      if (ways.length === 0) return say.skip("the way to the default storage account is not known");
      return ways.every(({ outcome }) => outcome === "no-answer")
        ? say.skip("the default storage account gives no answer that tells of its firewall")
        : say.pass();
    }
    const { name, resourceId, reach } = refused;
    return say.found("cmp-dev-environment-storage", {
      subject: resourceId,
      about: [name.fqdn],
      data: { accountId: resourceId, fqdn: name.fqdn },
      evidence: [
        ...(reach === undefined ? [] : [reachEvidence(reach)]),
        armEvidence(resourceId, "public access", name.publicAccess),
      ],
    });
  },
});

/** `--subscription … --resource-group … --account-name …`. */
function storageName(accountId: string): string[] {
  return named(accountId).map((word) => (word === "--name" ? "--account-name" : word));
}
