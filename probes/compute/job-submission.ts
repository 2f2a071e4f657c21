import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { clientAccess } from "../../src/facts/client-access.ts";
import { unusableNodes } from "../../src/facts/compute-state.ts";
import { computes } from "../../src/facts/computes.ts";
import { paths, reachOf } from "../../src/facts/paths.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-network-security-overview";

/** One hop of the way that a job takes, and how it was seen to be blocked. */
interface Hop {
  readonly hop: string;
  readonly about: readonly string[];
  readonly evidence: Evidence;
}

/**
 * The way of a job: this machine uploads to the storage account, submits to the workspace, and the cluster's nodes run it.
 * Only a refusal that was seen counts; what nodes reach by themselves cannot be seen from here. An effect by nature: each
 * hop's fault is judged by a check of its own.
 */
export default defineProbe({
  id: "compute/job-submission",
  title: "No hop of the way that a job takes is seen to be blocked",
  layer: "endpoint",
  docs: [docs],
  needs: { workspace, computes, access: clientAccess, paths },
  consequence: "Whether jobs submitted from here can run",
  advisory: true,
  reasons: {
    "cmp-job-submission-path": reason<{ workspaceId: string; hops: readonly string[] }>({
      severity: "error",
      title: "Jobs from this machine fail or stay queued: a hop of their way is blocked",
      detail: ({ hops }) => `Blocked: ${hops.join("; ")}.`,
      fix: ({ workspaceId }) => ({
        summary: "Mend the first blocked hop, then submit the job again",
        commands: [azRest("get", `${workspaceId}/computes`, apiVersions.machineLearning)],
        warning: "What the nodes reach is seen only from a node or in a job's own log.",
        verify: [azRest("get", `${workspaceId}/jobs`, apiVersions.machineLearning).text],
        docs,
      }),
      causedBy: [
        "st-firewall-blocks-client",
        "ws-pna-disabled-client-public",
        "cmp-nodes-unusable",
        { reason: "cv-client-outside-vnet", scope: "anywhere" },
      ],
    }),
  },
  judge({ workspace: { id, properties }, computes: all, access, paths: names }, say) {
    const own = all.filter(({ properties: its }) => /^(?:AmlCompute|ComputeInstance)$/i.test(its.computeType ?? ""));
    if (own.length === 0) return say.skip("the workspace has no compute that runs jobs", id);
    const uploads = access.flatMap(({ name, resourceId, locked, outcome, reach }): Hop[] =>
      name.service === "blob" &&
      sameId(resourceId, properties.storageAccount) &&
      locked &&
      outcome === "refused" &&
      reach !== undefined
        ? [
            {
              hop: `uploads to ${name.fqdn} are refused`,
              about: [resourceId, name.fqdn],
              evidence: reachEvidence(reach, "an answer that is not the firewall's"),
            },
          ]
        : [],
    );
    const submissions = names.flatMap((path): Hop[] => {
      const { name, system } = path;
      if (name.service !== "workspace-api" || !path.needsPrivate) return [];
      const reached = system.addresses.flatMap((address) => reachOf(path, address) ?? []);
      const refused = reached.find(({ http }) => http?.status === 403);
      if (refused === undefined || path.here !== "public") return [];
      return [
        {
          hop: `submissions to ${name.fqdn} are refused`,
          about: [name.resourceId, name.fqdn],
          evidence: reachEvidence(refused, "an answer other than 403"),
        },
      ];
    });
    const nodes = own.flatMap((compute): Hop[] => {
      const counts = compute.properties.properties?.nodeStateCounts;
      const working =
        (counts?.idleNodeCount ?? 0) + (counts?.runningNodeCount ?? 0) + (counts?.preparingNodeCount ?? 0);
      const unusable = unusableNodes(compute);
      if (!sameText(compute.properties.computeType, "AmlCompute") || unusable === 0 || working > 0) return [];
      return [
        {
          hop: `every node of ${compute.name} is unusable`,
          about: [compute.id],
          evidence: armEvidence(
            compute.id,
            "properties.properties.nodeStateCounts",
            `${unusable} unusable, none idle, running or preparing`,
            "nodes that are idle, running or preparing",
          ),
        },
      ];
    });
    const hops = [...uploads, ...submissions, ...nodes];
    if (hops.length === 0) return say.pass(undefined, { subject: id });
    return say.found("cmp-job-submission-path", {
      subject: id,
      about: hops.flatMap(({ about }) => about),
      data: { workspaceId: id, hops: hops.map(({ hop }) => hop) },
      evidence: hops.slice(0, 4).map(({ evidence }) => evidence),
    });
  },
});
