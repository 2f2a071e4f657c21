import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { computes } from "../../src/facts/computes.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { isLocked, lockEvidence, registry } from "../../src/facts/registry.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#enable-azure-container-registry-acr";

interface Build {
  readonly workspaceId: string;
  readonly location: string;
  readonly existing?: string;
  readonly named?: string;
  readonly subnetId?: string;
}

/**
 * A registry that is closed to the public can be filled only from inside: the workspace has to name a compute cluster that
 * builds its images. A workspace that only uses ready-made images does without, so where everything came up it is a warning.
 */
export default defineProbe({
  id: "registry/image-build-compute",
  title: "The workspace names a compute cluster that builds images for its private registry",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network"],
  needs: { workspace, registry: maybe(registry), computes: raw(computes), failures: raw(deploymentFailures) },
  consequence: "Whether images can be built for the private registry",
  reasons: {
    "acr-image-build-compute-missing": reason<Build>({
      severity: "error",
      title: "No compute builds images for the private registry",
      detail: ({ named }) =>
        named === undefined
          ? "properties.imageBuildCompute is not set, and the service's own builders cannot reach a registry that is closed to the public."
          : `properties.imageBuildCompute names ${named}, which is no working compute cluster of the workspace.`,
      fix: ({ workspaceId, existing, subnetId, location }) => {
        const name = existing ?? "cpu-build";
        const body = {
          location,
          properties: {
            computeType: "AmlCompute",
            properties: {
              vmSize: "Standard_DS3_v2",
              scaleSettings: { minNodeCount: 0, maxNodeCount: 2 },
              enableNodePublicIp: false,
              ...(subnetId === undefined ? {} : { subnet: { id: subnetId } }),
            },
          },
        };
        return {
          summary:
            existing === undefined
              ? "Create a CPU cluster in the workspace's network and name it as image build compute"
              : `Name ${existing} as the workspace's image build compute`,
          commands: [
            ...(existing === undefined
              ? [azRest("put", `${workspaceId}/computes/${name}`, apiVersions.machineLearning, body)]
              : []),
            azRest("patch", workspaceId, apiVersions.machineLearning, { properties: { imageBuildCompute: name } }),
          ],
          warning:
            "It has to be a CPU size. The cluster needs a way out to package sources (PyPI, Conda, the Microsoft registry): a NAT gateway or firewall, or outbound rules by name where the managed network lets only approved traffic out. With the ml extension: az ml workspace update --image-build-compute.",
          verify: [
            `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.imageBuildCompute`,
          ],
          docs,
        };
      },
      rivals: ["acr-trusted-services-off", "acr-sku-not-premium"],
    }),
  },
  judge({ workspace: space, registry: known, computes: all, failures }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry", space.id);
    if (!isLocked(known))
      return say.pass("The registry is open to the public, so the service builds images itself", { subject: space.id });
    const named = space.properties.imageBuildCompute ?? undefined;
    const clusters = (valueOf(all) ?? []).filter(({ properties }) => sameText(properties.computeType, "AmlCompute"));
    const works = (state: string | null | undefined) => !sameText(state, "Failed") && !sameText(state, "Deleting");
    const evidence = [
      armEvidence(space.id, "properties.imageBuildCompute", named, "a CPU compute cluster in the network"),
      lockEvidence(known),
    ];
    if (named) {
      if (all.is === "gap") return say.unknown(all, { subject: space.id, matters: false });
      const compute = (valueOf(all) ?? []).find(({ name }) => sameText(name, named));
      if (
        compute &&
        sameText(compute.properties.computeType, "AmlCompute") &&
        works(compute.properties.provisioningState)
      )
        return say.pass(undefined, { subject: space.id, evidence: evidence.slice(0, 1) });
      evidence.push(
        compute
          ? armEvidence(
              compute.id,
              "properties.provisioningState",
              `${compute.properties.computeType ?? "?"}, ${compute.properties.provisioningState ?? "?"}`,
              "AmlCompute, Succeeded",
            )
          : armEvidence(
              `${space.id}/computes`,
              "names",
              (valueOf(all) ?? []).map(({ name }) => name),
              named,
            ),
      );
    }
    const failed = valueOf(failures) ?? [];
    const builds = failed.filter(
      ({ stage, words }) => stage === "image-build" || words.some((word) => /image build/i.test(word)),
    );
    const could = builds.length > 0 || failures.is !== "value" || failed.some(({ stage }) => stage === "unstated");
    const subnetId =
      isolationOf(space) === "none"
        ? clusters.flatMap(({ properties }) => properties.properties?.subnet?.id ?? [])[0]
        : undefined;
    // A cluster whose size says GPU does not build; one that already stands in the network does best.
    const existing = clusters.find(
      ({ name, properties }) =>
        works(properties.provisioningState) &&
        !/_(?:N[CDV])/i.test(properties.properties?.vmSize ?? "") &&
        !sameText(name, named ?? ""),
    )?.name;
    return say.found("acr-image-build-compute-missing", {
      subject: space.id,
      about: [known.id, ...builds.map(({ deploymentId }) => deploymentId)],
      data: {
        workspaceId: space.id,
        location: space.location ?? "",
        ...(named ? { named } : {}),
        ...(existing === undefined ? {} : { existing }),
        ...(subnetId === undefined ? {} : { subnetId }),
      },
      evidence: [
        ...evidence,
        ...builds
          .slice(0, 1)
          .flatMap(({ deploymentId, words }) =>
            words
              .slice(0, 1)
              .map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
          ),
      ],
      ruledOut: [{ id: "acr-trusted-services-off", by: "the exception lets the service in to pull, not its builders" }],
      ...(could ? {} : { as: "warning" as const }),
    });
  },
});
