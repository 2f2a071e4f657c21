import { inPrefix } from "../model/address.ts";
import { parentId, parseArmId } from "../model/arm-id.ts";
import { valueOf } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import type { ClusterView } from "./kubernetes-clusters.ts";
import type { KubernetesEvent } from "./kubernetes-events.ts";
import type { KubernetesService } from "./kubernetes-services.ts";
import { clusterPrincipals } from "./managed-clusters.ts";

/** The annotation that asks for a load balancer inside the virtual network. */
export const internalAnnotation = "service.beta.kubernetes.io/azure-load-balancer-internal";

/** An action on a subnet that the cluster's identity was refused. */
export interface SubnetRefusal {
  readonly principal: string;
  readonly subnet: string;
  readonly action: string;
  readonly message: string;
}

/** The address inside the cluster's service range that a scoring URI holds although nothing outside can reach it;
 * undefined where the router is published otherwise. */
export function publishedInsideOnly({ managed, endpoints, extensions }: ClusterView): string | undefined {
  const type = valueOf(extensions)?.[0]?.properties.configurationSettings?.inferenceRouterServiceType;
  if (!sameText(type, "ClusterIP") && !sameText(type, "NodePort")) return undefined;
  const cidr = valueOf(managed)?.properties.networkProfile?.serviceCidr;
  return cidr ? endpoints.flatMap(({ host }) => host ?? []).find((host) => inPrefix(host, cidr)) : undefined;
}

/** Whether an event of the load balancer says that its subnet has no free address. */
export function isSubnetFull(message: string | null | undefined): boolean {
  return /SubnetIsFull|does not have enough capacity for \d+ IP address/i.test(message ?? "");
}

/** The subnet that the load balancer takes its address from: the one that the service names, or the nodes' own. */
export function balancerSubnet(cluster: ClusterView, service: KubernetesService): string | undefined {
  const named = service.metadata.annotations?.[`${internalAnnotation}-subnet`];
  const pool = valueOf(cluster.managed)?.properties.agentPoolProfiles?.find(
    ({ vnetSubnetID }) => vnetSubnetID,
  )?.vnetSubnetID;
  return pool && named ? `${parentId(pool)}/subnets/${named}` : (pool ?? undefined);
}

/** What an event of the load balancer says was refused, when it is an action on a subnet. */
export function subnetRefusal(
  warnings: readonly KubernetesEvent[],
  cluster: ClusterView,
  service: KubernetesService,
): SubnetRefusal | undefined {
  for (const { message } of [...warnings].reverse()) {
    const action = /Microsoft\.Network\/virtualNetworks\/subnets\/(?:join\/action|read|write)/i.exec(
      message ?? "",
    )?.[0];
    if (
      !message ||
      action === undefined ||
      !/AuthorizationFailed|does not have authorization|LinkedAuthorizationFailed/i.test(message)
    )
      continue;
    const scope = /(?:over scope|linked scope\(s\)) '([^']+)'/i.exec(message)?.[1];
    const subnet =
      scope !== undefined && parseArmId(scope) !== undefined ? scope : (balancerSubnet(cluster, service) ?? cluster.id);
    const principal =
      /object id '([^']+)'/i.exec(message)?.[1] ??
      (cluster.managed.is === "value" ? clusterPrincipals(cluster.managed.value)[0] : undefined) ??
      "";
    return { principal, subnet, action, message };
  }
  return undefined;
}
