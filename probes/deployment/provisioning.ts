import { armEvidence } from "../../src/model/evidence.ts";
import { showLogs, showState, startAgain, tryAgain } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { registry } from "../../src/facts/registry.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints";

interface Failed {
  readonly deploymentId: string;
  readonly words: readonly string[];
  readonly readable: boolean;
}

/** Steps at which a deployment on Kubernetes is the cluster's business, whose own checks see what it shows by now only. */
const clusterSteps: readonly string[] = ["image-pull", "container-start"];

/**
 * The state of every deployment. Where the service's own words name the step that failed, the probe of that step speaks;
 * `dep-provisioning-failed` is what remains when nothing names it. A log that may not be read is an open question, and
 * then this finding is what can be said.
 */
export default defineProbe({
  id: "deployment/provisioning",
  title: "Every deployment is provisioned",
  layer: "endpoint",
  docs: [docs],
  needs: { endpoints: onlineEndpoints, failures: deploymentFailures, registry: raw(registry) },
  consequence: "Whether the deployments came up",
  reasons: {
    "dep-provisioning-failed": reason<Failed>({
      severity: "error",
      title: "The deployment is in state Failed",
      detail: ({ readable, words }) =>
        words.length > 0
          ? `The service says: ${words.join(" · ")}`
          : readable
            ? "Neither its log nor its state names the step that failed."
            : "Its log cannot be read from here, so the step that failed is not known.",
      fix: ({ deploymentId }) => ({
        summary: "Read the deployment's log and its last error, then start it again",
        commands: [showLogs(deploymentId), showLogs(deploymentId, "StorageInitializer"), tryAgain(deploymentId)],
        warning:
          "The last error stands in the activity log of the resource group, too. With the ml extension: az ml online-deployment get-logs.",
        verify: [showState(deploymentId)],
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
        "mn-fqdn-rule-missing-or-limited",
        "mn-onprem-or-nonhttps-target",
        "k8s-cluster-stopped",
        "k8s-extension-unhealthy",
        "acr-egress-pe-pending",
        "pe-connection-not-approved",
        "acr-public-disabled-egress-enabled",
        "acr-identity-missing-acrpull",
        "acr-image-missing",
        "acr-mcr-blocked",
        "acr-sku-not-premium",
        "acr-no-private-endpoint",
        "acr-quarantine-enabled",
        "dep-identity-missing-roles",
        "dep-aml-registry-private",
        "ws-dependencies-subscription-or-tenant",
        "k8s-image-pull-failure",
        "k8s-azureml-fe-unhealthy",
        "k8s-cluster-not-reachable",
        "k8s-relay-unreachable",
        "k8s-token-fetch-failed",
        "k8s-capacity-or-quota",
        "k8s-namespace-or-compute-invalid",
        "acr-image-build-compute-missing",
        "rbac-network-join-missing",
        "rbac-contributor-on-rg",
        "st-key-desync",
        "k8s-cluster-dns-broken",
        "aksv1-dns-required-hosts",
        "k8s-egress-blocked",
      ],
    }),
    "dep-internal-server-error": reason<Failed>({
      severity: "error",
      title: "The service itself failed while it built the deployment",
      detail: ({ words }) => `The service says: ${words.join(" · ")}`,
      fix: ({ deploymentId }) => ({
        summary: "Start the deployment again; if it fails in the same way, open a support request with the request id",
        commands: [tryAgain(deploymentId), showLogs(deploymentId)],
        verify: [showState(deploymentId)],
        docs,
      }),
    }),
    "dep-update-conflict-or-cancelled": reason<Failed>({
      severity: "error",
      title: "The deployment's last operation was cancelled by another one",
      detail: ({ words }) => `The service says: ${words.join(" · ")}`,
      fix: ({ deploymentId }) => ({
        summary: "Wait until no other operation runs, then start the deployment again",
        commands: [tryAgain(deploymentId)],
        takesEffect: "after a minute",
        verify: [showState(deploymentId)],
        docs,
      }),
    }),
  },
  judge({ endpoints, failures, registry: registryThere }, say) {
    const known = valueOf(registryThere);
    const lists = endpoints.map(({ deployments }) => deployments);
    const open = gapsOf(lists).map((gap) => say.unknown(gap, { consequence: "Whether the deployments came up" }));
    const all = lists.flatMap((list) => valueOf(list) ?? []);
    const found = failures.flatMap((failure) => {
      const { deploymentId, endpointId, stage, words, log, provisioningState, kubernetes } = failure;
      const isOurs = stage === "unstated" || stage === "authorization" || (kubernetes && clusterSteps.includes(stage));
      const what = {
        subject: deploymentId,
        about: [endpointId, ...(known ? [known.id] : [])],
        data: { deploymentId, words, readable: log.is !== "gap" },
        evidence: [
          armEvidence(deploymentId, "properties.provisioningState", provisioningState, "Succeeded"),
          ...words.map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
        ],
      };
      if (stage === "service") return [say.found("dep-internal-server-error", what)];
      // Somebody called a cancelled deployment off, and an update that is called off leaves what was there; a failed one
      // is down, whatever was called off, and so is one whose container is not seen to have started.
      if (stage === "cancelled") {
        const started = valueOf(log)?.steps["container-start"];
        const isDown =
          sameText(provisioningState, "Failed") || (started !== undefined && !sameText(started, "Succeeded"));
        return [
          say.found("dep-update-conflict-or-cancelled", {
            ...what,
            evidence: [
              ...what.evidence,
              ...(started === undefined
                ? []
                : [
                    {
                      kind: "log" as const,
                      source: `${deploymentId} getLogs`,
                      observed: `UserContainerStart: ${started}`,
                    },
                  ]),
            ],
            ...(isDown ? {} : { as: "warning" as const }),
          }),
        ];
      }
      if (!isOurs) return [];
      return [
        say.found("dep-provisioning-failed", what),
        ...(log.is === "gap"
          ? [say.unknown(log, { subject: deploymentId, consequence: "Why the deployment failed" })]
          : []),
      ];
    });
    const verdicts = [...open, ...found];
    if (verdicts.length > 0) return verdicts;
    if (failures.length > 0)
      return say.skip("each failed deployment names the step that failed; the checks of those steps tell more");
    if (all.length === 0) return say.skip("nothing is deployed yet");
    const busy = all.filter(({ properties }) => !sameText(properties.provisioningState, "Succeeded"));
    if (busy.length > 0)
      return busy.map(({ id, properties }) =>
        say.skip(`the deployment is ${properties.provisioningState ?? "in no known state"}`, id),
      );
    return say.pass(undefined, {
      evidence: all
        .slice(0, 3)
        .map(({ id, properties }) =>
          armEvidence(id, "properties.provisioningState", properties.provisioningState ?? undefined),
        ),
    });
  },
});
