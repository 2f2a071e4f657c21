import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { unusableNodes } from "../../src/facts/compute-state.ts";
import { computeErrors, computes } from "../../src/facts/computes.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet";

/**
 * Whether the nodes of the clusters can be used. Nodes turn unusable when the service loses them, which rules, routes and
 * firewalls around their subnet do; this is the effect, told as a cause only where none of these was found.
 */
export default defineProbe({
  id: "compute/nodes",
  title: "The service can use every node of the clusters",
  layer: "endpoint",
  docs: [docs],
  needs: { computes, subnets: raw(subnets), workspace },
  consequence: "Whether nodes of a cluster are unusable",
  reasons: {
    "cmp-nodes-unusable": reason<{
      computeId: string;
      unusable: number;
      words?: string;
      minimum: number;
      maximum: number;
    }>({
      severity: "error",
      title: "Nodes of a compute cluster are unusable",
      detail: ({ unusable, words }) =>
        `${unusable} ${unusable === 1 ? "node is" : "nodes are"} unusable.${words === undefined ? "" : ` The service says: ${words}`}`,
      fix: ({ computeId, minimum, maximum }) => ({
        summary: `Mend what the service names, then scale ${parseArmId(computeId)?.name ?? computeId} down and up again so that its nodes are made anew`,
        commands: [
          azRest("post", `${computeId}/listNodes`, apiVersions.machineLearning),
          azRest("patch", computeId, apiVersions.machineLearning, {
            properties: { properties: { scaleSettings: { minNodeCount: 0, maxNodeCount: 0 } } },
          }),
          azRest("patch", computeId, apiVersions.machineLearning, {
            properties: { properties: { scaleSettings: { minNodeCount: minimum, maxNodeCount: maximum } } },
          }),
        ],
        warning: "Mend rules and routes first, or new nodes fail again. Scaling to zero ends what runs on the cluster.",
        takesEffect: "Some minutes after the cluster is scaled up",
        verify: [
          `${azRest("get", computeId, apiVersions.machineLearning).text} --query properties.properties.nodeStateCounts`,
        ],
        docs,
      }),
      causedBy: [
        "cmp-inbound-ports-blocked",
        "udr-forced-tunneling-breaks-compute",
        "nsg-outbound-required-tags-missing",
        "fw-missing-core-fqdns",
        "fw-app-vs-network-rules",
        "fw-storage-445-and-ports",
        "cmp-npip-without-outbound",
        "cmp-npip-subnet-network-policies",
        "cmp-subnet-nsg-missing-rules",
        "cmp-policy-lock-quota",
        "exfil-service-endpoint-policy",
        "nsg-subnet-and-nic-conflict",
      ],
      rivals: ["cmp-subnet-ips-exhausted"],
    }),
  },
  judge({ computes: all, subnets: known, workspace: { properties: space } }, say) {
    const clusters = all.filter(({ properties }) => sameText(properties.computeType, "AmlCompute"));
    if (clusters.length === 0) return say.skip("the workspace has no compute cluster");
    // Nodes mount the file shares of this account when they start.
    const accountId = space.storageAccount ?? undefined;
    return clusters.map((cluster): Verdict => {
      const unusable = unusableNodes(cluster);
      if (unusable === 0) return say.pass(undefined, { subject: cluster.id });
      const its = cluster.properties.properties;
      const place = (valueOf(known) ?? []).find(({ id }) => sameId(id, its?.subnet?.id))?.is;
      const groupId = (place && valueOf(place))?.subnet.properties?.networkSecurityGroup?.id;
      const words = computeErrors(cluster)[0];
      return say.found("cmp-nodes-unusable", {
        subject: cluster.id,
        about: [its?.subnet?.id, groupId, accountId].filter((id) => id !== undefined),
        data: {
          computeId: cluster.id,
          unusable,
          ...(words === undefined ? {} : { words }),
          minimum: its?.scaleSettings?.minNodeCount ?? 0,
          maximum: its?.scaleSettings?.maxNodeCount ?? 1,
        },
        evidence: [
          armEvidence(cluster.id, "properties.properties.nodeStateCounts.unusableNodeCount", unusable, "0"),
          ...(words === undefined ? [] : [armEvidence(cluster.id, "properties.properties.errors", words)]),
        ],
        ruledOut: [{ id: "cmp-subnet-ips-exhausted", by: "the nodes were allocated, so they have addresses" }],
      });
    });
  },
});
