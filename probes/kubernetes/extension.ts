import { isPrivateAddress, isPublicAddress } from "../../src/model/address.ts";
import { setExtension, showExtension } from "../../src/model/cluster-commands.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { codeName, extensionCodes, speaksOfCertificate } from "../../src/facts/extension-failure.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { healthCheck, kubernetesConfigMaps } from "../../src/facts/kubernetes-config-maps.ts";
import { extensionErrors, hasFailed } from "../../src/facts/kubernetes-extensions.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-extension";

interface Failed {
  readonly extensionId: string;
  readonly codes: readonly string[];
  readonly words: string;
  /** The scoring host, where the extension has no name to serve yet. */
  readonly host?: string;
}

/**
 * The Azure Machine Learning extension as the service sees it. Its health check says by a code what it stumbled over;
 * the codes that point deeper (network, certificate, a v1 router) have probes of their own, which then explain this one.
 */
export default defineProbe({
  id: "kubernetes/extension",
  title: "The Azure Machine Learning extension of the cluster is installed and healthy",
  layer: "control-plane",
  docs: [docs],
  needs: { clusters: kubernetesClusters, configMaps: raw(kubernetesConfigMaps) },
  consequence: "Whether the extension that runs the endpoint is healthy",
  reasons: {
    "k8s-extension-unhealthy": reason<Failed>({
      severity: "error",
      title: "The Azure Machine Learning extension failed to install or its health check failed",
      detail: ({ codes, words }) =>
        `The extension's provisioningState is Failed${codes.length === 0 ? "" : ` with ${codes.map(codeName).join(", ")}`}${words === "" ? "." : `: ${words.slice(0, 400)}`}`,
      fix: ({ extensionId, codes }) => fixFor(extensionId, codes),
      causedBy: [
        "k8s-cluster-stopped",
        "k8s-legacy-fe-conflict",
        "k8s-extension-tls-config-missing",
        "k8s-tls-cert-invalid",
        "k8s-egress-blocked",
        "k8s-capacity-or-quota",
      ],
    }),
    "k8s-extension-tls-config-missing": reason<Failed>({
      severity: "error",
      title: "The extension was installed for HTTPS without a certificate",
      detail: ({ words }) =>
        `allowInsecureConnections is not True, and the extension has neither a secret (sslSecret) nor a certificate and key (sslCertPemFile, sslKeyPemFile). It says: ${words.slice(0, 300)}`,
      fix: ({ extensionId, host }) => ({
        summary: `Put the certificate and key for the scoring name${host === undefined ? "" : ` ${host}`} into a secret of the cluster, and name ${host === undefined ? "it" : "both"} in the extension's settings`,
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
          setExtension(extensionId, { ...(host === undefined ? {} : { sslCname: host }), sslSecret: "azureml-fe-tls" }),
        ],
        warning:
          "cert.pem holds the whole chain, key.pem a key without a passphrase, and the certificate names the host that sslCname says. Turning on allowInsecureConnections instead would send keys and data in clear text.",
        takesEffect: "Some minutes, until the extension has been installed again",
        verify: [`${showExtension(extensionId).text} --query properties.provisioningState`],
        docs: "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-online-endpoint",
      }),
      rivals: ["k8s-tls-cert-invalid"],
    }),
  },
  judge({ clusters, configMaps }, say) {
    const extended = clusters.filter(({ isLegacy }) => !isLegacy);
    if (extended.length === 0) return say.skip("no cluster with the extension is attached for what is diagnosed");
    return extended.flatMap(({ id, name, topics, extensions, endpoints }): Verdict[] => {
      if (extensions.is === "gap")
        return [say.unknown(extensions, { subject: id, consequence: `Whether the extension on ${name} is healthy` })];
      const all = valueOf(extensions) ?? [];
      if (all.length === 0)
        return [
          say.unknown("Azure shows no Azure Machine Learning extension on the cluster", {
            subject: id,
            consequence: "Whether the endpoint has a router at all",
            matters: false,
          }),
        ];
      return all.flatMap((extension): Verdict[] => {
        const { properties } = extension;
        const state = armEvidence(
          extension.id,
          "properties.provisioningState",
          properties.provisioningState ?? undefined,
          "Succeeded",
        );
        if (!hasFailed(extension)) return [say.pass(undefined, { subject: extension.id, evidence: [state] })];
        const report = healthCheck(valueOf(configMaps) ?? [], id);
        const words = extensionErrors(extension);
        const codes = extensionCodes(`${words}\n${report}`);
        const evidence: Evidence[] = [
          state,
          ...(words === "" ? [] : [armEvidence(extension.id, "properties.statuses", words.slice(0, 500))]),
          ...(report === ""
            ? []
            : [
                {
                  kind: "kubernetes" as const,
                  source: "configmap arcml-healthcheck in azureml",
                  observed: report.slice(0, 300),
                },
              ]),
        ];
        const about = [...topics, extension.id];
        const data = { extensionId: extension.id, codes, words };
        const settings = properties.configurationSettings;
        const isSecure = !sameText(settings?.allowInsecureConnections, "True");
        const verdicts: Verdict[] = [
          say.found("k8s-extension-unhealthy", { subject: extension.id, about, data, evidence }),
        ];
        if (isSecure && !extension.hasCertificate && (codes.includes("E40007") || speaksOfCertificate(words))) {
          const host = settings?.sslCname
            ? undefined
            : endpoints
                .flatMap((each) => each.host ?? [])
                .find((each) => !isPrivateAddress(each) && !isPublicAddress(each));
          verdicts.push(
            say.found("k8s-extension-tls-config-missing", {
              subject: extension.id,
              about,
              data: { ...data, ...(host === undefined ? {} : { host }) },
              evidence: [
                ...evidence,
                armEvidence(
                  extension.id,
                  "properties.configurationSettings.sslSecret",
                  settings?.sslSecret ?? undefined,
                  "a secret, or a certificate and key",
                ),
                armEvidence(
                  extension.id,
                  "properties.configurationSettings.allowInsecureConnections",
                  settings?.allowInsecureConnections ?? undefined,
                ),
              ],
              ruledOut: [{ id: "k8s-tls-cert-invalid", by: "there is no certificate that could be wrong" }],
            }),
          );
        }
        return verdicts;
      });
    });
  },
});

/** What mends each code; the extension is looked at first where none is known. */
function fixFor(extensionId: string, codes: readonly string[]) {
  const verify = [`${showExtension(extensionId).text} --query properties.provisioningState`];
  const shared = { verify, docs, takesEffect: "Some minutes" };
  if (codes.includes("E40001"))
    return {
      ...shared,
      summary: "Publish the router without a load balancer, which this kind of cluster does not have",
      commands: [setExtension(extensionId, { inferenceRouterServiceType: "NodePort" })],
      warning: "Clients then need a way to the nodes' ports, or an ingress in front.",
    };
  if (codes.includes("E40002"))
    return {
      ...shared,
      summary: "Give the cluster more nodes, or run a single replica of the router on a test cluster",
      commands: [setExtension(extensionId, { inferenceRouterHA: "False" })],
      warning: "With one replica a node's restart interrupts scoring.",
    };
  return {
    ...shared,
    summary: "Read what the extension's health check says and mend it, then install the extension again",
    commands: [
      showExtension(extensionId),
      kubectl("describe", "configmap", "arcml-healthcheck", "--namespace", "azureml"),
      kubectl("get", "pods", "--namespace", "azureml"),
    ],
  };
}
