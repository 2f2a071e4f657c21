import { armEvidence, dnsEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { valueOf } from "../../src/model/observation.ts";
import { sameText } from "../../src/model/text.ts";
import { resolverComparison } from "../../src/facts/resolver-comparison.ts";
import { askDiagnosis, workspaceDiagnose } from "../../src/facts/workspace-diagnose.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-workspace-diagnostic-api";

/** The service's own findings, passed on as it words them. They are seen from the service, not from this machine, and
 * `CustomDnsInUse` alone is documented: they are remarks and never root causes, and none of them proves health. Without
 * the right to ask for them, what is seen from here stands all the same. That a network has a DNS server of its own is
 * no news where that server leads this machine to every private endpoint. */
export default defineProbe({
  id: "workspace/diagnose",
  title: "The service's own diagnosis of the workspace finds nothing",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, results: raw(workspaceDiagnose), comparison: raw(resolverComparison) },
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
        commands: [askDiagnosis(workspaceId)],
        verify: [askDiagnosis(workspaceId).text],
        docs,
      }),
    }),
  },
  judge({ workspace: { id }, results: asked, comparison }, say) {
    if (asked.is === "absent") return say.skip("the service has no diagnosis of this workspace", id);
    // Reader does not hold this right, and nothing is wrong with an identity that has Reader alone.
    if (asked.is === "gap") return say.unknown(asked, { subject: id, matters: false });
    const remarks = asked.value.filter(({ level }) => !sameText(level, "Information"));
    if (remarks.length === 0)
      return say.pass("The service's own diagnosis finds nothing; it does not look from this machine", { subject: id });
    const custom = valueOf(comparison);
    const [served] = custom?.wrong.length === 0 ? custom.asked : [];
    return remarks.slice(0, 20).map((remark) => {
      const said = armEvidence(id, `diagnose ${remark.category}`, `${remark.level} ${remark.code}: ${remark.message}`);
      if (custom !== undefined && served !== undefined && sameText(remark.code, "CustomDnsInUse"))
        return say.pass(
          `The service remarks that the network has a DNS server of its own; ${custom.address} gives this machine every private address`,
          {
            subject: id,
            evidence: [said, ...served.resolvers.slice(0, 1).map(({ answer }) => dnsEvidence(answer))],
          },
        );
      return say.found("ws-diagnose-findings", {
        subject: id,
        data: { workspaceId: id, ...remark },
        evidence: [said],
      });
    });
  },
});
