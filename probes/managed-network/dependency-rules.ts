import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { listOutboundRules, provisionNetwork, putOutboundRule } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { outboundRules } from "../../src/facts/outbound-rules.ts";
import { registry } from "../../src/facts/registry.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#configure-a-managed-virtual-network-to-allow-internet-outbound";

interface Uncovered {
  readonly workspaceId: string;
  readonly targetId: string;
  readonly subresource: string;
}

/** With internet outbound the service makes private endpoints only to dependencies that were closed to the public when the
 * network was provisioned. One that was closed later has none, and nothing in the managed network reaches it. */
export default defineProbe({
  id: "managed-network/dependency-rules",
  title: "The managed network has a private endpoint to every dependency that is closed to the public",
  layer: "control-plane",
  docs: [docs],
  needs: {
    workspace: networkHome,
    rules: outboundRules,
    keyVault: raw(keyVault),
    registry: raw(registry),
    accounts: raw(storageAccounts),
  },
  advisory: true,
  reasons: {
    "mn-provisioned-with-public-access": reason<Uncovered>({
      severity: "error",
      title:
        "The managed network was provisioned while a dependency was public, and has no private endpoint to it now that it is closed",
      fix: ({ workspaceId, targetId, subresource }) => ({
        summary: "Add a private endpoint outbound rule to the dependency",
        commands: [
          listOutboundRules(workspaceId),
          putOutboundRule(workspaceId, `pe-${subresource}`, {
            type: "PrivateEndpoint",
            destination: { serviceResourceId: targetId, subresourceTarget: subresource, sparkEnabled: false },
          }),
          provisionNetwork(workspaceId),
        ],
        takesEffect: "some minutes, after the connection is approved on the target",
        verify: [listOutboundRules(workspaceId).text],
        docs,
      }),
    }),
  },
  judge({ workspace: { id, properties }, rules, keyVault: vault, registry: images, accounts }, say) {
    if (!sameText(properties.managedNetwork?.isolationMode, "AllowInternetOutbound"))
      return say.skip("only a managed network with internet outbound leaves dependencies out");
    if (!sameText(properties.managedNetwork?.status?.status, "Active"))
      return say.skip("the managed network is not provisioned");
    const defaultAccount = (valueOf(accounts) ?? []).find(({ isDefault }) => isDefault)?.is;
    const targets = [
      { target: valueOf(vault), subresource: "vault" },
      { target: valueOf(images), subresource: "registry" },
      { target: defaultAccount === undefined ? undefined : valueOf(defaultAccount), subresource: "blob" },
    ];
    const found = targets.flatMap(({ target, subresource }) => {
      if (!target || !sameText(target.properties.publicNetworkAccess, "Disabled")) return [];
      if (
        rules.some(
          ({ serviceResourceId, subresource: served }) =>
            sameId(serviceResourceId, target.id) && (served === undefined || sameText(served, subresource)),
        )
      )
        return [];
      return [
        say.found("mn-provisioned-with-public-access", {
          subject: target.id,
          data: { workspaceId: id, targetId: target.id, subresource },
          evidence: [
            armEvidence(
              target.id,
              "properties.publicNetworkAccess",
              target.properties.publicNetworkAccess ?? undefined,
            ),
            armEvidence(
              id,
              "outboundRules",
              `no private endpoint rule to ${target.id}`,
              `one with sub-resource ${subresource}`,
            ),
          ],
          inferredFrom:
            "the dependency's public access, which is off now, and the outbound rules, of which none leads to it",
        }),
      ];
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: id });
  },
});
