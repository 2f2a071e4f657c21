import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { grantRole } from "../../src/model/access-commands.ts";
import { smallestRole } from "../../src/model/built-in-roles.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import type { TokenClaims } from "../../src/model/token-claims.ts";
import { sameText } from "../../src/model/text.ts";
import { ownPath } from "../../src/facts/own-path.ts";
import { workspaceDiagnose } from "../../src/facts/workspace-diagnose.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-workspace-diagnostic-api";

/** The service's own findings, passed on as it words them. They are seen from the service, not from this machine, and
 * `CustomDnsInUse` alone is documented: they are remarks and never root causes, and none of them proves health. Without
 * the right to ask for them, what is seen from here stands all the same. */
export default defineProbe({
  id: "workspace/diagnose",
  title: "The service's own diagnosis of the workspace finds nothing",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, results: raw(workspaceDiagnose), own: raw(ownPath) },
  consequence: "What the service's own diagnosis says of the workspace",
  advisory: true,
  reasons: {
    "ws-diagnose-findings": reason<{
      workspaceId: string;
      category: string;
      code: string;
      level: string;
      message: string;
    }>({
      severity: "warning",
      title: "The service's own diagnosis has a remark",
      detail: ({ category, code, level, message }) =>
        `${category}: ${level} ${code}: ${message} (seen from Azure Machine Learning, not from this machine)`,
      fix: ({ workspaceId }) => ({
        summary: "Compare the remark with the other findings; they say what was seen from here",
        commands: [azRest("post", `${workspaceId}/diagnose`, apiVersions.machineLearning, { value: {} })],
        verify: [azRest("post", `${workspaceId}/diagnose`, apiVersions.machineLearning, { value: {} }).text],
        docs,
      }),
    }),
    "rbac-diagnose-action-missing": reason<{ workspaceId: string; action: string; claims?: TokenClaims | undefined }>({
      severity: "warning",
      title: "The identity in use may not ask the service for its own diagnosis of the workspace",
      detail: ({ action, claims }) =>
        `${claims?.objectId ?? "The identity"} was refused ${action}, which ${smallestRole(action)} has. What is seen from this machine stands without it.`,
      fix: ({ workspaceId, action, claims }) => ({
        summary: `Give the identity ${smallestRole(action)} on the workspace, or a custom role with ${action}`,
        commands: [
          claims?.objectId === undefined
            ? azRest("post", `${workspaceId}/diagnose`, apiVersions.machineLearning, { value: {} })
            : grantRole(
                claims.objectId,
                smallestRole(action),
                workspaceId,
                claims.kind === "user" ? "User" : "ServicePrincipal",
              ),
        ],
        takesEffect: "Within 10 minutes; a new token may be needed",
        verify: [azRest("post", `${workspaceId}/diagnose`, apiVersions.machineLearning, { value: {} }).text],
        docs: "https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles",
      }),
      rivals: ["rbac-reader-missing"],
    }),
  },
  judge({ workspace: { id }, results: asked, own }, say) {
    if (asked.is === "absent") return say.skip("the service has no diagnosis of this workspace", id);
    if (asked.is === "gap") {
      const open = say.unknown(asked, { subject: id, matters: false });
      if (asked.gap !== "denied" || asked.status !== 403) return open;
      const action = asked.action ?? "Microsoft.MachineLearningServices/workspaces/diagnose/action";
      const claims = valueOf(own)?.signIn.claims;
      const evidence: Evidence[] = [armEvidence(`${id}/diagnose`, action, "403 AuthorizationFailed", "200 or 202")];
      return [
        say.found("rbac-diagnose-action-missing", {
          subject: id,
          about: claims?.objectId === undefined ? [] : [claims.objectId],
          data: { workspaceId: id, action, claims },
          evidence,
          ruledOut: [{ id: "rbac-reader-missing", by: "the workspace itself was read" }],
        }),
        open,
      ];
    }
    const remarks = asked.value.filter(({ level }) => !sameText(level, "Information"));
    if (remarks.length === 0)
      return say.pass("The service's own diagnosis finds nothing; it does not look from this machine", { subject: id });
    return remarks.slice(0, 20).map((remark) =>
      say.found("ws-diagnose-findings", {
        subject: id,
        data: { workspaceId: id, ...remark },
        evidence: [armEvidence(id, `diagnose ${remark.category}`, `${remark.level} ${remark.code}: ${remark.message}`)],
      }),
    );
  },
});
