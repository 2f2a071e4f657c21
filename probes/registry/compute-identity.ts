import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { computes } from "../../src/facts/computes.ts";
import { isLocked, lockEvidence, registry } from "../../src/facts/registry.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-workspace-vnet";

/**
 * Jobs of v1 could not pull from a closed registry with the identity of their cluster. The v2 API can, so this is told
 * of workspaces only that are held to v1 on purpose (`v1LegacyMode`).
 */
export default defineProbe({
  id: "registry/compute-identity",
  title: "No cluster of a v1 workspace pulls from a closed registry with an identity of its own",
  layer: "identity",
  docs: [docs],
  needs: { workspace, registry: raw(registry), computes },
  consequence: "Whether clusters of a v1 workspace can pull from the closed registry",
  advisory: true,
  reasons: {
    "acr-managed-identity-compute-v1": reason<{ workspaceId: string; names: string[] }>({
      severity: "warning",
      title: "Clusters with an identity of their own cannot pull from a closed registry through the v1 API",
      detail: ({ names }) =>
        `${shortList(names)} ${names.length === 1 ? "has" : "have"} an identity, the registry is not open to the public, and v1LegacyMode is true.`,
      fix: ({ workspaceId }) => ({
        summary: "Let the workspace use the v2 API, whose jobs pull with the cluster's identity",
        commands: [azRest("patch", workspaceId, apiVersions.machineLearning, { properties: { v1LegacyMode: false } })],
        warning:
          "The flag may have been set on purpose: most operations of v2 go over public Azure Resource Manager. Otherwise make the clusters anew without an identity; the registry's admin user then has to be on.",
        takesEffect: "30 to 60 minutes",
        verify: [`${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.v1LegacyMode`],
        docs,
      }),
    }),
  },
  judge({ workspace: space, registry: images, computes: all }, say) {
    if (space.properties.v1LegacyMode !== true) return say.skip("the workspace is not held to the v1 API", space.id);
    if (images.is === "gap") return say.unknown(images, { subject: space.id });
    const known = valueOf(images);
    if (known === undefined || !isLocked(known)) return say.skip("the registry is open to the public", space.id);
    const named = all.filter(
      ({ identity, properties }) =>
        sameText(properties.computeType, "AmlCompute") && Boolean(identity?.type) && !sameText(identity?.type, "None"),
    );
    if (named.length === 0) return say.pass(undefined, { subject: space.id });
    return say.found("acr-managed-identity-compute-v1", {
      subject: space.id,
      about: [known.id, ...named.map(({ id }) => id)],
      data: { workspaceId: space.id, names: named.map(({ name }) => name) },
      evidence: [
        armEvidence(space.id, "properties.v1LegacyMode", true),
        ...named.slice(0, 2).map(({ id, identity }) => armEvidence(id, "identity.type", identity?.type)),
        lockEvidence(known),
      ],
    });
  },
});
