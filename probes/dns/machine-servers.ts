import { azureDnsAddress } from "../../src/model/cloud.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { asksForeignServer, resolverComparison } from "../../src/facts/resolver-comparison.ts";
import { serverFault } from "../../src/facts/server-fault.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs =
  "https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances";

/**
 * A VM that asks another DNS server than its network tells it to: set by hand, by a VPN client, or left over from before
 * the network's setting was changed. Only where the network's own DNS is Azure's, which was seen to answer rightly.
 */
export default defineProbe({
  id: "dns/machine-servers",
  title: "This machine asks the DNS servers of its network",
  layer: "dns",
  docs: [docs],
  needs: { comparison: resolverComparison, vantage },
  consequence: "Whether this machine asks its network's DNS servers",
  reasons: {
    "dns-client-not-using-vnet-dns": reason<{ server: string; configured: string[]; sample: string }>({
      severity: "error",
      title: "This machine does not ask the DNS servers of its virtual network",
      detail: ({ server, configured }) => `It asks ${server}; its network's DNS is ${configured.join(", ")}.`,
      fix: ({ configured, sample }) => ({
        summary: `Let the machine use its network's DNS (${configured.join(", ")}): take the servers that were set by hand out of its configuration and renew its lease, or restart it`,
        commands: [
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
    const configured = comparison.configured?.length ? comparison.configured : [azureDnsAddress];
    return say.found("dns-client-not-using-vnet-dns", {
      ...found,
      subject: here.name,
      about: [...found.about, comparison.address],
      data: { server: comparison.address, configured, sample: fault.sample },
      evidence: [
        ...found.evidence,
        {
          kind: "arm",
          source: `${here.vnetId ?? ""} properties.dhcpOptions.dnsServers`,
          observed: configured.join(", "),
          expected: comparison.address,
        },
      ],
      ruledOut: [
        ...zoneIsSound,
        { id: "dns-custom-no-forwarder", by: `${comparison.address} is not a DNS server of this network` },
      ],
    });
  },
});
