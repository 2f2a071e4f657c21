import { sameId } from "../../src/model/arm-id.ts";
import { showLogs } from "../../src/model/deployment-commands.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import type { DeploymentLog } from "../../src/facts/deployment-log-text.ts";
import { deploymentLogs } from "../../src/facts/deployment-logs.ts";
import { linkedResources, resourcesBehind } from "../../src/facts/linked-resources.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { scoringAnswers } from "../../src/facts/scoring-answers.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes";

interface ModelError {
  readonly deploymentId: string;
  readonly told: string;
  readonly hosts: readonly string[];
}

function told({ crashes, tracebacks, serverErrors, exception, crashLine }: DeploymentLog): string {
  const counts = [
    crashes > 0 ? `${crashes} worker ${crashes === 1 ? "crash" : "crashes"}` : "",
    tracebacks > 0 ? `${tracebacks} ${tracebacks === 1 ? "exception" : "exceptions"}` : "",
    serverErrors > 0 ? `${serverErrors} answers of 5xx` : "",
  ].filter((part) => part !== "");
  return [counts.join(", "), crashLine, exception].filter((part) => part !== undefined && part !== "").join(" · ");
}

/**
 * A deployment that came up and fails when it scores. The log shows it also when nobody scores now: what counts is how the
 * last request ended, so an exception that later requests did not meet is a remark and no fault. A failing call to a host
 * that the network refuses is an effect of that refusal.
 */
export default defineProbe({
  id: "scoring/model-error",
  title: "Deployed models answer the requests that reach them",
  layer: "endpoint",
  docs: [docs],
  needs: {
    endpoints: onlineEndpoints,
    logs: raw(deploymentLogs),
    answers: raw(scoringAnswers),
    linked: raw(linkedResources),
  },
  consequence: "Whether the models fail on the requests they get",
  advisory: true,
  reasons: {
    "scoring-424-model-error": reason<ModelError>({
      severity: "error",
      title: "The model's container fails on the requests it gets",
      detail: ({ told: seen, hosts }) =>
        `${seen}.${hosts.length === 0 ? " The log shows no call that the network refused: this is the model's own fault, not the network's." : ` It could not reach ${hosts.join(", ")}.`}`,
      fix: ({ deploymentId, hosts }) => ({
        summary:
          hosts.length === 0
            ? "Read the log around the failing request, mend score.py or its packages, try it locally, and deploy again"
            : `Give the deployment a way to ${hosts.join(", ")}`,
        commands: [showLogs(deploymentId)],
        warning:
          "Callers see 424 with the headers ms-azureml-model-error-statuscode and ms-azureml-model-error-reason, or 5xx on Kubernetes. Send new traffic to a deployment that works meanwhile.",
        verify: [showLogs(deploymentId).text],
        docs,
      }),
      causedBy: [
        "mn-outbound-rule-missing",
        "mn-fqdn-rule-missing-or-limited",
        "mn-outbound-rule-not-active",
        "mn-outbound-pe-pending",
        "mn-provisioned-with-public-access",
        "mn-onprem-or-nonhttps-target",
        "dep-egress-disabled-foreign-target",
        "dep-deployment-vnet-no-peering",
      ],
      rivals: ["mn-outbound-rule-missing"],
    }),
  },
  judge({ endpoints, logs, answers, linked }, say) {
    const found = endpoints.flatMap(({ endpoint, deployments }) =>
      (valueOf(deployments) ?? []).flatMap(({ id, name, properties }) => {
        if (!sameText(properties.provisioningState, "Succeeded")) return [];
        const answer = (valueOf(answers) ?? []).find(
          (each) =>
            sameId(each.endpointId, endpoint.id) &&
            each.status === 424 &&
            sameText(each.headers["azureml-model-deployment"] ?? each.deployment ?? name, name),
        );
        const seen = (valueOf(logs) ?? []).find((each) => sameId(each.id, id))?.is;
        const log = seen && valueOf(seen);
        if (
          answer === undefined &&
          !(log && (log.crashes > 0 || log.serverErrors > 0 || (log.tracebacks > 0 && log.initCompleted)))
        )
          return [];
        const calls = log?.refusedCalls ?? [];
        const hosts = calls.map(({ host }) => host);
        const text = log === undefined ? "the scoring address answers 424" : told(log);
        const evidence: Evidence[] = [
          ...(answer === undefined
            ? []
            : [
                {
                  kind: "http" as const,
                  source: `POST ${answer.fqdn} at ${answer.address}:443`,
                  observed:
                    `424, model status ${answer.headers["ms-azureml-model-error-statuscode"] ?? "not stated"} ${answer.headers["ms-azureml-model-error-reason"] ?? ""}`.trim(),
                  expected: "200",
                },
              ]),
          ...(log === undefined
            ? []
            : [
                {
                  kind: "log" as const,
                  source: `${id} getLogs`,
                  observed: text,
                  expected: "requests that end with 200",
                },
              ]),
          ...calls.slice(0, 2).map(({ line }) => ({ kind: "log" as const, source: `${id} getLogs`, observed: line })),
        ];
        return [
          say.found("scoring-424-model-error", {
            subject: id,
            about: [endpoint.id, ...hosts, ...resourcesBehind(valueOf(linked), hosts)],
            data: { deploymentId: id, told: text, hosts },
            evidence,
            ruledOut:
              calls.length === 0
                ? [{ id: "mn-outbound-rule-missing", by: "the log shows no connection that was refused or timed out" }]
                : [],
            ...(answer === undefined && log?.lastScoring !== "failed" ? { as: "warning" as const } : {}),
          }),
        ];
      }),
    );
    // Reading logs is an action that the Reader role does not hold; a deployment that is up is not in doubt for want of it.
    const gaps = logs.is === "gap" ? [logs] : (valueOf(logs) ?? []).flatMap(({ is }) => (is.is === "gap" ? [is] : []));
    const open = gaps
      .slice(0, 1)
      .map((gap) =>
        say.unknown(gap, { consequence: "Whether the models fail on the requests they get", matters: false }),
      );
    if (found.length + open.length > 0) return [...found, ...open];
    return say.pass();
  },
});
