import { armEvidence } from "../../src/model/evidence.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint";

/**
 * An endpoint has a flag of its own: closing the workspace does not close it. Public scoring over a private workspace is
 * supported and may be meant; that it is so is said. What the flag of a deployment's egress does not go with has a check
 * of its own (workspace/public-egress). On Kubernetes the flag means nothing.
 */
export default defineProbe({
  id: "endpoint/inbound-pattern",
  title: "No managed endpoint is more open than its workspace",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, endpoints: onlineEndpoints },
  consequence: "Whether endpoints take requests from the internet in a closed workspace",
  advisory: true,
  reasons: {
    "dep-network-isolation-pattern-mismatch": reason<{ endpointId: string }>({
      severity: "warning",
      title: "The endpoint takes scoring requests from the internet, and its workspace is closed to it",
      detail: () =>
        "publicNetworkAccess is Enabled on the endpoint and Disabled on the workspace: whoever has a key or token may call it from anywhere. It is supported, and seldom meant.",
      fix: ({ endpointId }) => ({
        summary:
          "Close the endpoint once its callers come in by the workspace's private endpoint; leave it if it is meant",
        commands: [
          azRest("get", endpointId, apiVersions.machineLearning),
          az(
            "resource",
            "update",
            "--ids",
            endpointId,
            "--api-version",
            apiVersions.machineLearning,
            "--set",
            "properties.publicNetworkAccess=Disabled",
          ),
        ],
        warning: "Callers outside of the virtual network lose the endpoint.",
        takesEffect: "Within a few minutes",
        verify: [
          `${azRest("get", endpointId, apiVersions.machineLearning).text} --query properties.publicNetworkAccess`,
        ],
        docs,
      }),
    }),
  },
  judge({ workspace: { id, properties }, endpoints }, say) {
    const managed = endpoints.filter((each) => !onKubernetes(each));
    if (managed.length === 0) return say.skip("there is no managed online endpoint", id);
    // What a project carries of public access counts for nothing: its hub's does.
    if (properties.hubResourceId) return say.skip("a project is as open as its hub", id);
    if (!sameText(properties.publicNetworkAccess, "Disabled"))
      return say.skip("the workspace itself is open to public networks", id);
    return managed.map(({ endpoint }): Verdict => {
      const access = endpoint.properties.publicNetworkAccess;
      if (!sameText(access, "Enabled")) return say.pass(undefined, { subject: endpoint.id });
      return say.found("dep-network-isolation-pattern-mismatch", {
        subject: endpoint.id,
        data: { endpointId: endpoint.id },
        evidence: [
          armEvidence(endpoint.id, "properties.publicNetworkAccess", access),
          armEvidence(id, "properties.publicNetworkAccess", properties.publicNetworkAccess ?? undefined),
          armEvidence(
            id,
            "properties.managedNetwork.isolationMode",
            properties.managedNetwork?.isolationMode ?? undefined,
          ),
        ],
      });
    });
  },
});
