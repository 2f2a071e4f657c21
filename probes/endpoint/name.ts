import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { maybe } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import { endpointNames } from "../../src/facts/endpoint-names.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints";

/** How many letters have to be typed anew to come from one name to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(to).entries())
      next.push(
        Math.min((next[column] ?? 0) + 1, (row[column + 1] ?? 0) + 1, (row[column] ?? 0) + (letter === other ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** An endpoint that the workspace does not have: its host name exists nowhere, which looks like a fault of DNS. */
export default defineProbe({
  id: "endpoint/name",
  title: "The online endpoint in question exists",
  layer: "endpoint",
  docs: [docs],
  needs: { workspace, names: maybe(endpointNames) },
  consequence: "Whether the online endpoint in question exists",
  reasons: {
    "infdns-model-endpoint-name-mismatch": reason<{ workspaceId: string; wanted: string; near: readonly string[] }>({
      severity: "error",
      title: "The workspace has no online endpoint of this name",
      detail: ({ wanted, near }) =>
        near.length === 0
          ? `No online endpoint is called ${wanted}; the workspace has none.`
          : `No online endpoint is called ${wanted}; the workspace has ${shortList(near, 5)}.`,
      fix: ({ workspaceId, near }) => ({
        summary:
          near.length === 0
            ? "Look for the endpoint in the workspace that holds it, or create it"
            : `Use the name and the scoring address that the workspace lists (${shortList(near, 5)})`,
        commands: [azRest("get", `${workspaceId}/onlineEndpoints`, apiVersions.machineLearning)],
        warning:
          "The host is made of the endpoint's name, the region, `inference` and the cloud's suffix, in this order. An endpoint of the same name in another region belongs to another workspace.",
        verify: [
          `${azRest("get", `${workspaceId}/onlineEndpoints`, apiVersions.machineLearning).text} --query value[].properties.scoringUri`,
        ],
        docs,
      }),
      causedBy: ["ws-v1-legacy-mode-propagating"],
      rivals: ["infdns-a-record-missing", "scoring-name-unresolvable"],
    }),
  },
  judge({ workspace: { id }, names }, say) {
    if (names === undefined) return say.pass(undefined, { subject: id });
    const { wanted, known } = names;
    const near = known
      .map(({ name }) => name)
      .sort((a, b) => distance(wanted, a) - distance(wanted, b) || a.localeCompare(b));
    return say.found("infdns-model-endpoint-name-mismatch", {
      subject: `${id}/onlineEndpoints/${wanted}`,
      data: { workspaceId: id, wanted, near },
      evidence: [
        armEvidence(`${id}/onlineEndpoints/${wanted}`, "GET", "404: there is no such endpoint"),
        armEvidence(`${id}/onlineEndpoints`, "names", near.slice(0, 5), wanted),
      ],
      ruledOut: [
        { id: "infdns-a-record-missing", by: "the record stands for every endpoint, and this one does not exist" },
        { id: "scoring-name-unresolvable", by: "a name that belongs to no endpoint resolves nowhere" },
      ],
    });
  },
});
