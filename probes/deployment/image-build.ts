import { armEvidence } from "../../src/model/evidence.ts";
import { showLogs, showState, startAgain, tryAgain } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { registry } from "../../src/facts/registry.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-imagebuildfailure";

interface Build {
  readonly deploymentId: string;
  readonly workspaceId: string;
  readonly words: readonly string[];
}

/** Not every limit is one of time: quotas, disks and rates are exceeded as well. */
const isLate =
  /timed? ?out|timeout|time limit|(?:time|duration|deadline) (?:was |has been )?exceeded|exceeded (?:\S+ ){0,4}(?:time|duration|deadline)\b/i;

/**
 * A build that fails behind a private registry is a network fault when the registry lets nobody in from outside, or when
 * the error says that the registry was not reached. A build error with a registry open to all is the recipe's fault, and a
 * build that ran out of time is a slow one.
 */
export default defineProbe({
  id: "deployment/image-build",
  title: "Every deployment's image could be built",
  layer: "endpoint",
  docs: [
    docs,
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#enable-azure-container-registry-acr",
  ],
  needs: { failures: deploymentFailures, workspace, registry: raw(registry) },
  consequence: "Whether a deployment failed because its image could not be built",
  reasons: {
    "dep-image-build-failed-private-acr": reason<Build>({
      severity: "error",
      title: "The environment's image cannot be built",
      detail: ({ words }) => `The service says: ${words.join(" · ")}`,
      fix: ({ deploymentId, workspaceId }) => ({
        summary:
          "Read the build log, mend what it names (the build compute, its way to the registry and to package sources), and start the deployment again",
        commands: [
          showLogs(deploymentId),
          azRest("get", `${workspaceId}/computes`, apiVersions.machineLearning),
          tryAgain(deploymentId),
        ],
        warning:
          "The build log lies in the workspace's storage: read it from a machine that has a path to it. Pin package versions if the log stops while they are resolved.",
        verify: [
          `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.imageBuildCompute`,
          showState(deploymentId),
        ],
        docs,
      }),
      retry: ({ deploymentId }) => startAgain(deploymentId, docs),
      causedBy: [
        "mn-outbound-rule-missing",
        "acr-image-build-compute-missing",
        "dep-aml-registry-private",
        "acr-trusted-services-off",
        "acr-not-created-yet",
        "fw-package-repos-blocked",
        "cmp-nodes-unusable",
        "udr-forced-tunneling-breaks-compute",
        "nsg-outbound-required-tags-missing",
        "fw-missing-core-fqdns",
        "fw-app-vs-network-rules",
        "cmp-npip-without-outbound",
        "cmp-inbound-ports-blocked",
        "acr-mcr-blocked",
        "acr-sku-not-premium",
        "st-key-desync",
      ],
      rivals: ["dep-image-build-timeout"],
    }),
    "dep-image-build-timeout": reason<Build>({
      severity: "error",
      title: "The image build ran out of time, and the deployment failed",
      detail: ({ words }) => `The service says: ${words.join(" · ")}`,
      fix: ({ deploymentId, workspaceId }) => ({
        summary:
          "See in the log where the build spends its time, build the image ahead of the deployment, then start the deployment again",
        commands: [
          showLogs(deploymentId),
          azRest("get", `${workspaceId}/environments`, apiVersions.machineLearning),
          tryAgain(deploymentId),
        ],
        warning:
          "A build that waits for package sources or for a node of the build compute is slow for a reason of the network's. With the ml extension: az ml environment create builds the image by itself.",
        verify: [showState(deploymentId)],
        docs,
      }),
      retry: ({ deploymentId }) => startAgain(deploymentId, docs),
      causedBy: [
        "mn-outbound-rule-missing",
        "fw-package-repos-blocked",
        "cmp-nodes-unusable",
        "acr-image-build-compute-missing",
      ],
      rivals: ["dep-image-build-failed-private-acr"],
    }),
  },
  judge({ failures, workspace: { id, properties }, registry: registryThere }, say) {
    const known = valueOf(registryThere);
    const builds = failures.filter(({ stage }) => stage === "image-build");
    if (builds.length === 0) return say.pass();
    return builds.map(({ deploymentId, endpointId, words, provisioningState }) => {
      const said = words.join(" ");
      const late = isLate.test(said) && !/connect/i.test(said);
      const closed = sameText(known?.properties.publicNetworkAccess, "Disabled");
      const unreached = /communicate with the workspace|registry.*(?:denied|refused|timeout|unreachable)/i.test(said);
      const evidence = [
        ...words.map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
        ...(known
          ? [armEvidence(known.id, "properties.publicNetworkAccess", known.properties.publicNetworkAccess ?? undefined)]
          : []),
        armEvidence(
          id,
          "properties.imageBuildCompute",
          properties.imageBuildCompute ?? undefined,
          closed ? "a compute in the virtual network" : undefined,
        ),
      ];
      const builder = properties.imageBuildCompute;
      const about = [endpointId, ...(known ? [known.id] : []), ...(builder ? [`${id}/computes/${builder}`] : [])];
      const data = { deploymentId, workspaceId: id, words };
      if (late)
        return say.found("dep-image-build-timeout", {
          subject: deploymentId,
          about,
          data,
          evidence: [armEvidence(deploymentId, "properties.provisioningState", provisioningState), ...evidence],
          ruledOut: [{ id: "dep-image-build-failed-private-acr", by: "the build ran until its time was over" }],
        });
      return say.found("dep-image-build-failed-private-acr", {
        subject: deploymentId,
        about,
        data,
        evidence,
        ruledOut: [{ id: "dep-image-build-timeout", by: "the error names no time limit" }],
        ...(unreached
          ? {}
          : {
              inferredFrom: closed
                ? "the build error and a registry that is closed to the public"
                : "the build error alone; the registry is not closed, so the recipe may be at fault",
            }),
      });
    });
  },
});
