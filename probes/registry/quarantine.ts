import { armEvidence } from "../../src/model/evidence.ts";
import { named } from "../../src/model/access-commands.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { registry } from "../../src/facts/registry.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-batch-endpoint";

/** A quarantine hides each new image until somebody releases it, which the service does not wait for. */
export default defineProbe({
  id: "registry/quarantine",
  title: "The registry does not quarantine new images",
  layer: "control-plane",
  docs: [docs],
  needs: { registry: maybe(registry), endpoints: raw(onlineEndpoints) },
  consequence: "Whether the registry quarantines new images",
  reasons: {
    "acr-quarantine-enabled": reason<{ registryId: string }>({
      severity: "error",
      title: "The registry's quarantine policy hides freshly built images from the deployment",
      detail: () =>
        "policies.quarantinePolicy.status is enabled, expected disabled: images stay hidden until they are scanned and released.",
      fix: ({ registryId }) => ({
        summary: "Turn the quarantine policy off, in agreement with the registry's owner",
        commands: [
          az(
            "resource",
            "update",
            "--ids",
            registryId,
            "--set",
            "properties.policies.quarantinePolicy.status=disabled",
          ),
        ],
        warning: "A security policy may have turned it on deliberately: ask the registry's owner first.",
        verify: [az("acr", "show", ...named(registryId), "--query", "policies.quarantinePolicy.status").text],
        docs,
      }),
      rivals: ["acr-image-missing"],
    }),
  },
  judge({ registry: known, endpoints }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry");
    const status = known.properties.policies?.quarantinePolicy?.status ?? undefined;
    const evidence = [armEvidence(known.id, "properties.policies.quarantinePolicy.status", status, "disabled")];
    if (!sameText(status, "enabled")) return say.pass(undefined, { subject: known.id, evidence });
    const deployments = (valueOf(endpoints) ?? []).flatMap((each) => valueOf(each.deployments) ?? []);
    const settled =
      deployments.length > 0 &&
      deployments.every(({ properties }) => sameText(properties.provisioningState, "Succeeded"));
    return say.found("acr-quarantine-enabled", {
      subject: known.id,
      about: deployments.map(({ id }) => id),
      data: { registryId: known.id },
      evidence,
      confidence: "likely",
      inferredFrom: "the policy; which image it holds back is not seen",
      ...(settled ? { as: "warning" as const } : {}),
    });
  },
});
