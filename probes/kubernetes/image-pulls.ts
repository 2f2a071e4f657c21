import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { inGroup } from "../../src/model/cluster-commands.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, kubectl, type Remediation } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesAttachments } from "../../src/facts/kubernetes-attachments.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesComplaints, type Complaint } from "../../src/facts/kubernetes-complaints.ts";
import { kubernetesPods } from "../../src/facts/kubernetes-pods.ts";
import { gapIn } from "../../src/facts/kubernetes-read.ts";
import { registry } from "../../src/facts/registry.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#error-acrsecreterror";

interface Pull {
  readonly clusterId: string;
  readonly image: string;
  readonly text: string;
  readonly kind: Complaint["kind"];
  readonly registryId: string | undefined;
  readonly kubelet: string | undefined;
}

const meaning: Readonly<Record<Complaint["kind"], string>> = {
  unresolved: "The registry's name does not resolve on the node",
  "dns-silent": "The node's DNS server does not answer",
  timeout: "The registry does not answer the node",
  refused: "The registry's address refuses the node",
  denied: "The registry refuses the node's identity or network",
  missing: "The registry has no such image",
  other: "The pull fails",
};

/** The private DNS zone of an Azure registry, by the cloud's own suffix in the image's name. */
function zoneOf(image: string, registryId: string | undefined): string {
  const suffix = /^[^./]+\.([^/]+)\//.exec(image)?.[1];
  return registryId === undefined || suffix === undefined ? "its private DNS zone" : `the zone privatelink.${suffix}`;
}

/** The registry answered: the way is open, and nothing of the network is to be mended. */
function restoreImage(image: string, registryId: string | undefined): Remediation {
  const [, repository = "", tag = "latest"] = /^[^/]+\/([^@]+?)(?:[:@]([^/]+))?$/.exec(image) ?? [];
  const at = parseArmId(registryId);
  const tags =
    at === undefined || repository === ""
      ? []
      : [
          az(
            "acr",
            "manifest",
            "list-metadata",
            "--subscription",
            at.subscriptionId,
            "--registry",
            at.name,
            "--name",
            repository,
            "--orderby",
            "time_desc",
            "--top",
            "20",
          ),
        ];
  return {
    summary: `Put ${repository || image} with the tag ${tag} back into the registry: build the environment again, or push the image, and see what deleted it (a purge task, a retention policy)`,
    commands: [...tags, kubectl("get", "events", "--all-namespaces", "--field-selector=type=Warning")],
    warning:
      "The registry answered the node, so the network and the identity are in order. A new version of the environment builds a new image under another tag: the deployment has to name that version.",
    verify: ["kubectl get pods --all-namespaces --field-selector=status.phase!=Running"],
    docs,
  };
}

/** Whether the nodes can pull the images of the router and the models. On Kubernetes the kubelet's identity pulls. */
export default defineProbe({
  id: "kubernetes/image-pulls",
  title: "The cluster's pods can pull their images",
  layer: "endpoint",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    attachments: kubernetesAttachments,
    complaints: kubernetesComplaints,
    pods: raw(kubernetesPods),
    registry: raw(registry),
  },
  consequence: "Whether pods can pull their images",
  reasons: {
    "k8s-image-pull-failure": reason<Pull>({
      severity: "error",
      title: "Pods of the cluster cannot pull their images",
      detail: ({ image, text, kind }) => `${meaning[kind]}: ${image}: ${text.slice(0, 300)}`,
      fix: ({ clusterId, registryId, kind, kubelet, image }) => {
        if (kind === "missing") return restoreImage(image, registryId);
        return kind === "denied" && registryId !== undefined && kubelet !== undefined
          ? {
              summary: "Let the kubelet's identity pull from the registry (AcrPull)",
              commands: [
                az(
                  "role",
                  "assignment",
                  "create",
                  "--assignee-object-id",
                  kubelet,
                  "--assignee-principal-type",
                  "ServicePrincipal",
                  "--role",
                  "AcrPull",
                  "--scope",
                  registryId,
                ),
              ],
              warning:
                "A 403 that names a client address is the registry's firewall: then the cluster has to come in by the registry's private endpoint.",
              takesEffect: "Some minutes",
              verify: ["kubectl get pods --all-namespaces --field-selector=status.phase!=Running"],
              docs,
            }
          : {
              summary: `Give the nodes a way to the registry: its private endpoint in the cluster's network or a peered one, ${zoneOf(image, registryId)} linked to the DNS that the nodes use, and both the login and the data name resolving there`,
              commands: [
                ...(registryId === undefined
                  ? []
                  : [az("aks", "check-acr", ...inGroup(clusterId), "--acr", image.split("/")[0] ?? "")]),
                kubectl("get", "events", "--all-namespaces", "--field-selector=type=Warning"),
              ],
              warning:
                "Timeout and no such host are the network; 401 and 403 are permissions or the registry's firewall; manifest unknown is a missing image.",
              verify: ["kubectl get pods --all-namespaces --field-selector=status.phase!=Running"],
              docs,
            };
      },
      causedBy: [
        "k8s-deps-without-pe",
        "k8s-egress-blocked",
        "k8s-cluster-dns-broken",
        "aksv1-dns-required-hosts",
        "aksv1-default-outbound-removed",
        "acr-data-endpoint-dns-missing",
        "acr-no-private-endpoint",
        "acr-outbound-tag-blocked",
        "acr-sku-not-premium",
        "acr-mcr-blocked",
        "acr-dns-resolves-public",
      ],
    }),
  },
  judge({ clusters, attachments, complaints, pods, registry: images }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    // What the cluster says of its pulls stands, whether or not the registry may be read.
    const acr = valueOf(images);
    return clusters.flatMap(({ id, managed, isStopped, isOpen }): Verdict[] => {
      if (isStopped) return [say.skip("the cluster is stopped", id)];
      const hidden = pods.is === "gap" ? pods : gapIn(valueOf(pods) ?? [], id);
      const pulls = complaints.filter((each) => sameId(each.clusterId, id) && each.image !== undefined);
      const verdicts: Verdict[] = [...Map.groupBy(pulls, ({ image }) => image ?? "")].flatMap(
        ([image, group]): Verdict[] => {
          // An event says more than the back-off that follows it.
          const best = group.find(({ kind }) => kind !== "other") ?? group[0];
          if (best === undefined) return [];
          const host = image.split("/")[0] ?? "";
          const own = acr !== undefined && sameText(acr.properties.loginServer, host) ? acr : undefined;
          const endpoints = attachments
            .filter((each) => sameId(each.clusterId, id))
            .flatMap(({ endpoints: all }) => all);
          const endpoint = endpoints.find(({ name }) => name === best.endpoint);
          const deployment = endpoint?.deployments.find(({ name }) => name === best.deployment);
          const evidence: Evidence[] = group
            .slice(0, 3)
            .map(({ where, text }) => ({ kind: "kubernetes", source: where, observed: text }));
          return [
            say.found("k8s-image-pull-failure", {
              subject: deployment?.id ?? endpoint?.id ?? id,
              about: [
                id,
                host,
                ...(own === undefined ? [] : [own.id, ...(own.properties.dataEndpointHostNames ?? [])]),
                ...(endpoint === undefined ? [] : [endpoint.id]),
                ...(best.host === undefined ? [] : [best.host]),
              ],
              data: {
                clusterId: id,
                image,
                text: best.text,
                kind: best.kind,
                registryId: own?.id,
                kubelet: valueOf(managed)?.properties.identityProfile?.kubeletidentity?.objectId ?? undefined,
              },
              evidence,
            }),
          ];
        },
      );
      if (verdicts.length > 0) return verdicts;
      return hidden
        ? [
            say.unknown(hidden, {
              subject: id,
              permission:
                hidden.gap === "denied" && hidden.action !== undefined ? hidden.action : "list pods in azureml",
              consequence: "Whether pods can pull their images",
              matters: isOpen,
            }),
          ]
        : [say.pass(undefined, { subject: id })];
    });
  },
});
