import { sameId } from "../../src/model/arm-id.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesClusters, type ClusterView } from "../../src/facts/kubernetes-clusters.ts";
import { podRouterAnswers, type RouterAnswers } from "../../src/facts/router-answers.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints";

interface Silent {
  readonly pod: string;
  readonly namespace: string;
  readonly how: string;
  readonly url: string;
  readonly secret: string | undefined;
}

type Call = RouterAnswers["calls"][number];

/** Outcomes that tell of the router, not of the tool that asked. */
const failures = ["refused", "timeout", "silent", "tls"];

/**
 * Whether the router answers in its own pod, apart from DNS, load balancer and security groups; asked with `--in-cluster`
 * only. Any answer by HTTP will do: "Swagger not found" is what a sound router says. HTTPS that fails beside HTTP that
 * answers is the certificate's doing, and told as such. One pod is asked; where scoring calls arrive all the same it is a
 * warning about that pod.
 */
export default defineProbe({
  id: "kubernetes/router-answers",
  title: "The router answers in its own pod",
  layer: "endpoint",
  docs: [docs],
  needs: { clusters: kubernetesClusters, answers: raw(podRouterAnswers) },
  consequence: "Whether the router answers in its own pod",
  advisory: true,
  reasons: {
    "k8s-fe-swagger-probe": reason<Silent>({
      severity: "error",
      title: "The router does not answer in its own pod",
      detail: ({ how }) => how,
      fix: ({ pod, namespace, url, secret }) => ({
        summary:
          secret === undefined
            ? "Read what the router logs, mend that, and replace this pod only then"
            : "Read what the router logs about its certificate, put a certificate and key that belong together into the secret, and replace the pod only then",
        commands: [
          kubectl("logs", pod, "--namespace", namespace, "--all-containers", "--tail=200"),
          kubectl("describe", "pod", pod, "--namespace", namespace),
          ...(secret === undefined ? [] : [kubectl("describe", "secret", secret, "--namespace", namespace)]),
          kubectl("delete", "pod", pod, "--namespace", namespace),
        ],
        warning: "The deployment makes the pod anew; calls that it serves at that moment fail.",
        verify: [kubectl("exec", pod, "--namespace", namespace, "--", "curl", "-sik", url).text],
        docs,
      }),
      causedBy: [
        "k8s-tls-cert-invalid",
        "k8s-extension-tls-config-missing",
        "k8s-extension-unhealthy",
        "k8s-azureml-fe-unhealthy",
        "k8s-cluster-dns-broken",
        "aksv1-dns-required-hosts",
      ],
      rivals: ["k8s-router-address-unreachable", "infdns-k8s-custom-domain"],
    }),
  },
  judge({ clusters, answers }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    if (answers.is === "gap" && answers.gap === "not-collected")
      return say.skip("no command is run in pods without --in-cluster");
    if (answers.is === "gap") return say.unknown(answers);
    return clusters.map((cluster): Verdict => {
      const { id, topics, isOpen } = cluster;
      const own = (valueOf(answers) ?? []).find(({ clusterId }) => sameId(clusterId, id));
      if (own === undefined) return say.skip("no pod of the router runs", id);
      const { pod, namespace, calls } = own;
      const gap = gapsOf(calls.map(({ is }) => is))[0];
      const evidence = calls.flatMap((call) => evidenceOf(own, call));
      const answered = calls.filter(({ is }) => valueOf(is)?.outcome === "answered");
      const failed = calls.filter(({ is }) => failures.includes(valueOf(is)?.outcome ?? ""));
      const needed = wantedSchemes(cluster);
      const bad = failed.find(({ scheme }) => needed.includes(scheme)) ?? (needed.length === 0 ? failed[0] : undefined);
      const serves = answered.some(({ scheme }) => needed.length === 0 || needed.includes(scheme));
      if (serves && (bad === undefined || needed.length === 0))
        return say.pass(summaryOf(pod, answered), { subject: id, evidence });
      if (bad === undefined)
        return gap === undefined
          ? say.unknown(
              calls.length === 0
                ? "the router's service names no port by number"
                : `curl in pod ${pod} told nothing of the router`,
              { subject: id, matters: false },
            )
          : say.unknown(gap, { subject: id, matters: false });
      const isCertificate = bad.scheme === "https" && answered.some(({ scheme }) => scheme === "http");
      const said = valueOf(bad.is)?.said ?? "";
      const secret = valueOf(cluster.extensions)?.[0]?.properties.configurationSettings?.sslSecret ?? undefined;
      return say.found("k8s-fe-swagger-probe", {
        subject: id,
        about: topics,
        data: {
          pod,
          namespace,
          url: bad.url,
          how: `In pod ${pod}, ${bad.url} ends with ${said}; expected an answer, such as "Swagger not found".${isCertificate ? " Over HTTP it answers, so that HTTPS alone, its certificate or key, is at fault." : ""}`,
          secret: isCertificate ? secret : undefined,
        },
        evidence,
        ruledOut: [
          { id: "k8s-router-address-unreachable", by: "the call does not leave the pod: no load balancer, no rule" },
          { id: "infdns-k8s-custom-domain", by: "the call is made to localhost: no name is looked up" },
        ],
        ...(isOpen ? {} : { as: "warning" as const }),
      });
    });
  },
});

/** What the extension was told to serve; empty where nothing says so. */
function wantedSchemes({ extensions }: ClusterView): readonly Call["scheme"][] {
  const extension = valueOf(extensions)?.[0];
  if (extension === undefined) return [];
  const { allowInsecureConnections } = extension.properties.configurationSettings ?? {};
  return [
    ...(extension.hasCertificate ? (["https"] as const) : []),
    ...(sameText(allowInsecureConnections, "True") ? (["http"] as const) : []),
  ];
}

function evidenceOf({ pod, namespace }: RouterAnswers, { url, is }: Call): Evidence[] {
  const answer = valueOf(is);
  if (answer === undefined || answer.outcome === "no-program" || answer.outcome === "unclear") return [];
  return [
    {
      kind: "kubernetes",
      source: `curl ${url} in pod ${pod} of ${namespace}`,
      observed: `${answer.said}${answer.certificate === undefined ? "" : `; certificate ${answer.certificate}`}`,
      expected: "an answer by HTTP",
    },
  ];
}

function summaryOf(pod: string, answered: readonly Call[]): string {
  const each = answered.map(({ scheme, is }) => `${valueOf(is)?.said ?? ""} over ${scheme}`);
  return `${pod} answers in its own pod: ${each.join("; ")}`;
}
