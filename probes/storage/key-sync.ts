import { tryAgain, showState } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { deploymentFailures } from "../../src/facts/deployment-failures.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#container-registry-authorization-failure";

/** In the words of the service, and in those in which a registry refuses a password of its own that was renewed. */
const outdated = /container registry authorization failure|invalid client ?id or client secret/i;

/** Keys that were renewed on a dependency reach the workspace late. The error text is the only thing that shows it. */
export default defineProbe({
  id: "storage/key-sync",
  title: "The workspace holds the current keys of its dependencies",
  layer: "identity",
  docs: [docs],
  needs: { workspace, failures: deploymentFailures },
  consequence: "Whether the workspace holds current keys",
  advisory: true,
  reasons: {
    "st-key-desync": reason<{ workspaceId: string; deploymentId: string; line: string }>({
      severity: "error",
      title: "The workspace holds outdated keys of its registry or storage",
      detail: ({ line }) => `The service says: ${line}`,
      fix: ({ workspaceId, deploymentId }) => ({
        summary: "Have the workspace fetch the keys anew, then start the deployment again",
        commands: [azRest("post", `${workspaceId}/resyncKeys`, apiVersions.machineLearning), tryAgain(deploymentId)],
        warning:
          "This is no network fault: leave the firewalls as they are. With the ml extension: az ml workspace sync-keys.",
        takesEffect: "Within minutes; on its own it can take about an hour",
        verify: [showState(deploymentId)],
        docs,
      }),
      rivals: ["acr-public-disabled-egress-enabled", "acr-identity-missing-acrpull"],
    }),
  },
  judge({ workspace: { id, properties }, failures }, say) {
    const found = failures.flatMap(({ deploymentId, endpointId, words }) => {
      const line = words.find((word) => outdated.test(word));
      if (line === undefined) return [];
      return [
        say.found("st-key-desync", {
          subject: id,
          about: [deploymentId, endpointId, ...(properties.containerRegistry ? [properties.containerRegistry] : [])],
          data: { workspaceId: id, deploymentId, line },
          evidence: [{ kind: "log", source: `${deploymentId} getLogs`, observed: line }],
          confidence: "likely",
          inferredFrom: "the error text; when keys were renewed is not seen",
          ruledOut: [
            { id: "acr-public-disabled-egress-enabled", by: "the registry was reached and refused the credentials" },
          ],
        }),
      ];
    });
    return found.length > 0 ? found : say.pass();
  },
});
