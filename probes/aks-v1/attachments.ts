import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { computes } from "../../src/facts/computes.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes";

interface Twice {
  readonly older: { readonly id: string; readonly name: string };
  readonly newer: { readonly id: string; readonly name: string };
}

/**
 * Attaching the v1 way puts a router into the cluster in place of the one that is there, so that the later attachment
 * breaks the earlier. Attachments of other workspaces are not seen from here. The extension serves several attachments.
 */
export default defineProbe({
  id: "aks-v1/attachments",
  title: "No cluster is attached the v1 way more than once",
  layer: "control-plane",
  docs: [docs],
  needs: { computes },
  consequence: "Whether a cluster is attached the v1 way more than once",
  advisory: true,
  reasons: {
    "aksv1-multiple-attach": reason<Twice>({
      severity: "warning",
      title:
        "The same cluster is attached the v1 way more than once, and the later attachment replaces the earlier's router",
      detail: ({ older, newer }) => `${older.name} and ${newer.name} are attachments of one cluster.`,
      fix: ({ older }) => ({
        summary: `Move the services of ${older.name} to one attachment, then detach ${older.name}`,
        commands: [
          azRest("get", older.id, apiVersions.machineLearning),
          az(
            "rest",
            "--method",
            "delete",
            "--url",
            `${older.id}?api-version=${apiVersions.machineLearning}&underlyingResourceAction=Detach`,
          ),
        ],
        warning:
          "Services that were deployed through an attachment stop answering when it is detached. The Azure Machine Learning extension serves several attachments of one cluster: moving to it ends this for good.",
        verify: [azRest("get", older.id.split("/").slice(0, -1).join("/"), apiVersions.machineLearning).text],
        docs,
      }),
      rivals: ["k8s-legacy-fe-conflict"],
    }),
  },
  judge({ computes: all }, say) {
    const legacy = all.filter(
      ({ properties }) => sameText(properties.computeType, "AKS") && Boolean(properties.resourceId),
    );
    if (legacy.length === 0) return say.skip("no AKS compute of v1 is attached");
    const groups = Map.groupBy(legacy, ({ properties }) => (properties.resourceId ?? "").toLowerCase());
    return [...groups.values()].map((members): Verdict => {
      const inOrder = members.toSorted((a, b) =>
        (a.properties.createdOn ?? "") < (b.properties.createdOn ?? "") ? -1 : 1,
      );
      const [older, newer] = inOrder;
      const clusterId = older?.properties.resourceId ?? "";
      if (older === undefined || newer === undefined) return say.pass(undefined, { subject: clusterId });
      return say.found("aksv1-multiple-attach", {
        subject: clusterId,
        about: inOrder.map(({ id }) => id),
        data: { older, newer },
        evidence: inOrder
          .slice(0, 3)
          .map(({ id, properties }) => armEvidence(id, "properties.resourceId", properties.resourceId)),
        inferredFrom: "the workspace's list of computes; which of them the cluster's router serves is not seen",
      });
    });
  },
});
