import { azureDnsAddress } from "../../src/model/cloud.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { asksForeignServer, resolverComparison } from "../../src/facts/resolver-comparison.ts";
import { serverFault } from "../../src/facts/server-fault.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs =
  "https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances";

interface Foreign {
  readonly server: string;
  readonly configured: readonly string[];
  readonly sample: string;
  /** The interface that sets the server. */
  readonly interfaceId?: string;
}

/**
 * A VM that asks another DNS server than its network tells it to: set by hand, by a VPN client, or left over from before
 * the network's setting was changed. Only where the network's own DNS, Azure's or its servers, was seen to answer rightly.
 */
export default defineProbe({
  id: "dns/machine-servers",
  title: "This machine asks the DNS servers of its network",
  layer: "dns",
  docs: [docs],
  needs: { comparison: resolverComparison, vantage },
  consequence: "Whether this machine asks its network's DNS servers",
  reasons: {
    "dns-client-not-using-vnet-dns": reason<Foreign>({
      severity: "error",
      title: "This machine does not ask the DNS servers of its virtual network",
      detail: ({ server, configured }) => `It asks ${server}; its network's DNS is ${configured.join(", ")}.`,
      fix: ({ configured, sample, interfaceId }) => ({
        summary:
          interfaceId === undefined
            ? `Let the machine use its network's DNS (${configured.join(", ")}): take the servers that were set by hand out of its configuration and renew its lease, or restart it`
            : `Take the DNS servers off the machine's network interface, so that its network's (${configured.join(", ")}) count, and restart the machine`,
        commands: [
          ...(interfaceId === undefined
            ? []
            : [az("network", "nic", "update", "--ids", interfaceId, "--set", "dnsSettings.dnsServers=[]")]),
          { shell: "sh", text: "resolvectl status; cat /etc/resolv.conf" },
          { shell: "powershell", text: "Get-DnsClientServerAddress -AddressFamily IPv4" },
        ],
        warning: "A VPN client or a security agent may set the servers again.",
        takesEffect: "After the lease is renewed",
        verify: [`nslookup ${sample}`],
        docs,
      }),
      rivals: ["dns-custom-no-forwarder", "dns-zone-not-linked"],
    }),
  },
  judge({ comparison, vantage: here }, say) {
    if (!asksForeignServer(comparison)) return say.pass(undefined, { subject: here.name });
    const { fault, found, zoneIsSound } = serverFault(comparison);
    const { servers = [], interfaceId } = comparison.instead ?? {};
    const configured = servers.length > 0 ? servers : [azureDnsAddress];
    return say.found("dns-client-not-using-vnet-dns", {
      ...found,
      subject: here.name,
      about: [...found.about, comparison.address, ...(interfaceId === undefined ? [] : [interfaceId])],
      data: {
        server: comparison.address,
        configured,
        sample: fault.sample,
        ...(interfaceId === undefined ? {} : { interfaceId }),
      },
      evidence: [
        ...found.evidence,
        {
          kind: "arm",
          source: `${here.vnetId ?? ""} properties.dhcpOptions.dnsServers`,
          observed: configured.join(", "),
          expected: comparison.address,
        },
        ...(interfaceId === undefined
          ? []
          : [armEvidence(interfaceId, "properties.dnsSettings.dnsServers", comparison.address, "none")]),
      ],
      ruledOut: [
        ...zoneIsSound,
        { id: "dns-custom-no-forwarder", by: `${comparison.address} is not a DNS server that this network sets` },
      ],
    });
  },
});
