import { showLogs, showState, startAgain, tryAgain } from "../../src/model/deployment-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { linkedResources, resourcesBehind } from "../../src/facts/linked-resources.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-resourcenotready";

/** A container that starts and falls is the model's trouble, unless its log shows a call that the network refused. */
export default defineProbe({
  id: "deployment/container-start",
  title: "Every deployment's container started",
  layer: "endpoint",
  docs: [docs],
  needs: { failures: deploymentFailures, linked: raw(linkedResources) },
  consequence: "Whether a deployment failed because its container did not start",
  reasons: {
    "dep-container-startup-failed": reason<{
      deploymentId: string;
      words: readonly string[];
      hosts: readonly string[];
    }>({
      severity: "error",
      title: "The deployment's container does not start",
      detail: ({ words, hosts }) =>
        `The log says: ${words.join(" · ")}. ${hosts.length === 0 ? "It shows no call that the network refused." : `It could not reach ${hosts.join(", ")}.`}`,
      fix: ({ deploymentId, hosts }) => ({
        summary:
          hosts.length === 0
            ? "Read the log, mend score.py, its packages or the probes, and deploy again"
            : `Give the deployment a way to ${hosts.join(", ")}, and start it again`,
        commands: [showLogs(deploymentId), tryAgain(deploymentId)],
        verify: [showState(deploymentId)],
        docs,
      }),
      retry: ({ deploymentId }) => startAgain(deploymentId, docs),
      causedBy: [
        "dep-egress-disabled-foreign-target",
        "mn-outbound-rule-missing",
        "mn-fqdn-rule-missing-or-limited",
        "mn-outbound-rule-not-active",
        "mn-outbound-pe-pending",
        "mn-provisioned-with-public-access",
        "mn-onprem-or-nonhttps-target",
      ],
    }),
  },
  judge({ failures, linked }, say) {
    const starts = failures.filter(({ stage, kubernetes }) => stage === "container-start" && !kubernetes);
    if (starts.length === 0) return say.pass();
    return starts.map(({ deploymentId, endpointId, words, log }) => {
      const calls = valueOf(log)?.refusedCalls ?? [];
      const hosts = calls.map(({ host }) => host);
      return say.found("dep-container-startup-failed", {
        subject: deploymentId,
        about: [endpointId, ...hosts, ...resourcesBehind(valueOf(linked), hosts)],
        data: { deploymentId, words, hosts },
        evidence: [...words, ...calls.map(({ line }) => line)]
          .slice(0, 4)
          .map((observed) => ({ kind: "log" as const, source: `${deploymentId} getLogs`, observed })),
      });
    });
  },
});
