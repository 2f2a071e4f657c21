import { lastName, linkZone } from "../../src/model/dns-commands.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { shortList } from "../../src/model/text.ts";
import {
  asksForeignServer,
  failsOnAll,
  forwardsAliasesOnly,
  proxiesElsewhere,
  resolverComparison,
} from "../../src/facts/resolver-comparison.ts";
import { serverFault } from "../../src/facts/server-fault.ts";

const docs = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration";

/**
 * Azure DNS answers for the network of whoever asks. A DNS server in another network (a hub) therefore needs the zones
 * linked to its own network: without the link it gets the public answer however well it forwards.
 */
export default defineProbe({
  id: "dns/resolver-network",
  title: "The private DNS zones are linked to the network of the DNS server",
  layer: "dns",
  docs: [docs],
  needs: { comparison: resolverComparison },
  consequence: "Whether the zones are linked to the DNS server's network",
  reasons: {
    "dns-zone-not-linked-to-resolver-vnet": reason<{
      server: string;
      vnetId: string;
      zoneIds: string[];
      sample: string;
    }>({
      severity: "error",
      title: "The private DNS zone is not linked to the virtual network of the DNS server that asks Azure DNS",
      detail: ({ server, vnetId, zoneIds }) =>
        `${server} stands in ${lastName(vnetId)}; no link of ${shortList(zoneIds.map(lastName))} leads there, so Azure DNS answers it publicly.`,
      fix: ({ vnetId, zoneIds, server, sample }) => ({
        summary: `Link the zones to the network of the DNS server (${lastName(vnetId)})`,
        commands: zoneIds.map((id) => linkZone(id, vnetId)),
        warning: "A virtual network can be linked to one zone of a name only.",
        takesEffect: "Within a few minutes, plus the TTL of cached answers",
        verify: [`dig @${server} ${sample}`],
        docs,
      }),
      rivals: ["dns-custom-no-forwarder", "dns-zone-not-linked"],
    }),
  },
  judge({ comparison }, say) {
    const { vnetId, linked, zoneIds, address } = comparison;
    if (vnetId === undefined) return say.skip("the DNS server stands in no virtual network that can be read", address);
    const { blamed, fault, found, zoneIsSound } = serverFault(comparison);
    if (blamed.length === 0) return say.pass("The DNS server gets private answers", { subject: vnetId });
    if (
      linked !== "no" ||
      failsOnAll(comparison) ||
      forwardsAliasesOnly(comparison) ||
      proxiesElsewhere(comparison) ||
      asksForeignServer(comparison)
    ) {
      return say.skip(
        linked === "unknown"
          ? "the links of the zones could not be read"
          : "the zones are linked to the DNS server's network, or another fault explains its answers",
        vnetId,
      );
    }
    return say.found("dns-zone-not-linked-to-resolver-vnet", {
      ...found,
      about: [...found.about, ...zoneIds, vnetId],
      data: { server: address, vnetId, zoneIds, sample: fault.sample },
      evidence: [
        ...found.evidence,
        {
          kind: "arm",
          source: `${zoneIds[0] ?? ""}/virtualNetworkLinks`,
          observed: "no link to the DNS server's network",
          expected: `a link to ${vnetId}`,
        },
      ],
      ruledOut: [
        ...zoneIsSound,
        {
          id: "dns-custom-no-forwarder",
          by: "without the link, a forwarder to Azure DNS would get the public answer too",
        },
      ],
    });
  },
});
