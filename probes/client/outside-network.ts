import { azureDnsAddress } from "../../src/model/cloud.ts";
import { dnsEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { shortList } from "../../src/model/text.ts";
import { clientPosition } from "../../src/facts/client-position.ts";
import { expectedAddresses } from "../../src/facts/paths.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#securely-connect-to-your-workspace";

/**
 * A machine that is no Azure VM: a laptop, a hosted agent, a workstation on premises. One open connection to any private
 * endpoint proves that its network is connected. Silence of approved endpoints, a resolver that gives public addresses and
 * no answer from Azure DNS together prove that it is outside.
 */
export default defineProbe({
  id: "client/outside-network",
  title: "This machine is in, or connected to, the virtual network",
  layer: "control-plane",
  docs: [docs],
  needs: { position: clientPosition, vantage },
  consequence: "Whether this machine is connected to the virtual network",
  reasons: {
    "cv-client-outside-vnet": reason<{ machine: string; networks: string[]; addresses: string[] }>({
      severity: "error",
      title: "This machine is outside the virtual network, and the workspace is reachable only from inside",
      detail: ({ machine, networks, addresses }) =>
        `${machine} (${addresses.join(", ")}) is not in an Azure virtual network; no private endpoint answers it. The private endpoints stand in ${shortList(networks)}.`,
      fix: ({ networks }) => ({
        summary: `Run from a machine inside the virtual network ${shortList(networks.map((id) => parseArmId(id)?.name ?? id))}, or connect this one to it by VPN or ExpressRoute (a jump box with Bastion; a self-hosted agent instead of a hosted one)`,
        commands: networks.flatMap((id) => {
          const network = parseArmId(id);
          return network === undefined
            ? []
            : [az("vm", "list", "--subscription", network.subscriptionId, "--resource-group", network.resourceGroup)];
        }),
        warning:
          "Changes to zones and DNS do not help a machine that has no route to the private endpoints. Hosted build agents and services such as Stream Analytics can never use them.",
        verify: ["Run this diagnosis again from a machine inside the virtual network"],
        docs,
      }),
      rivals: ["dns-custom-no-forwarder", "dns-zone-not-linked", "cv-tcp-443-to-pe-blocked"],
    }),
  },
  judge({ position, vantage: here }, say) {
    const { wanted, open, approved, networkIds, about } = position;
    if (wanted.length === 0)
      return say.skip("no name of this workspace has to be reached by a private address", here.name);
    if (open) return say.pass(undefined, { subject: here.name, evidence: [reachEvidence(open)] });
    if (here.instance.is === "gap") return say.unknown(here.instance, { subject: here.name });
    if (here.instance.is === "value")
      return say.skip("this machine is an Azure VM: its network's peerings are looked at", here.name);
    if (approved.length === 0)
      return say.skip(
        "no private endpoint connection is approved, so silence proves nothing about this machine's network",
        here.name,
      );
    if (wanted.some((path) => path.azure.relation !== "no-answer")) {
      return say.unknown(
        `the metadata service does not answer and ${azureDnsAddress} does: this machine's place in Azure cannot be told`,
        { subject: here.name },
      );
    }
    const sample = wanted[0];
    const evidence: Evidence[] = [
      {
        kind: "machine",
        source: `addresses of ${here.name}`,
        observed: here.addresses.join(", ") || "none",
        expected: "an interface in the virtual network",
      },
      {
        kind: "machine",
        source: "Azure instance metadata (169.254.169.254)",
        observed: "no answer: this is no Azure VM",
      },
      ...approved.slice(0, 2).flatMap(({ reach }) => (reach === undefined ? [] : [reachEvidence(reach, "open")])),
      ...(sample
        ? [dnsEvidence(sample.resolvers[0]?.answer ?? sample.azure.answer, expectedAddresses(sample).join(", "))]
        : []),
    ];
    if (wanted.some((path) => path.here === "expected"))
      return say.skip("the resolver knows the private addresses, so this network is meant to be connected", here.name);
    return say.found("cv-client-outside-vnet", {
      subject: here.name,
      about: [...about, ...here.addresses],
      data: { machine: here.name, networks: [...networkIds], addresses: [...here.addresses] },
      evidence,
      ruledOut: [
        {
          id: "cv-tcp-443-to-pe-blocked",
          by: "this machine has no interface in any Azure network, so no rule inside Azure is what stops it",
        },
        { id: "dns-custom-no-forwarder", by: "even the private addresses themselves, dialled directly, do not answer" },
        { id: "dns-zone-not-linked", by: "links decide for virtual networks, and this machine is in none" },
      ],
    });
  },
});
