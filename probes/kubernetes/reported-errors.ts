import { sameId } from "../../src/model/arm-id.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { inGroup } from "../../src/model/cluster-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesAttachments } from "../../src/facts/kubernetes-attachments.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { errorOf, kubernetesErrors, type KubernetesError } from "../../src/facts/kubernetes-errors.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-compute";

interface Reported {
  readonly clusterId: string;
  readonly computeId: string;
  readonly line: string;
  readonly ranges: readonly string[];
  readonly region: string;
}

/** What Azure Machine Learning itself reports about the cluster: it could not reach it, or not get tokens there. */
export default defineProbe({
  id: "kubernetes/reported-errors",
  title: "Azure Machine Learning reports no error about the cluster",
  layer: "control-plane",
  docs: [docs],
  needs: { clusters: kubernetesClusters, attachments: kubernetesAttachments, errors: kubernetesErrors },
  reasons: {
    "k8s-cluster-not-reachable": reason<Reported>({
      severity: "error",
      title: "Azure Machine Learning cannot reach the cluster's API server",
      detail: ({ line }) => line,
      fix: ({ clusterId, computeId }) => ({
        summary:
          "See whether the cluster runs and its API server can be reached, then attach the compute anew if it was restarted",
        commands: [
          az(
            "aks",
            "show",
            ...inGroup(clusterId),
            "--query",
            "{power:powerState.code, state:provisioningState, api:apiServerAccessProfile}",
          ),
          azRest("get", computeId, apiVersions.machineLearning),
        ],
        warning:
          "For InvalidCertificate the cluster's certificates have been rotated or have ended: rotating them recreates the nodes, and Azure Machine Learning takes up the new ones hours later.",
        verify: [`${azRest("get", computeId, apiVersions.machineLearning).text} --query properties.provisioningErrors`],
        docs,
      }),
      causedBy: [
        "k8s-cluster-stopped",
        "k8s-restarted-pe-recreate",
        "k8s-private-aks-public-fqdn",
        "k8s-apiserver-not-allowlisted",
        "k8s-region-mismatch",
        "k8s-namespace-or-compute-invalid",
        "k8s-relay-unreachable",
      ],
    }),
    "k8s-apiserver-not-allowlisted": reason<Reported>({
      severity: "error",
      title: "The API server's authorized ranges leave Azure Machine Learning out",
      detail: ({ ranges, line }) =>
        `Only ${ranges.join(", ")} may reach the API server, and Azure Machine Learning reports: ${line}`,
      fix: ({ clusterId, ranges, region }) => ({
        summary:
          "Add the addresses of Azure Machine Learning's control plane, of the region and of its paired region, to the authorized ranges",
        commands: [
          az(
            "network",
            "list-service-tags",
            "--location",
            region,
            "--query",
            "values[?starts_with(name, 'AzureMachineLearning.')].{tag:name, prefixes:properties.addressPrefixes}",
          ),
          az("aks", "show", ...inGroup(clusterId), "--query", "apiServerAccessProfile.authorizedIpRanges"),
        ],
        warning: `az aks update --api-server-authorized-ip-ranges replaces the whole list: keep ${ranges.join(",")} and the address of your own egress in it.`,
        verify: [az("aks", "show", ...inGroup(clusterId), "--query", "apiServerAccessProfile.authorizedIpRanges").text],
        docs: "https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges",
      }),
    }),
    "k8s-token-fetch-failed": reason<Reported>({
      severity: "error",
      title: "The cluster cannot fetch tokens for Azure Machine Learning",
      detail: ({ line }) => line,
      fix: ({ computeId }) => ({
        summary:
          "Let the cluster reach Entra ID and the workspace (by its private endpoint when the workspace is private); where the extension has no identity, install it again",
        commands: [azRest("get", computeId, apiVersions.machineLearning)],
        warning: "Installing the extension again stops every endpoint on the cluster: mend the network first.",
        verify: ["kubectl logs --namespace azureml --selector app=azureml-fe --tail=100"],
        docs,
      }),
      causedBy: ["k8s-egress-blocked", "k8s-cluster-dns-broken", "aksv1-dns-required-hosts", "k8s-deps-without-pe"],
    }),
  },
  judge({ clusters, attachments, errors }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.flatMap(({ id, topics, managed, extensions }): Verdict[] => {
      const cluster = valueOf(managed);
      const access = cluster?.properties.apiServerAccessProfile;
      const ranges = access?.enablePrivateCluster === true ? [] : (access?.authorizedIPRanges ?? []);
      const computeId = attachments.find((one) => sameId(one.clusterId, id))?.compute.id ?? id;
      const about = (error: KubernetesError) => ({
        subject: id,
        about: topics,
        data: { clusterId: id, computeId, line: error.line, ranges, region: cluster?.location ?? "" },
      });
      const seen = (error: KubernetesError) => ({ kind: "arm" as const, source: error.source, observed: error.line });
      const reach = errorOf(errors, id, [
        "GenericClusterError",
        "ClusterNotReachable",
        "KubernetesUnaccessible",
        "ClusterUnauthorized",
      ]);
      const token = errorOf(errors, id, ["TokenRefreshFailed", "GetAADTokenFailed", "RefreshExtensionIdentityNotSet"]);
      // The service writes null where there is no identity; where it writes nothing, nothing is known.
      const bare = (valueOf(extensions) ?? []).find(
        (extension) => extension.properties.aksAssignedIdentity === null && !extension.identity?.principalId,
      );
      const failed = attachments
        .filter((one) => sameId(one.clusterId, id))
        .flatMap(({ endpoints }) => endpoints.flatMap(({ deployments }) => deployments))
        .find(({ provisioningState }) => sameText(provisioningState, "Failed"));
      const verdicts: Verdict[] = [
        ...(reach === undefined
          ? []
          : [say.found("k8s-cluster-not-reachable", { ...about(reach), evidence: [seen(reach)] })]),
        ...(reach === undefined || ranges.length === 0
          ? []
          : [
              say.found("k8s-apiserver-not-allowlisted", {
                ...about(reach),
                evidence: [
                  armEvidence(
                    id,
                    "properties.apiServerAccessProfile.authorizedIPRanges",
                    ranges,
                    "also the prefixes of AzureMachineLearning",
                  ),
                  seen(reach),
                ],
                inferredFrom: "the API server admits listed ranges only, and Azure Machine Learning cannot reach it",
              }),
            ]),
        ...(token !== undefined || bare === undefined || failed === undefined
          ? []
          : [
              say.found("k8s-token-fetch-failed", {
                ...about({
                  clusterId: id,
                  code: "",
                  line: `The extension ${bare.name} has no identity.`,
                  source: bare.id,
                }),
                about: [...topics, bare.id, failed.id],
                evidence: [
                  armEvidence(bare.id, "properties.aksAssignedIdentity", "null", "an identity"),
                  armEvidence(failed.id, "properties.provisioningState", "Failed", "Succeeded"),
                ],
                inferredFrom: "a deployment failed, and the extension has no identity to fetch its tokens with",
              }),
            ]),
        ...(token === undefined
          ? []
          : [say.found("k8s-token-fetch-failed", { ...about(token), evidence: [seen(token)] })]),
      ];
      return verdicts.length > 0 ? verdicts : [say.pass(undefined, { subject: id })];
    });
  },
});
