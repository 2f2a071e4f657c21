import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { privateLinkScopes } from "../../src/facts/private-link-scopes.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/azure-monitor/logs/private-link-security";

/** A private link scope in mode PrivateOnly refuses telemetry from what is outside of it, and managed online endpoints are:
 * their metrics and logs then stay away. Scoring itself does not suffer. */
export default defineProbe({
  id: "studio/telemetry",
  title: "Azure Monitor takes telemetry of the online endpoints",
  layer: "endpoint",
  docs: [docs],
  needs: { workspace, scopes: privateLinkScopes },
  consequence: "Whether a private link scope keeps telemetry away",
  advisory: true,
  reasons: {
    "monitor-ampls-private-only": reason<{ scopeId: string; ingestion: string; query: string }>({
      severity: "warning",
      title: "An Azure Monitor private link scope refuses telemetry from outside of it",
      detail: ({ ingestion, query }) =>
        `ingestionAccessMode is ${ingestion}, queryAccessMode is ${query}; managed online endpoints ask for Open.`,
      fix: ({ scopeId }) => ({
        summary:
          "With the monitoring team: put the workspace's Application Insights and Log Analytics into the scope, or set its access modes to Open",
        commands: [
          az("resource", "show", "--ids", scopeId, "--api-version", "2021-07-01-preview", "--query", "properties"),
        ],
        warning:
          "A scope affects every network that shares its DNS. Open lets networks of this scope reach monitoring resources outside of it; it opens nothing to the internet.",
        verify: [
          az(
            "resource",
            "show",
            "--ids",
            scopeId,
            "--api-version",
            "2021-07-01-preview",
            "--query",
            "properties.accessModeSettings",
          ).text,
        ],
        docs,
      }),
    }),
  },
  judge({ workspace: { id }, scopes }, say) {
    const closed = scopes.filter(({ properties }) =>
      sameText(properties.accessModeSettings?.ingestionAccessMode, "PrivateOnly"),
    );
    if (closed.length === 0) return say.pass(undefined, { subject: id });
    return closed.map((scope): Verdict => {
      const modes = scope.properties.accessModeSettings;
      return say.found("monitor-ampls-private-only", {
        subject: scope.id,
        data: { scopeId: scope.id, ingestion: modes?.ingestionAccessMode ?? "", query: modes?.queryAccessMode ?? "" },
        evidence: [
          armEvidence(
            scope.id,
            "properties.accessModeSettings.ingestionAccessMode",
            modes?.ingestionAccessMode,
            "Open",
          ),
        ],
        inferredFrom:
          "a scope in the subscription of the workspace's Application Insights; which networks use it is not seen",
      });
    });
  },
});
