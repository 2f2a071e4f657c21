import type { Evidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import { dnsAnswers } from "../../src/facts/dns-answers.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesComplaints } from "../../src/facts/kubernetes-complaints.ts";
import {
  faultEvidence,
  inferredFromLogs,
  nameComplaints,
  nameFaults,
  namesSummary,
  refusals,
} from "../../src/facts/pod-name-faults.ts";
import { podNames } from "../../src/facts/pod-names.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/v1/how-to-deploy-azure-kubernetes-service#understand-connectivity-requirements-for-aks-inferencing-cluster";

interface Unresolved {
  readonly hosts: readonly string[];
  readonly how: string;
  readonly pod: string | undefined;
}

/**
 * Whether a cluster that was attached the v1 way resolves what its router and pods need, by the DNS of its virtual network.
 * Decided on what its pods say, or get when they are asked (`--in-cluster`). A name that this machine does not resolve
 * either is no fault of the cluster's.
 */
export default defineProbe({
  id: "aks-v1/required-names",
  title: "The cluster of the v1 services resolves the names that it needs",
  layer: "dns",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    complaints: kubernetesComplaints,
    answers: raw(dnsAnswers),
    podNames: raw(podNames),
  },
  consequence: "Whether the cluster of the v1 services resolves what it needs",
  reasons: {
    "aksv1-dns-required-hosts": reason<Unresolved>({
      severity: "error",
      title: "The cluster of the v1 services does not resolve names that it needs",
      detail: ({ how }) => how,
      fix: ({ hosts, pod }) => ({
        summary: `Have the DNS servers of the cluster's virtual network resolve ${shortList(hosts)}: forward what they do not know to Azure DNS, and link the private zones to the network that they stand in`,
        commands: [
          ...(pod === undefined
            ? []
            : hosts.slice(0, 1).map((host) => kubectl("exec", pod, "--namespace", "default", "--", "nslookup", host))),
          kubectl("get", "configmap", "coredns-custom", "--namespace", "kube-system", "--output", "yaml"),
          kubectl("logs", "--namespace", "kube-system", "--selector", "k8s-app=kube-dns", "--tail=100"),
        ],
        warning:
          "Nodes take up a virtual network's new DNS servers only when they are restarted, and CoreDNS follows the nodes.",
        takesEffect: "After the nodes were restarted",
        verify:
          pod === undefined
            ? ["kubectl logs deployment/azureml-fe --namespace default --tail=50"]
            : hosts
                .slice(0, 2)
                .map((host) => kubectl("exec", pod, "--namespace", "default", "--", "nslookup", host).text),
        docs,
      }),
      causedBy: [
        "k8s-cluster-dns-broken",
        "dns-custom-no-forwarder",
        "dns-zone-not-linked",
        "dns-zone-missing",
        "dns-zone-not-linked-to-resolver-vnet",
      ],
      rivals: ["k8s-egress-blocked"],
    }),
  },
  judge({ clusters, complaints, answers, podNames: inPods }, say) {
    const old = clusters.filter(({ isLegacy }) => isLegacy);
    if (old.length === 0) return say.skip("no cluster is attached the v1 way");
    return old.flatMap(({ id, topics, isStopped }): Verdict | Verdict[] => {
      if (isStopped) return say.skip("the cluster is stopped", id);
      const asked = (valueOf(inPods) ?? []).filter(({ clusterId }) => sameId(clusterId, id));
      const faults = nameFaults(asked, id, valueOf(answers)?.names ?? []);
      const [fault] = faults;
      const ruledOut = [{ id: "k8s-egress-blocked", by: "the call ends at the name, before any connection" }];
      if (fault !== undefined) {
        const hosts = faults.map(({ name }) => name.host);
        const { pod, expected } = fault.name;
        const wanted = expected.length > 0 ? expected.join(", ") : "an address";
        return say.found("aksv1-dns-required-hosts", {
          subject: id,
          about: [...topics, ...hosts],
          data: { hosts, how: `In pod ${pod}, ${fault.command} ends with: ${fault.said}, expected ${wanted}.`, pod },
          evidence: faults.slice(0, 3).flatMap(faultEvidence).slice(0, 4),
          ruledOut,
        });
      }
      const failing = nameComplaints(complaints, id, asked);
      const [first] = failing;
      if (first === undefined) {
        return [
          say.pass(namesSummary(asked), { subject: id }),
          ...refusals(asked).map((gap) =>
            say.unknown(gap, {
              subject: id,
              consequence: "Whether names resolve in the cluster's pods",
              matters: false,
            }),
          ),
        ];
      }
      const hosts = [...new Set(failing.map(({ host }) => host))];
      return say.found("aksv1-dns-required-hosts", {
        subject: id,
        about: [...topics, ...hosts],
        data: { hosts, how: `${first.where}: ${first.text.slice(0, 200)}`, pod: undefined },
        evidence: failing.slice(0, 3).map(({ where, text }): Evidence => ({
          kind: "kubernetes",
          source: where,
          observed: text,
          expected: "the name resolves",
        })),
        ruledOut,
        ...inferredFromLogs(failing),
      });
    });
  },
});
