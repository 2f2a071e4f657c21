import { parseArmId } from "./arm-id.ts";
import { az, type Command } from "./remediation.ts";

/** The last part of an id, for names that are made from it. */
export function lastName(id: string): string {
  return id.split("/").at(-1) ?? id;
}

/** `--subscription`, `--resource-group` and `--zone-name` of a private DNS zone. */
export function inZone(zoneId: string): string[] {
  const zone = parseArmId(zoneId);
  return zone === undefined
    ? []
    : ["--subscription", zone.subscriptionId, "--resource-group", zone.resourceGroup, "--zone-name", zone.name];
}

/** Creates a zone under the id that it is to have. */
export function createZone(zoneId: string): Command {
  const zone = parseArmId(zoneId);
  const at = zone ? ["--subscription", zone.subscriptionId, "--resource-group", zone.resourceGroup] : [];
  return az("network", "private-dns", "zone", "create", ...at, "--name", lastName(zoneId));
}

/** Links a zone to a virtual network. */
export function linkZone(zoneId: string, vnetId: string): Command {
  return az(
    "network",
    "private-dns",
    "link",
    "vnet",
    "create",
    ...inZone(zoneId),
    "--name",
    `link-${lastName(vnetId)}`,
    "--virtual-network",
    vnetId,
    "--registration-enabled",
    "false",
  );
}

/** Attaches a zone to the DNS zone group of a private endpoint, so that Azure keeps the records. */
export function attachZone(endpointId: string, zoneId: string, hasZoneGroup: boolean): Command[] {
  const endpoint = parseArmId(endpointId);
  if (endpoint === undefined) return [];
  return [
    az(
      "network",
      "private-endpoint",
      "dns-zone-group",
      hasZoneGroup ? "add" : "create",
      "--subscription",
      endpoint.subscriptionId,
      "--resource-group",
      endpoint.resourceGroup,
      "--endpoint-name",
      endpoint.name,
      "--name",
      "default",
      "--private-dns-zone",
      zoneId,
      "--zone-name",
      lastName(zoneId).replaceAll(".", "-"),
    ),
  ];
}

/** Adds an address to a record set, which is made when it is not there. */
export function addRecord(zoneId: string, recordName: string, address: string): Command {
  return az(
    "network",
    "private-dns",
    "record-set",
    "a",
    "add-record",
    ...inZone(zoneId),
    "--record-set-name",
    recordName,
    "--ipv4-address",
    address,
  );
}

/** Takes an address out of a record set and leaves the set. */
export function removeRecord(zoneId: string, recordName: string, address: string): Command {
  return az(
    "network",
    "private-dns",
    "record-set",
    "a",
    "remove-record",
    ...inZone(zoneId),
    "--record-set-name",
    recordName,
    "--ipv4-address",
    address,
    "--keep-empty-record-set",
  );
}
