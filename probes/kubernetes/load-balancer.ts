import { isPublicAddress } from "../../src/model/address.ts";
import { parentId } from "../../src/model/arm-id.ts";
import { setExtension } from "../../src/model/cluster-commands.ts";
import { armEvidence, type Evidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, kubectl } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { kubernetesClusters } from "../../src/facts/kubernetes-clusters.ts";
import { kubernetesEvents, warningsAbout } from "../../src/facts/kubernetes-events.ts";
import { extensionNamespace, gapIn, legacyNamespace, objectsIn } from "../../src/facts/kubernetes-read.ts";
import { ingressAddresses, kubernetesServices, routerService } from "../../src/facts/kubernetes-services.ts";
import {
  internalAnnotation,
  isSubnetFull,
  publishedInsideOnly,
  subnetRefusal,
  type SubnetRefusal,
} from "../../src/facts/router-exposure.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/aks/internal-lb";

interface Exposed {
  readonly addresses: readonly string[];
  readonly extensionId: string | undefined;
}

/** Whether the router's service got an address of the kind that was wanted, and what its events say when it did not. */
export default defineProbe({
  id: "kubernetes/load-balancer",
  title: "The router's service has its load balancer address",
  layer: "transport",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension"],
  needs: { clusters: kubernetesClusters, services: raw(kubernetesServices), events: raw(kubernetesEvents), workspace },
  consequence: "Whether the router has an address that callers can reach",
  reasons: {
    "k8s-lb-subnet-permission-missing": reason<SubnetRefusal>({
      severity: "error",
      title: "The AKS identity may not use the load balancer's subnet, so the router never gets an address",
      detail: ({ principal, action, subnet }) =>
        `The service azureml-fe waits for an address: ${principal} was refused ${action} on ${subnet}.`,
      fix: ({ principal, subnet }) => ({
        summary: "Give the cluster's identity the role Network Contributor on the subnet",
        commands: [
          az(
            "role",
            "assignment",
            "create",
            "--assignee-object-id",
            principal,
            "--assignee-principal-type",
            "ServicePrincipal",
            "--role",
            "Network Contributor",
            "--scope",
            subnet,
          ),
        ],
        warning:
          "Whoever runs this needs Microsoft.Authorization/roleAssignments/write there. The subnet is enough of a scope; the whole resource group is more than is needed.",
        takesEffect: "Some minutes: the cluster tries again by itself",
        verify: ["kubectl get service azureml-fe --namespace azureml --output wide"],
        docs,
      }),
      causedBy: ["k8s-cluster-stopped"],
      rivals: ["aksv1-public-ip-policy"],
    }),
    "aksv1-public-ip-policy": reason<{ message: string; extensionId: string | undefined }>({
      severity: "error",
      title: "An Azure Policy forbids the public address that the load balancer wants",
      detail: ({ message }) => message.slice(0, 300),
      fix: ({ extensionId }) => ({
        summary: "Publish the router on an internal load balancer, which needs no public address",
        commands:
          extensionId === undefined
            ? [kubectl("describe", "service", "azureml-fe", "--namespace", "azureml")]
            : [setExtension(extensionId, { internalLoadBalancerProvider: "azure" })],
        warning: "The cluster's identity needs Network Contributor on the subnet.",
        verify: ["kubectl get service azureml-fe --namespace azureml --output wide"],
        docs,
      }),
    }),
    "k8s-public-lb-exposed": reason<Exposed>({
      severity: "error",
      title: "The router of a private workspace stands on a public load balancer",
      detail: ({ addresses }) =>
        `The service azureml-fe has the address ${addresses.join(", ")} (public), expected one of the virtual network.`,
      fix: ({ extensionId }) => ({
        summary: "Move the router to an internal load balancer",
        commands:
          extensionId === undefined ? [] : [setExtension(extensionId, { internalLoadBalancerProvider: "azure" })],
        warning:
          "The address changes: DNS records and network security group rules have to follow. The cluster's identity needs Network Contributor on the subnet.",
        verify: ["kubectl get service azureml-fe --namespace azureml --output wide"],
        docs,
      }),
      // An attachment of v1 asked for it, and says so itself.
      causedBy: ["aksv1-ilb-not-configured"],
    }),
  },
  judge({ clusters, services, events, workspace: space }, say) {
    if (clusters.length === 0) return say.skip("no Kubernetes cluster is attached for what is diagnosed");
    return clusters.flatMap((cluster): Verdict[] => {
      const { id, topics, isStopped, isOpen, isLegacy } = cluster;
      if (isStopped) return [say.skip("the cluster is stopped", id)];
      const extension = valueOf(cluster.extensions)?.[0];
      const about = [...topics, ...(extension === undefined ? [] : [extension.id])];
      const lists = valueOf(services) ?? [];
      const namespace = isLegacy ? legacyNamespace : extensionNamespace;
      const hidden = services.is === "gap" ? services : gapIn(lists, id, [namespace]);
      if (publishedInsideOnly(cluster) !== undefined)
        return [say.skip("the router is published inside the cluster only", id)];
      if (hidden !== undefined)
        return [
          say.unknown(hidden, {
            subject: id,
            permission: `list services in ${namespace}`,
            consequence: "Whether the router has a load balancer address",
            matters: isOpen,
          }),
        ];
      const service = routerService(lists, id, isLegacy);
      if (service === undefined) return [say.skip("the cluster has no service azureml-fe", id)];
      const addresses = ingressAddresses(service);
      const shown: Evidence = {
        kind: "kubernetes",
        source: `service azureml-fe in ${namespace}, status.loadBalancer.ingress`,
        observed: addresses.join(", ") || "none",
        expected: "an address of the virtual network",
      };
      if (addresses.some(isPublicAddress) && sameText(space.properties.publicNetworkAccess, "Disabled")) {
        return [
          say.found("k8s-public-lb-exposed", {
            subject: id,
            about,
            data: { addresses, extensionId: extension?.id },
            evidence: [
              shown,
              {
                kind: "kubernetes",
                source: "service azureml-fe, metadata.annotations",
                observed: `${internalAnnotation}: ${service.metadata.annotations?.[internalAnnotation] ?? "absent"}`,
                expected: "true",
              },
              armEvidence(
                space.id,
                "properties.publicNetworkAccess",
                space.properties.publicNetworkAccess ?? undefined,
              ),
            ],
          }),
        ];
      }
      if (!sameText(service.spec.type, "LoadBalancer"))
        return [
          say.pass(
            `The router's service is a ${service.spec.type ?? "ClusterIP"}; something of your own stands in front of it`,
            { subject: id, evidence: [shown] },
          ),
        ];
      if (addresses.length > 0)
        return [say.pass(`The router's service has ${addresses.join(", ")}`, { subject: id, evidence: [shown] })];
      const warnings = warningsAbout(objectsIn(valueOf(events) ?? [], id, namespace), "Service", "azureml-fe");
      const pending = subnetRefusal(warnings, cluster, service);
      if (pending !== undefined) {
        return [
          say.found("k8s-lb-subnet-permission-missing", {
            subject: id,
            about: [...about, pending.subnet, parentId(pending.subnet)],
            data: pending,
            evidence: [
              shown,
              {
                kind: "kubernetes",
                source: `event ${warnings.at(-1)?.reason ?? ""} of service azureml-fe in ${namespace}`,
                observed: pending.message.slice(0, 500),
              },
            ],
            ruledOut: [
              { id: "aksv1-public-ip-policy", by: "the event names a missing action on a subnet and no policy" },
            ],
          }),
        ];
      }
      const full = warnings.find(({ message }) => isSubnetFull(message));
      if (full) return [say.skip("the load balancer's subnet has no free address, as is told elsewhere", id)];
      const policy = warnings.find(({ message }) => /RequestDisallowedByPolicy/i.test(message ?? ""));
      if (policy) {
        return [
          say.found("aksv1-public-ip-policy", {
            subject: id,
            about,
            data: { message: policy.message ?? "", extensionId: extension?.id },
            evidence: [
              shown,
              {
                kind: "kubernetes",
                source: `event of service azureml-fe in ${namespace}`,
                observed: (policy.message ?? "").slice(0, 400),
              },
            ],
          }),
        ];
      }
      const unread = events.is === "gap" ? events : gapIn(valueOf(events) ?? [], id, [namespace]);
      const said = warnings.at(-1)?.message;
      return [
        say.unknown(
          unread ??
            `the router's service waits for an address${said ? `: ${said.slice(0, 300)}` : " and no event says why"}`,
          {
            subject: id,
            about,
            ...(unread ? { permission: `list events in ${namespace}` } : {}),
            candidates: (["k8s-lb-subnet-permission-missing", "aksv1-public-ip-policy"] as const).map((one) => ({
              id: one,
              test: kubectl("describe", "service", "azureml-fe", "--namespace", namespace).text,
            })),
            consequence: "Why the router's service gets no address",
          },
        ),
      ];
    });
  },
});
