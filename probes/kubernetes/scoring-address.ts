import { setExtension } from "../../src/model/cluster-commands.ts";
import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl, type Command } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { calledAddresses, kubernetesScoring } from "../../src/facts/kubernetes-scoring.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-kubernetes-inference-routing-azureml-fe";

interface Silent {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly outcome: string;
}

interface Scheme {
  readonly host: string;
  readonly uri: string;
  readonly extensionId: string;
  readonly isBroken: boolean;
}

/** Whether scoring calls reach the router by TCP, in the scheme that the scoring URI names. What hinders them is judged
 * by other probes; a silence that none of them explains is reported as it stands. */
export default defineProbe({
  id: "kubernetes/scoring-address",
  title: "The router of the Kubernetes endpoint takes connections from this machine",
  layer: "endpoint",
  docs: [docs],
  needs: { clusters: kubernetesClusters, paths: kubernetesScoring },
  consequence: "Whether scoring calls reach the router",
  reasons: {
    "k8s-router-address-unreachable": reason<Silent>({
      severity: "error",
      title: "The scoring address of the Kubernetes endpoint takes no connection from this machine",
      detail: ({ host, address, port, outcome }) => `${address}:${port} for ${host}: ${outcome}, expected open.`,
      fix: ({ address, port }) => ({
        summary:
          "Follow the way from this machine to the router: the service's address, the pods behind it, then network security groups and firewalls between",
        commands: [
          kubectl("get", "service", "azureml-fe", "--namespace", "azureml", "--output", "wide"),
          kubectl("get", "endpoints", "azureml-fe", "--namespace", "azureml"),
        ],
        verify: [`nc -vz -w 5 ${address} ${port}`],
        docs,
      }),
      causedBy: [
        "k8s-cluster-stopped",
        "k8s-namespace-or-compute-invalid",
        "k8s-legacy-fe-conflict",
        "k8s-extension-unhealthy",
        "k8s-lb-subnet-permission-missing",
        "k8s-clusterip-no-external-path",
        "k8s-azureml-fe-unhealthy",
        "k8s-fe-swagger-probe",
        "k8s-http-insecure-connection",
        "infdns-k8s-custom-domain",
        "aksv1-nsg-inbound-scoring-blocked",
        "aksv1-network-contributor-missing",
        "aksv1-public-ip-policy",
        "k8s-capacity-or-quota",
        "nsg-jumpbox-outbound-blocked",
        "cv-tcp-443-to-pe-blocked",
        "udr-routes-pe-through-nva",
        { reason: "cv-client-outside-vnet", scope: "anywhere" },
        { reason: "cv-peering-or-connectivity-missing", scope: "anywhere" },
      ],
    }),
    "k8s-http-insecure-connection": reason<Scheme>({
      severity: "error",
      title: "The router speaks HTTP only",
      detail: ({ uri, isBroken }) =>
        isBroken
          ? `The scoring URI ${uri} wants HTTPS, and the router answers on port 80 only (allowInsecureConnections is True).`
          : `Calls to ${uri} and the keys in them travel in clear text (allowInsecureConnections is True).`,
      fix: ({ extensionId, host }) => ({
        summary: "Give the router a certificate and turn insecure connections off",
        commands: [
          kubectl(
            "create",
            "secret",
            "generic",
            "azureml-fe-tls",
            "--namespace",
            "azureml",
            "--from-file=cert.pem=cert.pem",
            "--from-file=key.pem=key.pem",
          ),
          setExtension(extensionId, { allowInsecureConnections: "False", sslCname: host, sslSecret: "azureml-fe-tls" }),
        ] satisfies Command[],
        warning:
          "Where the scoring URI holds an address, choose a name first: the certificate has to carry it, and your DNS has to publish it.",
        verify: [`curl -sv https://${host}/ -o /dev/null`],
        docs: "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-online-endpoint",
      }),
    }),
  },
  judge({ clusters, paths }, say) {
    if (paths.length === 0) return say.skip("no Kubernetes endpoint has a scoring URI");
    return paths.flatMap((path): Verdict[] => {
      const { host, port, scheme, clusterId, reaches } = path;
      const cluster = clusters.find(({ id }) => id === clusterId);
      const extension = (cluster ? valueOf(cluster.extensions) : undefined)?.[0];
      const allowsInsecure = sameText(extension?.properties.configurationSettings?.allowInsecureConnections, "True");
      const topics = [path.endpointId, clusterId, ...(extension === undefined ? [] : [extension.id])];
      const verdicts: Verdict[] = [];
      const isBroken = scheme === "https" && path.other?.tcp.outcome === "open" && allowsInsecure;
      if (extension !== undefined && allowsInsecure && (scheme === "http" || isBroken)) {
        verdicts.push(
          say.found("k8s-http-insecure-connection", {
            subject: host,
            about: topics,
            data: { host, uri: path.uri, extensionId: extension.id, isBroken },
            evidence: [
              armEvidence(path.endpointId, "properties.scoringUri", path.uri, "https://"),
              armEvidence(extension.id, "properties.configurationSettings.allowInsecureConnections", "True", "False"),
              ...(path.other === undefined ? [] : [reachEvidence(path.other)]),
            ],
            ...(isBroken ? {} : { as: "warning" as const }),
          }),
        );
      }
      const router = valueOf(path.router) ?? [];
      const called = router.length > 0 ? router : calledAddresses(path);
      if (called.length === 0) return [...verdicts, say.skip("there is no address to call", host)];
      const tried = reaches.filter(({ address }) => called.includes(address));
      const open = tried.find(({ tcp }) => tcp.outcome === "open");
      if (open !== undefined)
        return [
          ...verdicts,
          say.pass(`${open.address}:${port} takes connections`, { subject: host, evidence: [reachEvidence(open)] }),
        ];
      const first = tried[0];
      if (first === undefined)
        return [...verdicts, say.unknown(`${called.join(", ")} was not dialled`, { subject: host })];
      return [
        ...verdicts,
        say.found("k8s-router-address-unreachable", {
          subject: host,
          about: [...topics, `${first.address}:${port}`],
          data: { host, address: first.address, port, outcome: first.tcp.outcome },
          evidence: tried.slice(0, 2).map((reach) => reachEvidence(reach, "open")),
        }),
      ];
    });
  },
});
