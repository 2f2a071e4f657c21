import { isPublicAddress } from "../../src/model/address.ts";
import { azureDnsAddress } from "../../src/model/cloud.ts";
import { dnsEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { networks } from "../../src/facts/networks.ts";
import { paths, reachOf, type Path } from "../../src/facts/paths.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { connectionStatus, endpointNetworks, joinOf } from "../../src/facts/reachability.ts";
import { vantage } from "../../src/facts/vantage.ts";

const secureInbound =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#securely-connect-to-your-workspace";
const peeringDocs = "https://learn.microsoft.com/azure/virtual-network/virtual-network-troubleshoot-peering-issues";

/**
 * Whether this machine stands in a network from which the private endpoints can be reached at all. One open connection to
 * any private endpoint proves that it does; only when all are silent is the position in question, and then the networks
 * themselves must say that they are not joined. Endpoints whose connection is not approved never answer and prove nothing.
 */
export default defineProbe({
  id: "client/network-position",
  title: "This machine stands in a network that reaches the private endpoints",
  layer: "control-plane",
  docs: [secureInbound, peeringDocs],
  needs: { paths, vantage, privateEndpoints, networks: raw(networks) },
  consequence: "Whether this machine's network reaches the private endpoints",
  reasons: {
    "cv-client-outside-vnet": reason<{ machine: string; networks: string[]; addresses: string[] }>({
      severity: "error",
      title: "This machine is outside the virtual network, and the workspace is reachable only from inside",
      detail: ({ machine, networks: inside, addresses }) =>
        `${machine} (${addresses.join(", ")}) is not in an Azure virtual network; no private endpoint answers it. The private endpoints stand in ${shortList(inside)}.`,
      fix: ({ networks: inside }) => ({
        summary: `Run from a machine inside the virtual network ${shortList(inside.map((id) => parseArmId(id)?.name ?? id))}, or connect this one to it by VPN or ExpressRoute (a jump box with Bastion, a self-hosted agent instead of a hosted one)`,
        commands: inside.flatMap((id) => {
          const vnet = parseArmId(id);
          return vnet === undefined
            ? []
            : [
                az(
                  "vm",
                  "list",
                  "--subscription",
                  vnet.subscriptionId,
                  "--resource-group",
                  vnet.resourceGroup,
                  "--output",
                  "table",
                ),
              ];
        }),
        warning:
          "Zone links and DNS changes do not help a machine that has no route to the private endpoints. Hosted build agents and services such as Stream Analytics can never use them.",
        verify: ["Run this diagnosis again from a machine inside the virtual network"],
        docs: secureInbound,
      }),
      rivals: ["dns-custom-no-forwarder", "dns-zone-not-linked", "cv-tcp-443-to-pe-blocked"],
    }),
    "cv-peering-or-connectivity-missing": reason<{ from?: string; to: string; state: string; machine: string }>({
      severity: "error",
      title: "This machine's network is not connected to the network of the private endpoints",
      detail: ({ from, to, state, machine }) =>
        from === undefined
          ? `${machine} resolves the private addresses, and none of them answers: the VPN or ExpressRoute between its network and ${to} does not carry the traffic.`
          : `${from} and ${to} are not connected: ${state}.`,
      fix({ from, to, machine }) {
        const near = parseArmId(from);
        const far = parseArmId(to);
        if (!near || !far) {
          return {
            summary: `Connect the network of ${machine} to ${far?.name ?? to}: bring up the VPN or ExpressRoute connection and see that it advertises the subnet of the private endpoints`,
            commands: far
              ? [
                  az(
                    "network",
                    "vnet",
                    "peering",
                    "list",
                    "--subscription",
                    far.subscriptionId,
                    "--resource-group",
                    far.resourceGroup,
                    "--vnet-name",
                    far.name,
                  ),
                ]
              : [],
            verify: ["Test-NetConnection or nc to port 443 of a private endpoint's address succeeds"],
            docs: secureInbound,
          };
        }
        const peer = (a: typeof near, b: typeof near) =>
          az(
            "network",
            "vnet",
            "peering",
            "create",
            "--subscription",
            a.subscriptionId,
            "--resource-group",
            a.resourceGroup,
            "--vnet-name",
            a.name,
            "--name",
            `to-${b.name}`,
            "--remote-vnet",
            b.id,
            "--allow-vnet-access",
            "--allow-forwarded-traffic",
          );
        return {
          summary: `Peer ${near.name} with ${far.name}, in both directions`,
          commands: [peer(near, far), peer(far, near)],
          warning:
            "A peering in state Disconnected has lost its other half: delete the half that is left before creating both anew. The private DNS zones must be linked to this network too.",
          takesEffect: "Within a minute",
          verify: [
            `az network vnet peering list --subscription ${near.subscriptionId} --resource-group ${near.resourceGroup} --vnet-name ${near.name} --query [].peeringState`,
          ],
          docs: peeringDocs,
        };
      },
      rivals: ["cv-tcp-443-to-pe-blocked", "cv-client-outside-vnet"],
    }),
    "pe-not-reachable-from-client-vnet": reason<{ endpoint: string; network: string }>({
      severity: "error",
      title: "A private endpoint stands in a network that this machine has no route to",
      detail: ({ endpoint, network }) => `${parseArmId(endpoint)?.name ?? endpoint} stands in ${network}.`,
      fix: ({ network }) => ({
        summary: `Connect this machine's network to ${parseArmId(network)?.name ?? network}, or create a private endpoint in this machine's network`,
        commands: [],
        verify: ["Port 443 of the private endpoint's address accepts a connection"],
        docs: peeringDocs,
      }),
      causedBy: ["cv-peering-or-connectivity-missing", "cv-client-outside-vnet"],
    }),
  },
  judge({ paths: all, vantage: here, privateEndpoints: known, networks: seenNetworks }, say) {
    const wanted = all.filter((path) => path.needsPrivate);
    if (wanted.length === 0)
      return say.skip("no name of this workspace has to be reached by a private address", here.name);
    const dialled = wanted.flatMap((path) =>
      path.name.expected.map((expected) => ({ path, expected, reach: reachOf(path, expected.address) })),
    );
    const open = dialled.find(({ reach }) => reach?.tcp.outcome === "open");
    if (open?.reach) return say.pass(undefined, { subject: here.name, evidence: [reachEvidence(open.reach)] });

    const approved = dialled.filter(({ expected }) => {
      const entry = known.entries.find(({ id }) => id.toLowerCase() === expected.privateEndpointId.toLowerCase());
      return entry !== undefined && sameText(connectionStatus(entry), "Approved");
    });
    if (approved.length === 0)
      return say.skip(
        "no private endpoint connection is approved, so silence proves nothing about this machine's network",
        here.name,
      );

    const inside = [...new Set(approved.flatMap(({ path }) => endpointNetworks(path)))];
    const about = [
      ...new Set([
        ...wanted.map(({ name }) => name.fqdn),
        ...wanted.map(({ name }) => name.resourceId),
        ...approved.map(({ expected }) => `${expected.address}:443`),
      ]),
    ];
    const silent: Evidence[] = approved
      .slice(0, 2)
      .flatMap(({ reach }) => (reach === undefined ? [] : [reachEvidence(reach, "open")]));
    const sample = wanted[0];

    if (here.instance.is === "gap") return say.unknown(here.instance, { subject: here.name });
    if (here.instance.is === "absent") {
      const azureDnsAnswers = wanted.some((path) => path.azure.relation !== "no-answer");
      if (azureDnsAnswers)
        return say.unknown(
          `the metadata service does not answer and ${azureDnsAddress} does: this machine's place in Azure cannot be told`,
          { subject: here.name },
        );
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
        ...silent,
        ...(sample
          ? [dnsEvidence(sample.azure.answer, "an answer, which only machines inside a virtual network get")]
          : []),
      ];
      const resolvesPrivately = wanted.filter((path) => path.here === "expected");
      if (resolvesPrivately.length > 0) {
        return say.found("cv-peering-or-connectivity-missing", {
          subject: here.name,
          about,
          data: {
            to: inside[0] ?? "the private endpoints' network",
            state: "no private endpoint answers",
            machine: here.name,
          },
          evidence,
          confidence: "likely",
          inferredFrom:
            "names resolve to the private endpoints and none of them answers, while this machine is no Azure VM",
          ruledOut: [
            {
              id: "cv-client-outside-vnet",
              by: "the resolver knows the private addresses, so this network is meant to be connected",
            },
          ],
        });
      }
      return say.found("cv-client-outside-vnet", {
        subject: here.name,
        about: [...about, ...here.addresses],
        data: { machine: here.name, networks: inside, addresses: [...here.addresses] },
        evidence: [...evidence, ...wanted.slice(0, 1).map((path) => publicAnswer(path))],
        ruledOut: [
          {
            id: "cv-tcp-443-to-pe-blocked",
            by: "this machine has no interface in any Azure network, so no rule inside Azure is what stops it",
          },
          {
            id: "dns-custom-no-forwarder",
            by: "even the private addresses themselves, dialled directly, do not answer",
          },
          { id: "dns-zone-not-linked", by: "links decide for virtual networks, and this machine is in none" },
        ],
      });
    }
    if (here.vnetId === undefined) {
      return here.interfaces.is === "gap"
        ? say.unknown(here.interfaces, { subject: here.name })
        : say.unknown("the network of this machine's interfaces could not be read", { subject: here.name });
    }
    const from = here.vnetId;
    const joins = inside.map((to) => ({ to, join: joinOf(from, to, valueOf(seenNetworks) ?? []) }));
    if (joins.some(({ join }) => join.is === "same" || join.is === "peered")) {
      return say.pass(
        "This machine's network is joined to that of the private endpoints; what stops the connections is looked for elsewhere",
        { subject: here.name },
      );
    }
    if (joins.some(({ join }) => join.is === "unknown"))
      return say.unknown("the peerings of this machine's network could not be read", {
        subject: from,
        permission: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/read",
      });
    return joins.flatMap(({ to, join }) => {
      const state = join.is === "broken" ? `the peering is ${join.state}` : "there is no peering between them";
      const endpoints = [
        ...new Set(
          approved
            .filter(({ path }) => endpointNetworks(path).includes(to))
            .map(({ expected }) => expected.privateEndpointId),
        ),
      ];
      return [
        say.found("cv-peering-or-connectivity-missing", {
          subject: from,
          about: [...about, ...endpoints, to, ...(join.is === "broken" ? [join.peeringId] : [])],
          data: { from, to, state, machine: here.name },
          evidence: [
            {
              kind: "arm",
              source:
                join.is === "broken" ? `${join.peeringId} properties.peeringState` : `${from}/virtualNetworkPeerings`,
              observed: join.is === "broken" ? join.state : `no peering with ${to}`,
              expected: "Connected",
            },
            ...silent,
          ],
          // A network may also be joined by a gateway or a virtual WAN, which peerings do not show.
          ...(join.is === "broken"
            ? {}
            : {
                confidence: "likely" as const,
                inferredFrom:
                  "there is no peering and no private endpoint answers; a gateway or virtual WAN between the networks would not show here",
              }),
          ruledOut: [
            {
              id: "cv-tcp-443-to-pe-blocked",
              by: "no private endpoint in that network answers, and the networks are not joined",
            },
          ],
        }),
        ...endpoints.map((endpoint) =>
          say.found("pe-not-reachable-from-client-vnet", {
            subject: endpoint,
            about: [to, from],
            data: { endpoint, network: to },
            evidence: silent.slice(0, 1),
          }),
        ),
      ];
    });
  },
});

function publicAnswer(path: Path): Evidence {
  const answer = path.resolvers[0]?.answer ?? path.azure.answer;
  return dnsEvidence(
    answer,
    path.name.expected
      .map(({ address }) => address)
      .filter((address) => !isPublicAddress(address))
      .join(", "),
  );
}
