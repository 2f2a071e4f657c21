import { apiVersions } from "../../src/model/api-versions.ts";
import { showExtension } from "../../src/model/cluster-commands.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest, kubectl } from "../../src/model/remediation.ts";
import { codeName, extensionCodes } from "../../src/facts/extension-failure.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { healthCheck, kubernetesConfigMaps } from "../../src/facts/kubernetes-config-maps.ts";
import { kubernetesDeployments, routerNames } from "../../src/facts/kubernetes-deployments.ts";
import { extensionErrors, hasFailed } from "../../src/facts/kubernetes-extensions.ts";
import { gapIn, legacyNamespace, objectsIn } from "../../src/facts/kubernetes-read.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-extension#error-code-of-healthcheck";

/**
 * Attaching a cluster the v1 way left a router in the default namespace, and the extension refuses to install beside it.
 * A v1 router beside an extension that is healthy is no fault: the extension's own words decide.
 */
export default defineProbe({
  id: "kubernetes/legacy-router",
  title: "No router of v1 stands in the extension's way",
  layer: "control-plane",
  docs: [docs],
  needs: {
    clusters: kubernetesClusters,
    deployments: raw(kubernetesDeployments),
    configMaps: raw(kubernetesConfigMaps),
  },
  consequence: "Whether a router of v1 is in the cluster",
  reasons: {
    "k8s-legacy-fe-conflict": reason<{ extensionId: string; code: string; seen: boolean }>({
      severity: "error",
      title: "A v1 azureml-fe is in the cluster, and the extension refuses to install beside it",
      detail: ({ code, seen }) =>
        `The extension's health check ends with ${codeName(code)}${seen ? "; a deployment azureml-fe runs in the namespace default" : ""}.`,
      fix: ({ extensionId, code }) => ({
        summary:
          "Move the v1 services to online endpoints, take the v1 router (azureml-fe) out of the cluster, and install the extension again",
        commands: [
          kubectl("get", "deployments,services", "--namespace", "default"),
          ...(code === "E45004"
            ? [kubectl("delete", "clusterrole", "azureml-fe-role")]
            : [
                kubectl("delete", "deployment", "azureml-fe", "--namespace", "default"),
                kubectl("delete", "service", "azureml-fe", "--namespace", "default"),
              ]),
          azRest("patch", extensionId, apiVersions.kubernetesConfiguration, {
            properties: { autoUpgradeMinorVersion: true },
          }),
        ],
        warning:
          "Every web service of v1 on this cluster is served by that router and stops answering when it goes: the first command shows what there is. Move those services first.",
        takesEffect: "Some minutes, until the extension has been installed again",
        verify: [
          `${showExtension(extensionId).text} --query properties.provisioningState`,
          "kubectl get deployment azureml-fe --namespace azureml",
        ],
        docs,
      }),
      causedBy: ["k8s-cluster-stopped"],
      rivals: ["k8s-extension-tls-config-missing", "k8s-egress-blocked"],
    }),
  },
  judge({ clusters, deployments, configMaps }, say) {
    const extended = clusters.filter(({ isLegacy }) => !isLegacy);
    if (extended.length === 0) return say.skip("no cluster with the extension is attached for what is diagnosed");
    return extended.flatMap(({ id, name, topics, extensions, isOpen }): Verdict[] => {
      if (extensions.is === "gap")
        return [
          say.unknown(extensions, { subject: id, consequence: `Whether a v1 router hinders the extension on ${name}` }),
        ];
      const verdicts: Verdict[] = [];
      const lists = valueOf(deployments) ?? [];
      const report = healthCheck(valueOf(configMaps) ?? [], id);
      const legacy = objectsIn(lists, id, legacyNamespace).find(({ metadata }) => routerNames.includes(metadata.name));
      const failed = (valueOf(extensions) ?? []).filter(hasFailed);
      for (const extension of failed) {
        const words = extensionErrors(extension);
        const code = extensionCodes(`${words}\n${report}`).find((each) => each === "E45005" || each === "E45004");
        if (code === undefined) continue;
        const evidence: Evidence[] = [
          armEvidence(
            extension.id,
            "properties.provisioningState",
            extension.properties.provisioningState ?? undefined,
            "Succeeded",
          ),
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
          ...(legacy === undefined
            ? []
            : [
                {
                  kind: "kubernetes" as const,
                  source: "deployment azureml-fe in default",
                  observed: "exists",
                  expected: "none",
                },
              ]),
        ];
        verdicts.push(
          say.found("k8s-legacy-fe-conflict", {
            subject: extension.id,
            about: topics,
            data: { extensionId: extension.id, code, seen: legacy !== undefined },
            evidence,
            ruledOut: [
              { id: "k8s-extension-tls-config-missing", by: `the health check names ${code}, not E40007` },
              { id: "k8s-egress-blocked", by: `the health check names ${code}, not E45003` },
            ],
          }),
        );
      }
      const hidden = deployments.is === "gap" ? deployments : gapIn(lists, id, [legacyNamespace]);
      const unread = configMaps.is === "gap" ? configMaps : gapIn(valueOf(configMaps) ?? [], id);
      // The extension's own state says that nothing hinders it; what the cluster hides matters only where that failed.
      if (failed.length > 0 && hidden)
        verdicts.push(
          say.unknown(hidden, {
            subject: id,
            permission: "list deployments in default",
            consequence: "Which v1 router is in the cluster",
            matters: isOpen,
          }),
        );
      if (failed.length > 0 && unread)
        verdicts.push(
          say.unknown(unread, {
            subject: id,
            permission: "list configmaps in azureml",
            consequence: "What the extension's health check reports",
            matters: isOpen,
          }),
        );
      return verdicts.length > 0 ? verdicts : [say.pass(undefined, { subject: id })];
    });
  },
});
