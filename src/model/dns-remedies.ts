import { azureDnsAddress } from "./cloud.ts";
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
