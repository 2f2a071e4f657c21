import { sameId } from "../../src/model/arm-id.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest, kubectl } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { connectedClusters } from "../../src/facts/connected-clusters.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesDeployments, replicasOf } from "../../src/facts/kubernetes-deployments.ts";
import { errorOf, kubernetesErrors } from "../../src/facts/kubernetes-errors.ts";
import { extensionNamespace, objectsIn } from "../../src/facts/kubernetes-read.ts";

const docs = "https://learn.microsoft.com/azure/azure-arc/kubernetes/troubleshooting";

interface Broken {
  readonly clusterId: string;
  readonly how: string;
  readonly isRelay: boolean;
}

/** States of Azure Arc in which nothing of Azure's gets to the cluster. `Connecting` is none: it may be on its way. */
const cutOff = ["Offline", "Expired", "AgentNotInstalled"];

/**
 * Whether Azure Machine Learning has its way into a cluster that Azure Arc connects: the agents' connection, and the relay
 * of the extension, by which deployments are made and changed. Scoring does not use it. AKS clusters have neither.
 */
export default defineProbe({
  id: "kubernetes/arc-connection",
  title: "Azure Arc is connected to the cluster",
  layer: "transport",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    connected: connectedClusters,
    deployments: raw(kubernetesDeployments),
    errors: raw(kubernetesErrors),
  },
  consequence: "Whether deployments on the cluster can be made and changed",
  reasons: {
    "k8s-relay-unreachable": reason<Broken>({
      severity: "error",
      title: "The channel of Azure Arc to the cluster is broken",
      detail: ({ how }) => how,
      fix: ({ clusterId, isRelay }) => ({
        summary: isRelay
          ? "Read why the relay of the extension does not run, let the cluster reach *.servicebus.windows.net on port 443, and restart the relay only then"
          : "Let the cluster reach the hosts of Azure Arc, *.servicebus.windows.net among them, on port 443, and see that its agents run",
        commands: isRelay
          ? [
              kubectl("describe", "deployment", "relayserver", "--namespace", extensionNamespace),
              kubectl("logs", "deployment/relayserver", "--namespace", extensionNamespace, "--tail=100"),
              kubectl("rollout", "restart", "deployment/relayserver", "--namespace", extensionNamespace),
            ]
          : [
              kubectl("get", "pods", "--namespace", "azure-arc"),
              kubectl(
                "logs",
                "deployment/clusterconnect-agent",
                "--namespace",
                "azure-arc",
                "--all-containers",
                "--tail=100",
              ),
              kubectl("logs", "deployment/config-agent", "--namespace", "azure-arc", "--all-containers", "--tail=100"),
            ],
        warning:
          "These commands need a way to the cluster that does not lead through Azure Arc. A cluster that is Expired has lost its identity: it is connected anew, and its extension installed again.",
        takesEffect: "Some minutes after the agents got out",
        verify: [
          `${azRest("get", clusterId, apiVersions.connectedKubernetes).text} --query properties.connectivityStatus`,
        ],
        docs,
      }),
      rivals: ["k8s-cluster-not-reachable"],
    }),
  },
  judge({ clusters, connected, deployments, errors }, say) {
    const verdicts = connected.flatMap(({ id, is }): Verdict[] => {
      const cluster = clusters.find((each) => sameId(each.id, id));
      if (is.is === "gap") return [say.unknown(is, { subject: id })];
      if (is.is === "absent") return [say.skip("Azure shows no such cluster", id)];
      const { connectivityStatus, lastConnectivityTime } = is.value.properties;
      const status = armEvidence(id, "properties.connectivityStatus", connectivityStatus ?? undefined, "Connected");
      const said = errorOf(valueOf(errors) ?? [], id, ["InferencingClientCallFailed"]);
      const told: Evidence[] =
        said === undefined ? [] : [{ kind: "arm", source: said.source, observed: said.line.slice(0, 300) }];
      const about = cluster?.topics ?? [];
      if (cutOff.some((each) => sameText(connectivityStatus, each)))
        return [
          say.found("k8s-relay-unreachable", {
            subject: id,
            about,
            data: {
              clusterId: id,
              how: `connectivityStatus is ${connectivityStatus ?? ""}, expected Connected.`,
              isRelay: false,
            },
            evidence: [
              status,
              ...(lastConnectivityTime
                ? [armEvidence(id, "properties.lastConnectivityTime", lastConnectivityTime)]
                : []),
              ...told,
            ],
          }),
        ];
      const relay = objectsIn(valueOf(deployments) ?? [], id, extensionNamespace).find(
        ({ metadata }) => metadata.name === "relayserver",
      );
      const { wanted, available } = relay === undefined ? { wanted: 0, available: 0 } : replicasOf(relay);
      const replicas: Evidence = {
        kind: "kubernetes",
        source: `deployment relayserver in ${extensionNamespace}`,
        observed: `${available} of ${wanted} replicas available`,
        expected: `${wanted}`,
      };
      if (wanted > 0 && available === 0)
        return [
          say.found("k8s-relay-unreachable", {
            subject: id,
            about,
            data: {
              clusterId: id,
              how: `The extension's relay has ${available} of ${wanted} replicas available.`,
              isRelay: true,
            },
            evidence: [replicas, status, ...told],
          }),
        ];
      if (!sameText(connectivityStatus, "Connected"))
        return [
          say.unknown(`connectivityStatus is ${connectivityStatus ?? "absent"}`, {
            subject: id,
            matters: cluster?.isOpen ?? true,
          }),
        ];
      return [say.pass(undefined, { subject: id, evidence: wanted > 0 ? [status, replicas] : [status] })];
    });
    return verdicts.length > 0 ? verdicts : say.skip("no cluster of Azure Arc is attached for what is diagnosed");
  },
});
