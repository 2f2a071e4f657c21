import { armEvidence } from "../../src/model/evidence.ts";
import { named } from "../../src/model/access-commands.ts";
import { maybe } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { isLocked, lockEvidence, registry } from "../../src/facts/registry.ts";

const docs = "https://learn.microsoft.com/azure/container-registry/allow-access-trusted-services";

/** The exception counts only while the registry keeps others out; absent, it is on. */
export default defineProbe({
  id: "registry/trusted-services",
  title: "The registry lets trusted Microsoft services through",
  layer: "control-plane",
  docs: [
    docs,
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#enable-azure-container-registry-acr",
  ],
  needs: { registry: maybe(registry) },
  consequence: "Whether the service may pass the registry's firewall",
  reasons: {
    "acr-trusted-services-off": reason<{ registryId: string }>({
      severity: "error",
      title: "The registry's firewall keeps the Azure Machine Learning service out",
      detail: () =>
        "networkRuleBypassOptions is None, expected AzureServices, and the registry is not open to the public.",
      fix: ({ registryId }) => ({
        summary: "Let trusted Microsoft services bypass the registry's firewall",
        commands: [az("acr", "update", ...named(registryId), "--allow-trusted-services", "true")],
        warning:
          "The service's identity still needs roles to pull and push. The exception has no effect on a registry that is restricted by service endpoints.",
        takesEffect: "Within a few minutes",
        verify: [az("acr", "show", ...named(registryId), "--query", "networkRuleBypassOptions").text],
        docs,
      }),
      rivals: ["acr-image-build-compute-missing", "acr-identity-missing-acrpull"],
    }),
  },
  judge({ registry: known }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry");
    const { networkRuleBypassOptions: bypass } = known.properties;
    const evidence = [
      armEvidence(known.id, "properties.networkRuleBypassOptions", bypass ?? undefined, "AzureServices"),
      lockEvidence(known),
    ];
    if (!isLocked(known) || !sameText(bypass, "None"))
      return say.pass(undefined, { subject: known.id, evidence: evidence.slice(0, 1) });
    return say.found("acr-trusted-services-off", {
      subject: known.id,
      data: { registryId: known.id },
      evidence,
      ruledOut: [
        { id: "acr-identity-missing-acrpull", by: "the firewall turns the service away before any role is looked at" },
      ],
    });
  },
});
