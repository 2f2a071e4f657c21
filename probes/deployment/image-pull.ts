import { showLogs, showState, startAgain, tryAgain } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { registry } from "../../src/facts/registry.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-imagebuildfailure";

interface Pull {
  readonly deploymentId: string;
  readonly words: readonly string[];
  readonly image?: string;
  readonly registryId?: string;
}

/** Whether the image is there, asked of the registry itself. */
function showImage({ image, registryId }: Pull): Command[] {
  const at = parseArmId(registryId);
  const path = image?.slice(image.indexOf("/") + 1);
  if (!at || !path) return [];
  return [
    az(
      "acr",
      "manifest",
      "list-metadata",
      "--registry",
      at.name,
      "--name",
      path.replace(/[:@].*$/, ""),
      "--subscription",
      at.subscriptionId,
    ),
  ];
}

/** Managed deployments only: on Kubernetes the cluster pulls, and its own events say how that went. */
export default defineProbe({
  id: "deployment/image-pull",
  title: "Every deployment could pull its container image",
  layer: "endpoint",
  docs: [docs],
  needs: { failures: deploymentFailures, registry: raw(registry) },
  consequence: "Whether a deployment failed because its image could not be pulled",
  reasons: {
    "dep-unable-download-image": reason<Pull>({
      severity: "error",
      title: "The deployment cannot download its container image",
      detail: ({ words }) =>
        `The service says: ${words.join(" · ")}. The registry is out of reach from the deployment, the image is not there, or the identity may not pull.`,
      fix: (data) => ({
        summary: "Read why the pull failed, mend that, and start the deployment again",
        commands: [showLogs(data.deploymentId), ...showImage(data), tryAgain(data.deploymentId)],
        verify: [showState(data.deploymentId)],
        docs,
      }),
      retry: ({ deploymentId }) => startAgain(deploymentId, docs),
      causedBy: [
        "ws-pna-disabled-with-public-egress",
        "ws-provisioning-or-missing-dependency",
        "mn-not-provisioned",
        "mn-outbound-rule-not-active",
        "mn-outbound-pe-pending",
        "mn-outbound-rule-missing",
        "mn-provisioned-with-public-access",
        "dep-image-build-failed-private-acr",
        "dep-aml-registry-private",
        "acr-egress-pe-pending",
        "acr-public-disabled-egress-enabled",
        "acr-identity-missing-acrpull",
        "acr-image-missing",
        "acr-mcr-blocked",
        "acr-sku-not-premium",
        "acr-no-private-endpoint",
        "acr-quarantine-enabled",
        "dep-identity-missing-roles",
        "ws-dependencies-subscription-or-tenant",
        "acr-private-third-party-registry",
        "st-key-desync",
      ],
    }),
  },
  judge({ failures, registry: registryThere }, say) {
    const known = valueOf(registryThere);
    const pulls = failures.filter(({ stage, kubernetes }) => stage === "image-pull" && !kubernetes);
    if (pulls.length === 0) return say.pass();
    return pulls.map(({ deploymentId, endpointId, words }) => {
      const image = words
        .map((word) => /\b[\w.-]+\.[a-z]{2,}\/[\w./-]+(?:[:@][\w.:-]+)?/i.exec(word)?.[0].replace(/:$/, ""))
        .find((found) => found !== undefined);
      const host = image?.split("/")[0]?.toLowerCase();
      const own = known && (host === undefined || host === known.properties.loginServer?.toLowerCase());
      return say.found("dep-unable-download-image", {
        subject: deploymentId,
        about: [endpointId, ...(own ? [known.id] : []), ...(host === undefined ? [] : [host])],
        data: {
          deploymentId,
          words,
          ...(image === undefined ? {} : { image }),
          ...(own ? { registryId: known.id } : {}),
        },
        evidence: words.map((observed) => ({
          kind: "log" as const,
          source: `${deploymentId} getLogs`,
          observed,
          expected: "UserContainerImagePull: Succeeded",
        })),
      });
    });
  },
});
