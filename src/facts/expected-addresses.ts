import { sameId } from "../model/arm-id.ts";
import { allSeen, valueOf } from "../model/observation.ts";
import { dnsName, sameText } from "../model/text.ts";
import type { Expected, Service } from "./name.ts";
import { linkConnections, type PrivateEndpointEntry } from "./private-endpoints.ts";
import type { PrivateEndpointConnection } from "./wire.ts";

/** Whether a name that an interface serves (it may begin with `*.`) covers `fqdn`. */
function covers(served: string, fqdn: string): boolean {
  const name = dnsName(served);
  return (
    name === fqdn ||
    (name.startsWith("*.") && fqdn.endsWith(name.slice(1)) && !fqdn.slice(0, -name.length + 1).includes("."))
  );
}

const memberOf: Partial<Record<Service, string>> = {
  "workspace-api": "default",
  "workspace-cert": "default",
  notebooks: "notebook",
  inference: "inference",
};

/** The addresses that one private endpoint has for a name, from the best source that knows. */
export function addressesAt(
  entry: PrivateEndpointEntry,
  name: { fqdn: string; service: Service; groupId: string },
): Expected[] {
  const endpoint = valueOf(entry.endpoint);
  if (endpoint === undefined) return [];
  const subnetId = endpoint.properties.subnet?.id;
  const at = (address: string, source: Expected["source"]) => ({
    address,
    privateEndpointId: entry.id,
    ...(subnetId === undefined ? {} : { subnetId }),
    source,
  });
  const configurations = allSeen(entry.interfaces.map((nic) => nic.is))
    .flatMap((nic) => nic.properties.ipConfigurations ?? [])
    .flatMap(({ properties }) =>
      properties?.privateIPAddress && properties.privateLinkConnectionProperties
        ? [{ address: properties.privateIPAddress, link: properties.privateLinkConnectionProperties }]
        : [],
    )
    .filter(({ link }) => link.groupId?.toLowerCase() === name.groupId.toLowerCase());
  const byName = configurations.filter(({ link }) => (link.fqdns ?? []).some((served) => covers(served, name.fqdn)));
  if (byName.length > 0) return byName.map(({ address }) => at(address, "network-interface"));
  // Before a connection is approved its interface has addresses but no names yet: the member tells which is which.
  const nameless = configurations.filter(({ link }) => (link.fqdns ?? []).length === 0);
  const member = memberOf[name.service] ?? (name.service === "registry-data" ? undefined : name.service);
  const byMember = nameless.filter(({ link }) => {
    const required = link.requiredMemberName?.toLowerCase();
    if (name.service === "registry-data") return required?.startsWith("registry_data") ?? false;
    return (
      required === member ||
      (memberOf[name.service] === undefined && (required === "default" || required === name.groupId.toLowerCase()))
    );
  });
  if (byMember.length > 0) return byMember.map(({ address }) => at(address, "network-interface"));
  return (endpoint.properties.customDnsConfigs ?? [])
    .filter(({ fqdn }) => fqdn && covers(fqdn, name.fqdn))
    .flatMap(({ ipAddresses }) => (ipAddresses ?? []).map((address) => at(address, "dns-configuration")));
}

/** What the workspace itself knows of its connections' addresses, for endpoints whose interfaces cannot be read. */
export function connectionDetails(
  connections: readonly PrivateEndpointConnection[],
  service: Service,
  unreadable: ReadonlySet<string>,
): Expected[] {
  const member = memberOf[service];
  if (member === undefined) return [];
  return connections.flatMap((connection) => {
    const endpoint = connection.properties?.privateEndpoint;
    if (!endpoint?.id || !unreadable.has(endpoint.id.toLowerCase())) return [];
    const { id, subnetArmId } = endpoint;
    return (connection.connectionDetails ?? []).flatMap(({ memberName, privateIpAddress }) =>
      memberName?.toLowerCase() === member && privateIpAddress
        ? [
            {
              address: privateIpAddress,
              privateEndpointId: id,
              ...(subnetArmId ? { subnetId: subnetArmId } : {}),
              source: "connection-details" as const,
            },
          ]
        : [],
    );
  });
}

/** Whether an endpoint leads to a sub-resource of a resource. */
export function leadsTo(entry: PrivateEndpointEntry, target: string, groupId: string): boolean {
  const endpoint = valueOf(entry.endpoint);
  return (
    endpoint !== undefined &&
    linkConnections(endpoint).some(
      ({ properties }) =>
        sameId(properties?.privateLinkServiceId, target) &&
        (properties?.groupIds ?? []).some((group) => sameText(group, groupId)),
    )
  );
}
