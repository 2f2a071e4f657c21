import { sameId } from "../../src/model/arm-id.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { absent, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import { extensionCodes } from "../../src/facts/extension-failure.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesComplaints } from "../../src/facts/kubernetes-complaints.ts";
import { healthCheck, kubernetesConfigMaps } from "../../src/facts/kubernetes-config-maps.ts";
import { extensionErrors, hasFailed } from "../../src/facts/kubernetes-extensions.ts";
import type { PodAnswer } from "../../src/facts/pod-answer.ts";
import { podNames } from "../../src/facts/pod-names.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall#kubernetes-compute";

/** Names that every cluster with the extension has to reach over the internet, private endpoints or not. */
const publicHosts =
  /(?:^|\.)(?:mcr\.microsoft\.com|data\.mcr\.microsoft\.com|login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|management\.azure\.com|management\.usgovcloudapi\.net|management\.chinacloudapi\.cn)$/;

/** Whether the cluster gets out to what the extension needs. Decided on the extension's own health check, on a call from a
 * pod of the router where commands in pods are allowed, or on pods that say that a name of Microsoft's does not answer
 * them. */
export default defineProbe({
  id: "kubernetes/egress",
  title: "The cluster reaches the services that the extension needs",
  layer: "transport",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    complaints: kubernetesComplaints,
    configMaps: raw(kubernetesConfigMaps),
    podNames: raw(podNames),
  },
  consequence: "Whether the cluster reaches what the extension needs",
  reasons: {
    "k8s-egress-blocked": reason<{ how: string; outboundType: string; hosts: readonly string[] }>({
      severity: "error",
      title: "The cluster's outbound traffic is blocked on the way to services that it needs",
      detail: ({ how, outboundType }) =>
        `${how}${outboundType === "" ? "" : ` The cluster's outboundType is ${outboundType}.`}`,
      fix: ({ hosts }) => ({
        summary: `Allow the cluster's subnet to reach ${hosts.length === 0 ? "the hosts that the health check names" : shortList(hosts, 6)} and the other required hosts on port 443 at the firewall, route table or network security group on its way`,
        commands: [kubectl("describe", "configmap", "arcml-healthcheck", "--namespace", "azureml")],
        warning:
          "Private endpoints shorten the list of hosts; sign-in, Azure Resource Manager and Microsoft's container registry stay public.",
        verify: ["kubectl describe configmap arcml-healthcheck --namespace azureml"],
        docs,
      }),
      causedBy: ["aksv1-default-outbound-removed"],
    }),
  },
  judge({ clusters, complaints, configMaps, podNames: inPods }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.map(({ id, topics, extensions, managed, isStopped }): Verdict => {
      if (isStopped) return say.skip("the cluster is stopped", id);
      const outboundType = valueOf(managed)?.properties.networkProfile?.outboundType ?? "";
      const way = outboundType === "" ? [] : [armEvidence(id, "properties.networkProfile.outboundType", outboundType)];
      for (const extension of (valueOf(extensions) ?? []).filter(hasFailed)) {
        const words = extensionErrors(extension);
        const report = healthCheck(valueOf(configMaps) ?? [], id);
        if (!extensionCodes(`${words}\n${report}`).includes("E45003")) continue;
        const hosts = [
          ...new Set(`${words}\n${report}`.match(/\b(?:[a-z0-9*-]+\.)+(?:com|net|io|ms|us|cn)\b/gi) ?? []),
        ];
        const evidence: Evidence[] = [
          ...(words === "" ? [] : [armEvidence(extension.id, "properties.statuses", words.slice(0, 400))]),
          ...(report === ""
            ? []
            : [
                {
                  kind: "kubernetes" as const,
                  source: "configmap arcml-healthcheck in azureml",
                  observed: report.slice(0, 300),
                },
              ]),
          ...way,
        ];
        return say.found("k8s-egress-blocked", {
          subject: id,
          about: [...topics, extension.id],
          data: {
            how: "The extension's health check ends with E45003 (BAD_NETWORK_CONNECTIVITY).",
            outboundType,
            hosts,
          },
          evidence,
        });
      }
      const called = (valueOf(inPods) ?? []).filter(
        ({ clusterId, host }) => sameId(clusterId, id) && publicHosts.test(host),
      );
      const met = (host: string) => valueOf(called.find((each) => each.host === host)?.head ?? absent)?.outcome;
      const shut = called.filter(({ head }) => isShut(valueOf(head)));
      if (shut[0] !== undefined) {
        const { pod, host, head } = shut[0];
        return say.found("k8s-egress-blocked", {
          subject: id,
          about: [...topics, ...shut.map((each) => each.host)],
          data: {
            how: `A call from pod ${pod} to https://${host}/ ends with: ${valueOf(head)?.said ?? ""}.`,
            outboundType,
            hosts: shut.map((each) => each.host),
          },
          evidence: [
            ...shut.slice(0, 3).map((each): Evidence => ({
              kind: "kubernetes",
              source: `curl --head https://${each.host}/ in pod ${each.pod} of ${each.namespace}`,
              observed: valueOf(each.head)?.said ?? "",
              expected: "an answer of any kind",
            })),
            ...way,
          ],
        });
      }
      const silent = complaints.filter(
        (each) =>
          sameId(each.clusterId, id) &&
          // A line of the log is of the past where the call arrives by now.
          !(each.where.startsWith("log of pod ") && met(each.host ?? "") === "answered") &&
          (each.kind === "timeout" || each.kind === "refused") &&
          each.host !== undefined &&
          publicHosts.test(each.host),
      );
      const first = silent[0];
      if (first === undefined)
        return say.pass("Neither the extension nor a pod complains of blocked outbound traffic", { subject: id });
      const hosts = [...new Set(silent.flatMap(({ host }) => host ?? []))];
      return say.found("k8s-egress-blocked", {
        subject: id,
        about: [...topics, ...hosts],
        data: { how: `${first.where}: ${first.text.slice(0, 200)}`, outboundType, hosts },
        evidence: [
          ...silent.slice(0, 2).map(({ where, text }): Evidence => ({
            kind: "kubernetes",
            source: where,
            observed: text,
            expected: "an answer",
          })),
          ...way,
        ],
        inferredFrom: "pods cannot connect to services of Microsoft's that answer everybody",
      });
    });
  },
});

/** Whether a call was stopped on its way. Azure Firewall takes the connection, reads the name in the handshake, and resets. */
function isShut(answer: PodAnswer | undefined): boolean {
  const { outcome, said } = answer ?? { outcome: "unclear", said: "" };
  const isReset = outcome === "tls" && /reset by peer|SSL_ERROR_SYSCALL|unexpected eof/i.test(said);
  return outcome === "timeout" || outcome === "refused" || isReset;
}
