import { setExtension } from "../../src/model/cluster-commands.ts";
import { armEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { kubectl } from "../../src/model/remediation.ts";
import type { Reach } from "../../src/model/ports.ts";
import { shortList } from "../../src/model/text.ts";
import { extensionCodes } from "../../src/facts/extension-failure.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { extensionErrors, hasFailed, type Extension } from "../../src/facts/kubernetes-extensions.ts";
import { kubernetesScoring } from "../../src/facts/kubernetes-scoring.ts";
import { reaches } from "../../src/facts/reaches.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-online-endpoint";

interface Bad {
  readonly host: string;
  readonly how: string;
  readonly secret: string;
  readonly extensionId: string | undefined;
}

/**
 * The certificate that the router presents for the scoring name. It is the customer's own: Microsoft neither makes nor
 * renews it. The router's address is dialled with the name as SNI even where DNS does not lead there. One foreign issuer
 * at this and at Microsoft's own services is a device on the way, not the router.
 */
export default defineProbe({
  id: "kubernetes/scoring-certificate",
  title: "The router presents a sound certificate for the scoring name",
  layer: "transport",
  docs: [docs],
  needs: { clusters: kubernetesClusters, paths: kubernetesScoring, reaches: raw(reaches) },
  consequence: "Whether clients accept the router's certificate",
  reasons: {
    "k8s-tls-cert-invalid": reason<Bad>({
      severity: "error",
      title: "The inference router's certificate is not good for the scoring name",
      detail: ({ how }) => how,
      fix: ({ host, secret, extensionId }) => ({
        summary: `Install a certificate that names ${host}, is in date and carries its whole chain, on the router`,
        commands: [
          {
            shell: "kubectl",
            text: `${kubectl("create", "secret", "generic", secret, "--namespace", "azureml", "--from-file=cert.pem=cert.pem", "--from-file=key.pem=key.pem", "--dry-run=client", "--output=yaml").text} | kubectl apply --filename -`,
          },
          ...(extensionId === undefined ? [] : [setExtension(extensionId, { sslCname: host, sslSecret: secret })]),
        ],
        warning:
          "All endpoints on the cluster share this certificate. cert.pem holds the whole chain, key.pem a key without a passphrase. Microsoft does not renew it: note the day on which it ends.",
        takesEffect: "Some minutes, until the router has read it",
        verify: [
          `openssl s_client -connect ${host}:443 -servername ${host} </dev/null | openssl x509 -noout -subject -enddate -ext subjectAltName`,
        ],
        docs,
      }),
      rivals: ["cv-tls-inspection", "k8s-extension-tls-config-missing"],
    }),
  },
  judge({ clusters, paths, reaches: elsewhere }, say) {
    const verdicts: Verdict[] = [];
    const inspecting = foreignIssuers((valueOf(elsewhere) ?? []).flatMap(({ addresses }) => addresses));
    for (const path of paths) {
      if (path.scheme !== "https") continue;
      const cluster = clusters.find(({ id }) => id === path.clusterId);
      const extension = (cluster ? valueOf(cluster.extensions) : undefined)?.[0];
      const secret = extension?.properties.configurationSettings?.sslSecret ?? "azureml-fe-tls";
      for (const reach of path.reaches) {
        if (reach.tls === undefined) continue;
        const { faults, outcome } = reach.tls;
        const leaf = reach.tls.chain[0];
        if (faults.length === 0 && outcome === "established") {
          verdicts.push(say.pass(undefined, { subject: path.host, evidence: [reachEvidence(reach)] }));
          continue;
        }
        if (outcome !== "established" && faults.length === 0) {
          verdicts.push(
            say.unknown(`the TLS handshake with ${reach.address}:${reach.port} ended as ${outcome}`, {
              subject: path.host,
            }),
          );
          continue;
        }
        if (leaf !== undefined && isForeign(reach) && inspecting.has(leaf.issuer)) {
          verdicts.push(
            say.skip(
              `${leaf.issuer} also stands before Microsoft's own services: a device on the way replaces certificates`,
              path.host,
            ),
          );
          continue;
        }
        const isOnlyUntrusted = faults.every((fault) => fault === "untrusted-issuer");
        const names = leaf === undefined ? "" : shortList(leaf.names) || leaf.subject;
        verdicts.push(
          say.found("k8s-tls-cert-invalid", {
            subject: path.host,
            about: [
              path.endpointId,
              path.clusterId,
              `${reach.address}:${reach.port}`,
              ...(extension === undefined ? [] : [extension.id]),
            ],
            data: {
              host: path.host,
              how: `${reach.address}:${reach.port} presents a certificate for ${names}, issued by ${leaf?.issuer ?? "unknown"}, valid until ${leaf?.notAfter ?? "unknown"} (${faults.join(", ")}); expected one for ${path.host}.`,
              secret,
              extensionId: extension?.id,
            },
            evidence: [
              reachEvidence(reach, `a certificate for ${path.host} that is in date and trusted`),
              ...configured(extension),
            ],
            ...(isOnlyUntrusted
              ? {
                  confidence: "likely" as const,
                  inferredFrom:
                    "this machine does not know the issuer, or an intermediate certificate is missing; clients that trust the issuer are not affected",
                }
              : {}),
            ruledOut: [{ id: "cv-tls-inspection", by: "no other service shows this issuer here" }],
          }),
        );
      }
    }
    for (const { id, topics, extensions } of clusters) {
      for (const extension of (valueOf(extensions) ?? []).filter((each) => hasFailed(each) && each.hasCertificate)) {
        const words = extensionErrors(extension);
        if (!extensionCodes(words).includes("E40007")) continue;
        const host = extension.properties.configurationSettings?.sslCname ?? "the scoring name";
        // A router that shows a bad certificate by now shows the one that the extension refuses: one fault, seen twice.
        const shown = verdicts.find((verdict) => verdict.is === "found" && verdict.about.includes(extension.id));
        verdicts.push(
          say.found("k8s-tls-cert-invalid", {
            subject: shown?.subject ?? extension.id,
            about: [...topics, id, extension.id],
            data: {
              host,
              how: `The extension refuses its certificate settings: ${words.slice(0, 300)}`,
              secret: extension.properties.configurationSettings?.sslSecret ?? "azureml-fe-tls",
              extensionId: extension.id,
            },
            evidence: [armEvidence(extension.id, "properties.statuses", words.slice(0, 400)), ...configured(extension)],
            ruledOut: [{ id: "k8s-extension-tls-config-missing", by: "a certificate is configured" }],
          }),
        );
      }
    }
    return verdicts.length > 0 ? verdicts : say.skip("no Kubernetes endpoint was reached as far as TLS");
  },
});

function isForeign(reach: Reach): boolean {
  return (reach.tls?.faults ?? []).some((fault) => fault === "untrusted-issuer" || fault === "self-signed");
}

/** Issuers that nobody trusts, seen at Microsoft's services. */
function foreignIssuers(seen: readonly Reach[]): Set<string> {
  return new Set(seen.filter(isForeign).flatMap(({ tls }) => tls?.chain[0]?.issuer ?? []));
}

function configured(extension: Extension | undefined): Evidence[] {
  return extension === undefined
    ? []
    : [
        armEvidence(
          extension.id,
          "properties.configurationSettings.sslCname",
          extension.properties.configurationSettings?.sslCname ?? undefined,
        ),
      ];
}
