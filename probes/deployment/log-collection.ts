import { armEvidence } from "../../src/model/evidence.ts";
import { showLogs } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { maybe } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { sameText } from "../../src/model/text.ts";
import { diagnosticSettings, type DiagnosticSetting } from "../../src/facts/diagnostic-settings.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-monitor-online-endpoints";

/** What a container writes, and what happens to it: the tables in which a failure can be read. */
const wanted = ["AmlOnlineEndpointConsoleLog", "AmlOnlineEndpointEventLog"] as const;

interface Stripped {
  readonly settingId: string;
  readonly missing: readonly string[];
  readonly kept: readonly string[];
  readonly deploymentIds: readonly string[];
}

function enabled({ properties }: DiagnosticSetting): string[] {
  return (properties.logs ?? [])
    .filter((log) => log.enabled === true)
    .flatMap(({ category, categoryGroup }) =>
      sameText(categoryGroup, "allLogs") ? [...wanted, "AmlOnlineEndpointTrafficLog"] : (category ?? []),
    );
}

/**
 * Logs are sent only where a diagnostic setting asks for them, category by category. Who asks for none has not lost any; who
 * asks for the traffic alone looks in vain for what the containers wrote. Azure sends them by a way of its own, which the
 * network settings of the Log Analytics workspace do not close.
 */
export default defineProbe({
  id: "deployment/log-collection",
  title: "What is sent to Log Analytics of an endpoint includes what its containers write",
  layer: "endpoint",
  docs: [docs],
  needs: { endpoints: onlineEndpoints, settings: maybe(diagnosticSettings) },
  consequence: "Which logs of the endpoints are sent to Log Analytics",
  advisory: true,
  reasons: {
    "dep-logs-unavailable-or-stripped": reason<Stripped>({
      severity: "warning",
      title: "Log Analytics gets an endpoint's logs without those in which a failure can be read",
      detail: ({ missing, kept }) => `Sent: ${kept.join(", ")}. Not sent: ${missing.join(", ")}.`,
      fix: ({ settingId, missing, kept, deploymentIds }) => ({
        summary: "Read the containers' logs from the deployments themselves, and have the missing categories sent too",
        commands: [
          ...deploymentIds.map((id) => showLogs(id)),
          az(
            "resource",
            "update",
            "--ids",
            settingId,
            "--api-version",
            apiVersions.diagnosticSettings,
            "--set",
            `properties.logs=${JSON.stringify([...kept, ...missing].map((category) => ({ category, enabled: true })))}`,
          ),
        ],
        warning: "Console logs can be large, and what is sent is paid for.",
        takesEffect: "up to an hour, until the tables fill",
        verify: [
          az(
            "resource",
            "show",
            "--ids",
            settingId,
            "--api-version",
            apiVersions.diagnosticSettings,
            "--query",
            "properties.logs",
          ).text,
        ],
        docs,
      }),
    }),
  },
  judge({ endpoints, settings }, say) {
    if (settings === undefined || settings.length === 0) return say.skip("there is no managed online endpoint");
    return settings.map(({ id, is }): Verdict => {
      if (is.is === "gap") return say.unknown(is, { subject: id, matters: false });
      const sending = (valueOf(is) ?? []).filter((each) => each.properties.workspaceId && enabled(each).length > 0);
      const [first] = sending;
      if (first === undefined) return say.skip("no logs of the endpoint are sent to Log Analytics", id);
      const kept = [...new Set(sending.flatMap(enabled))];
      const missing = wanted.filter((category) => !kept.some((each) => sameText(each, category)));
      if (missing.length === 0) return say.pass(undefined, { subject: id });
      const own = endpoints.find(({ endpoint }) => sameId(endpoint.id, id));
      return say.found("dep-logs-unavailable-or-stripped", {
        subject: id,
        about: [first.id],
        data: {
          settingId: first.id,
          missing,
          kept: enabled(first),
          deploymentIds: (own ? (valueOf(own.deployments) ?? []) : []).slice(0, 3).map((deployment) => deployment.id),
        },
        evidence: [armEvidence(first.id, "properties.logs", kept.join(", "), [...kept, ...missing].join(", "))],
      });
    });
  },
});
