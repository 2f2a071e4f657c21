import { armEvidence } from "../../src/model/evidence.ts";
import { named } from "../../src/model/access-commands.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#secure-azure-key-vault";

/**
 * The service writes and reads endpoint keys from outside every network of the customer's, as a trusted service. The bypass
 * decides only where the vault does not let everybody in, and for endpoints that have keys. A vault without `networkAcls`
 * never had a firewall; one with rules and no `bypass` has the default, which lets trusted services in.
 */
export default defineProbe({
  id: "key-vault/trusted-services",
  title: "The key vault lets trusted Microsoft services through",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints"],
  needs: { keyVault: maybe(keyVault), endpoints: raw(onlineEndpoints) },
  consequence: "Whether the service may keep endpoint keys in the key vault",
  reasons: {
    "kv-bypass-not-azureservices": reason<{ vaultId: string }>({
      severity: "error",
      title: "The key vault's firewall keeps the Azure Machine Learning service out",
      detail: () =>
        "The vault is not open to all networks and networkAcls.bypass is None, expected AzureServices: the service, which comes from outside, cannot read or write endpoint keys.",
      fix: ({ vaultId }) => ({
        summary: "Let trusted Microsoft services bypass the vault's firewall",
        commands: [
          az("keyvault", "update", ...named(vaultId), "--bypass", "AzureServices", "--default-action", "Deny"),
        ],
        warning:
          "The bypass lets in trusted services only; they still need permissions in the vault. It does not open the vault to your network or jump box.",
        takesEffect: "Within a few minutes",
        verify: [az("keyvault", "show", ...named(vaultId), "--query", "properties.networkAcls.bypass").text],
        docs,
      }),
      rivals: ["kv-pe-not-approved", "kv-identity-permission-missing"],
    }),
  },
  judge({ keyVault: vault, endpoints }, say) {
    if (vault === undefined) return say.skip("the workspace has no key vault");
    const { id, properties } = vault;
    const acls = properties.networkAcls;
    const closed = sameText(properties.publicNetworkAccess, "Disabled");
    const denies = sameText(acls?.defaultAction, "Deny");
    if (!acls?.bypass || (!closed && !denies))
      return say.pass(acls ? undefined : "The key vault has no firewall rules", { subject: id });
    const evidence = [
      armEvidence(id, "properties.networkAcls.bypass", acls.bypass, "AzureServices"),
      armEvidence(id, "properties.networkAcls.defaultAction", acls.defaultAction ?? undefined),
      armEvidence(id, "properties.publicNetworkAccess", properties.publicNetworkAccess ?? undefined),
    ];
    if (!sameText(acls.bypass, "None")) return say.pass(undefined, { subject: id, evidence: evidence.slice(0, 1) });
    const all = valueOf(endpoints) ?? [];
    const withKeys = all.filter(({ endpoint }) => sameText(endpoint.properties.authMode, "Key"));
    const what = { subject: id, about: withKeys.map(({ endpoint }) => endpoint.id), data: { vaultId: id } };
    const ruledOut = (properties.privateEndpointConnections ?? []).some((connection) =>
      sameText(connection.properties?.privateLinkServiceConnectionState?.status, "Approved"),
    )
      ? [
          {
            id: "kv-pe-not-approved",
            by: "an approved private endpoint is there; the service does not come through it",
          },
        ]
      : [];
    const first = withKeys[0]?.endpoint;
    if (first)
      return say.found("kv-bypass-not-azureservices", {
        ...what,
        evidence: [...evidence, armEvidence(first.id, "properties.authMode", first.properties.authMode)],
        ruledOut,
      });
    // Without an endpoint to look at (its creation failed, or it may not be read), keys are what endpoints have by default.
    if (endpoints.is !== "value")
      return say.found("kv-bypass-not-azureservices", {
        ...what,
        evidence,
        ruledOut,
        confidence: "likely",
        inferredFrom:
          "the vault's firewall; the endpoint's authentication mode could not be seen, and keys are the default",
      });
    return say.found("kv-bypass-not-azureservices", { ...what, evidence, ruledOut, as: "warning" });
  },
});
