import { armEvidence } from "../../src/model/evidence.ts";
import { named } from "../../src/model/access-commands.ts";
import { maybe } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { registry } from "../../src/facts/registry.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/container-registry/container-registry-private-link";

/** Private endpoints and network rules exist in the Premium tier only. A workspace that is public by design needs neither. */
export default defineProbe({
  id: "registry/sku",
  title: "The registry's tier supports private endpoints",
  layer: "control-plane",
  docs: [
    docs,
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#enable-azure-container-registry-acr",
  ],
  needs: { workspace, registry: maybe(registry) },
  consequence: "Whether the registry's tier supports private endpoints",
  reasons: {
    "acr-sku-not-premium": reason<{ registryId: string; sku: string }>({
      severity: "error",
      title: "The container registry's tier does not support private endpoints, which this private workspace needs",
      detail: ({ sku }) => `The tier is ${sku}, expected Premium.`,
      fix: ({ registryId }) => ({
        summary: "Raise the registry to the Premium tier",
        commands: [az("acr", "update", ...named(registryId), "--sku", "Premium")],
        warning: "The tier changes in place and costs more. The registry still needs a private endpoint afterwards.",
        takesEffect: "Within a few minutes",
        verify: [az("acr", "show", ...named(registryId), "--query", "sku.name").text],
        docs,
      }),
      rivals: ["acr-no-private-endpoint", "acr-trusted-services-off"],
    }),
  },
  judge({ workspace: space, registry: known }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry");
    const sku = known.sku?.name ?? known.sku?.tier ?? undefined;
    const evidence = [armEvidence(known.id, "sku.name", sku, "Premium")];
    if (sku === undefined) return say.unknown("the registry does not say its tier", { subject: known.id });
    if (sameText(sku, "Premium")) return say.pass(undefined, { subject: known.id, evidence });
    const connections = (space.properties.privateEndpointConnections ?? []).length;
    const closed = sameText(space.properties.publicNetworkAccess, "Disabled");
    if (connections === 0 && !closed && isolationOf(space) !== "managed")
      return say.pass(`The registry's tier is ${sku}, which a public workspace can do with`, {
        subject: known.id,
        evidence,
      });
    return say.found("acr-sku-not-premium", {
      subject: known.id,
      about: [known.properties.loginServer ?? ""].filter((host) => host !== ""),
      data: { registryId: known.id, sku },
      evidence: [
        ...evidence,
        armEvidence(space.id, "properties.privateEndpointConnections", `${connections} connections`),
        armEvidence(space.id, "properties.publicNetworkAccess", space.properties.publicNetworkAccess ?? undefined),
      ],
      ruledOut: [{ id: "acr-no-private-endpoint", by: "a registry of this tier cannot have one" }],
    });
  },
});
