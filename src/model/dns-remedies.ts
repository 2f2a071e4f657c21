import { parseArmId } from "./arm-id.ts";
import { azureDnsAddress } from "./cloud.ts";
import { addRecord, attachZone, inZone, removeRecord } from "./dns-commands.ts";
import { az, quote, type Command, type Remediation } from "./remediation.ts";

/** A DNS server that does not forward as it should. */
export interface ServerFault {
  /** Its address. */
  readonly server: string;
  /** Whether it stands in a virtual network, where it can ask Azure DNS itself. */
  readonly inAzure: boolean;
  /** The public suffixes that it has to forward. */
  readonly suffixes: readonly string[];
  /** The names that it answers wrongly. */
  readonly names: readonly string[];
  /** One of them, to check with. */
  readonly sample: string;
}

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns";

/** Setting the conditional forwarders that the names need, for Windows DNS and for unbound; on a server outside Azure,
 * what to forward to instead. */
export function setForwarders({ server, inAzure, suffixes, sample }: ServerFault): Remediation {
  const verify = [`dig @${server} ${sample}`, `dig @${azureDnsAddress} ${sample}`];
  if (!inAzure) {
    return {
      summary: `On the DNS server ${server}, forward ${suffixes.join(", ")} to a DNS server inside the virtual network: the inbound endpoint of an Azure DNS Private Resolver, or a DNS VM that forwards to ${azureDnsAddress}`,
      commands: [az("network", "vnet", "list", "--query", "[].{name:name,dns:dhcpOptions.dnsServers}")],
      warning: `${azureDnsAddress} does not answer a server outside Azure: do not forward to it directly.`,
      takesEffect: "At once, plus the TTL of what the server and its clients have cached",
      verify,
      docs,
    };
  }
  const windows = suffixes.map((suffix): Command => ({
    shell: "powershell",
    text: `Add-DnsServerConditionalForwarderZone -Name '${suffix}' -MasterServers ${azureDnsAddress}`,
  }));
  const lines = suffixes
    .map((suffix) => `forward-zone:\\n  name: "${suffix}"\\n  forward-addr: ${azureDnsAddress}\\n`)
    .join("");
  const unbound: Command = {
    shell: "sh",
    text: `printf ${quote(lines)} | sudo tee /etc/unbound/unbound.conf.d/azure-machine-learning.conf && sudo unbound-control reload`,
  };
  return {
    summary: `On the DNS server ${server}, forward ${suffixes.join(", ")} to ${azureDnsAddress} (the commands for Windows DNS, then the one for unbound)`,
    commands: [...windows, unbound],
    warning: `Forward the public suffixes themselves: forwarding only privatelink.* is not enough. ${azureDnsAddress} answers only machines inside an Azure virtual network.`,
    takesEffect: "At once, plus the TTL of what the server and its clients have cached",
    verify,
    docs,
  };
}

const integrationDocs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration";

/** A record of a private DNS zone that is missing or wrong. */
export interface RecordFault {
  readonly fqdn: string;
  readonly zone: string;
  /** Not known when the zone cannot be read. */
  readonly zoneId?: string;
  readonly recordName: string;
  readonly expected: readonly string[];
  readonly stale: readonly string[];
  readonly endpointId?: string;
  readonly hasZoneGroup: boolean;
}

/** Mending the record, then letting Azure keep it. */
export function fixRecord({
  fqdn,
  zone,
  zoneId,
  recordName,
  expected,
  stale,
  endpointId,
  hasZoneGroup,
}: RecordFault): Remediation[] {
  if (zoneId === undefined) {
    return [
      {
        summary: `In the zone ${zone}, which this identity cannot read, let the A record ${recordName} hold ${expected.join(", ")}${stale.length > 0 ? ` instead of ${stale.join(", ")}` : ""}; its owner finds it with the command`,
        commands: [az("network", "private-dns", "zone", "list", "--query", `[?name=='${zone}'].id`)],
        verify: [`dig @168.63.129.16 ${fqdn}`],
        docs: integrationDocs,
      },
    ];
  }
  return [
    {
      summary:
        stale.length > 0
          ? `Let the record hold the private endpoint's own address ${expected.join(", ")}`
          : `Add the missing A record ${recordName} with the private endpoint's address ${expected.join(", ")}`,
      commands: [
        ...expected.map((address) => addRecord(zoneId, recordName, address)),
        ...stale.map((address) => removeRecord(zoneId, recordName, address)),
      ],
      takesEffect: "At once at Azure DNS; clients keep an old answer for its TTL",
      verify: [
        `dig @168.63.129.16 ${fqdn}`,
        az("network", "private-dns", "record-set", "a", "show", ...inZone(zoneId), "--name", recordName).text,
      ],
      docs: integrationDocs,
    },
    {
      summary: "Then let Azure keep the record: attach the zone to the private endpoint's DNS zone group",
      commands: endpointId === undefined ? [] : attachZone(endpointId, zoneId, hasZoneGroup),
      warning: `Hand-made records go stale when the endpoint is made anew. Recreating the private endpoint${endpointId === undefined ? "" : ` ${parseArmId(endpointId)?.name ?? ""}`} writes the record too, but interrupts all private access: it comes last.`,
      verify: [az("network", "private-dns", "record-set", "a", "list", ...inZone(zoneId)).text],
      docs: integrationDocs,
    },
  ];
}
