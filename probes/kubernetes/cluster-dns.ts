import { sameId } from "../../src/model/arm-id.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import { dnsAnswers } from "../../src/facts/dns-answers.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesComplaints } from "../../src/facts/kubernetes-complaints.ts";
import { dnsAdditions, kubernetesConfigMaps } from "../../src/facts/kubernetes-config-maps.ts";
import { kubernetesDeployments, replicasOf } from "../../src/facts/kubernetes-deployments.ts";
import { gapIn, objectsIn, systemNamespace } from "../../src/facts/kubernetes-read.ts";
import {
  faultEvidence,
  inferredFromLogs,
  nameComplaints,
  nameFaults,
  namesSummary,
  refusals,
} from "../../src/facts/pod-name-faults.ts";
import { podNames } from "../../src/facts/pod-names.ts";

const docs = "https://learn.microsoft.com/azure/aks/coredns-custom";

interface Broken {
  readonly how: string;
  readonly forwards: readonly string[];
}

/**
 * Whether names resolve inside the cluster, which is a vantage of its own: pods ask CoreDNS, CoreDNS and the nodes ask
 * the virtual network's DNS. Decided on what the cluster itself says: CoreDNS without replicas, pods that could not
 * look a name up, and, where commands in pods are allowed, what a pod of the router gets for the names. The names of a
 * cluster that was attached the v1 way are judged by themselves.
 */
export default defineProbe({
  id: "kubernetes/cluster-dns",
  title: "Names resolve inside the cluster",
  layer: "dns",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    complaints: kubernetesComplaints,
    deployments: raw(kubernetesDeployments),
    configMaps: raw(kubernetesConfigMaps),
    answers: raw(dnsAnswers),
    podNames: raw(podNames),
  },
  consequence: "Whether names resolve inside the cluster",
  reasons: {
    "k8s-cluster-dns-broken": reason<Broken>({
      severity: "error",
      title: "The cluster's DNS does not resolve the names that the endpoint needs",
      detail: ({ how, forwards }) =>
        `${how}${forwards.length === 0 ? "" : ` CoreDNS carries additions of its own: ${shortList(forwards)}.`}`,
      fix: ({ forwards }) => ({
        summary:
          forwards.length > 0
            ? "Correct the forwarding that was added to CoreDNS (coredns-custom), or have the server that it names forward to Azure DNS, then restart CoreDNS"
            : "Have the DNS server of the cluster's virtual network resolve the private names (forward to Azure DNS, zones linked to the server's network), then restart CoreDNS",
        commands: [
          kubectl("get", "configmap", "coredns-custom", "--namespace", "kube-system", "--output", "yaml"),
          kubectl("logs", "--namespace", "kube-system", "--selector", "k8s-app=kube-dns", "--tail=100"),
          kubectl("rollout", "restart", "deployment/coredns", "--namespace", "kube-system"),
        ],
        warning:
          "The restart interrupts name resolution for a moment. Nodes take up a virtual network's new DNS servers only when they are restarted.",
        verify: ["kubectl get pods --namespace kube-system --selector k8s-app=kube-dns"],
        docs,
      }),
      causedBy: [
        "dns-custom-no-forwarder",
        "dns-zone-not-linked",
        "dns-zone-missing",
        "acr-data-endpoint-dns-missing",
        "dns-zone-not-linked-to-resolver-vnet",
      ],
    }),
  },
  judge({ clusters, complaints, deployments, configMaps, answers, podNames: inPods }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.flatMap(({ id, topics, isStopped, isOpen, isLegacy }): Verdict[] => {
      if (isStopped) return [say.skip("the cluster is stopped", id)];
      const lists = valueOf(deployments) ?? [];
      const coredns = objectsIn(lists, id, systemNamespace).find(({ metadata }) => metadata.name === "coredns");
      const additions = dnsAdditions(valueOf(configMaps) ?? [], id) ?? {};
      const forwards = Object.values(additions)
        .flatMap((text) => text.match(/forward\s+\S+\s+[^\n{}]+/g) ?? [])
        .map((line) => line.trim());
      const addition: Evidence[] =
        forwards.length === 0
          ? []
          : [
              {
                kind: "kubernetes",
                source: "configmap coredns-custom in kube-system",
                observed: forwards.join("; ").slice(0, 300),
              },
            ];
      if (coredns !== undefined && replicasOf(coredns).available === 0 && replicasOf(coredns).wanted > 0) {
        const evidence: Evidence[] = [
          {
            kind: "kubernetes",
            source: "deployment coredns in kube-system",
            observed: `0 of ${replicasOf(coredns).wanted} replicas available`,
            expected: `${replicasOf(coredns).wanted}`,
          },
          ...addition,
        ];
        return [
          say.found("k8s-cluster-dns-broken", {
            subject: id,
            about: topics,
            data: { how: `CoreDNS has no replica available (0 of ${replicasOf(coredns).wanted}).`, forwards },
            evidence,
          }),
        ];
      }
      const asked = (valueOf(inPods) ?? []).filter(({ clusterId }) => sameId(clusterId, id));
      const known = valueOf(answers)?.names ?? [];
      const faults = isLegacy ? [] : nameFaults(asked, id, known);
      const fault = faults[0];
      if (fault !== undefined) {
        const hosts = faults.map(({ name }) => name.host);
        const wanted = fault.name.expected.length > 0 ? `, expected ${fault.name.expected.join(", ")}` : "";
        return [
          say.found("k8s-cluster-dns-broken", {
            subject: id,
            about: [...topics, ...hosts],
            data: { how: `In pod ${fault.name.pod}, ${fault.command} ends with: ${fault.said}${wanted}.`, forwards },
            evidence: [...faults.slice(0, 2).flatMap(faultEvidence).slice(0, 3), ...addition],
          }),
        ];
      }
      const failing = isLegacy ? [] : nameComplaints(complaints, id, asked);
      const first = failing[0];
      if (first !== undefined) {
        const hosts = [...new Set(failing.map(({ host }) => host))];
        const here = known.filter(({ fqdn, system }) => hosts.includes(fqdn) && system.addresses.length > 0);
        return [
          say.found("k8s-cluster-dns-broken", {
            subject: id,
            about: [...topics, ...hosts],
            data: {
              how: `${first.where} could not resolve ${shortList(hosts)}: ${first.text.slice(0, 200)}`,
              forwards,
            },
            evidence: [
              ...failing.slice(0, 2).map(({ where, text }): Evidence => ({
                kind: "kubernetes",
                source: where,
                observed: text,
                expected: "the name resolves",
              })),
              ...here.slice(0, 1).map(({ fqdn, system }): Evidence => ({
                kind: "machine",
                source: `look-up of ${fqdn} on this machine`,
                observed: system.addresses.join(", "),
              })),
              ...addition,
            ],
            ...inferredFromLogs(failing),
          }),
        ];
      }
      const unread = configMaps.is === "gap" ? configMaps : gapIn(valueOf(configMaps) ?? [], id, [systemNamespace]);
      const hidden = deployments.is === "gap" ? deployments : gapIn(lists, id, [systemNamespace]);
      if (hidden)
        return [
          say.unknown(hidden, {
            subject: id,
            permission: "list deployments in kube-system",
            consequence: "Whether the cluster's DNS runs",
            matters: isOpen,
          }),
          ...(unread
            ? [
                say.unknown(unread, {
                  subject: id,
                  permission: "list configmaps in kube-system",
                  consequence: "Whether the cluster's DNS forwards elsewhere",
                  matters: isOpen,
                }),
              ]
            : []),
        ];
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
    });
  },
});
