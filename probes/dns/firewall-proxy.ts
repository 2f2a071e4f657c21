import { azureDnsAddress } from "../../src/model/cloud.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { asksForeignServer, proxiesElsewhere, resolverComparison } from "../../src/facts/resolver-comparison.ts";
import { serverFault } from "../../src/facts/server-fault.ts";

const docs = "https://learn.microsoft.com/azure/firewall/dns-settings";

/** A network whose DNS is an Azure Firewall's DNS proxy: the proxy asks what the firewall's policy names, the policy that
 * this one inherits from, or the firewall itself where it has no policy. */
export default defineProbe({
  id: "dns/firewall-proxy",
  title: "The firewall's DNS proxy asks Azure DNS",
  layer: "dns",
  docs: [docs],
  needs: { comparison: resolverComparison },
  consequence: "Whether a firewall's DNS proxy asks Azure DNS",
  reasons: {
    "dns-proxy-upstream-not-azure-dns": reason<{
      server: string;
      ownerId: string;
      upstream: string[];
      sample: string;
    }>({
      severity: "error",
      title: "The network's DNS is a firewall's DNS proxy whose upstream is not Azure DNS",
      detail: ({ server, upstream }) =>
        `${server} is the firewall's DNS proxy; it asks ${upstream.join(", ")}, not ${azureDnsAddress}.`,
      fix({ ownerId, server, sample }) {
        const owner = parseArmId(ownerId);
        const isPolicy = /\/firewallPolicies\//i.test(ownerId);
        return {
          summary: `Let the firewall's DNS proxy ask Azure DNS (${azureDnsAddress}), or a resolver whose network is linked to the zones`,
          commands: owner
            ? [
                az(
                  "network",
                  "firewall",
                  ...(isPolicy ? ["policy"] : []),
                  "update",
                  "--subscription",
                  owner.subscriptionId,
                  "--resource-group",
                  owner.resourceGroup,
                  "--name",
                  owner.name,
                  "--dns-servers",
                  azureDnsAddress,
                  "--enable-dns-proxy",
                  "true",
                ),
              ]
            : [],
          warning:
            "Every client of the firewall's DNS proxy is affected. If the present upstream serves names of your own, give it a forwarder to Azure DNS instead. Needs the azure-firewall extension of the CLI.",
          takesEffect: "Within a few minutes",
          verify: [`dig @${server} ${sample}`],
          docs,
        };
      },
      rivals: ["dns-custom-no-forwarder", "dns-zone-not-linked-to-resolver-vnet"],
    }),
  },
  judge({ comparison }, say) {
    const { proxy, address } = comparison;
    if (proxy === undefined) return say.skip("the DNS server is no firewall's proxy with servers of its own", address);
    const { blamed, fault, found, zoneIsSound } = serverFault(comparison);
    if (!proxiesElsewhere(comparison) || blamed.length === 0 || asksForeignServer(comparison))
      return say.pass(undefined, { subject: proxy.ownerId });
    return say.found("dns-proxy-upstream-not-azure-dns", {
      ...found,
      subject: proxy.ownerId,
      about: [...found.about, address, proxy.firewallId],
      data: { server: address, ownerId: proxy.ownerId, upstream: proxy.upstream, sample: fault.sample },
      evidence: [
        ...found.evidence,
        {
          kind: "arm",
          source: `${proxy.ownerId} ${proxy.path}`,
          observed: proxy.upstream.join(", "),
          expected: azureDnsAddress,
        },
      ],
      ruledOut: [
        ...zoneIsSound,
        {
          id: "dns-custom-no-forwarder",
          by: "the server is an Azure Firewall's DNS proxy, which has no forwarders of its own",
        },
      ],
    });
  },
});
