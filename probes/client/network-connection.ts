import { dnsEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { connectNetworks, type BrokenPeering } from "../../src/model/network-remedies.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { clientPosition } from "../../src/facts/client-position.ts";
import { kubernetesNetworks } from "../../src/facts/kubernetes-networks.ts";
import { kubernetesScoring, scoringTopics } from "../../src/facts/kubernetes-scoring.ts";
import { networks } from "../../src/facts/networks.ts";
import { joinOf } from "../../src/facts/reachability.ts";
import { routersApart } from "../../src/facts/routers-apart.ts";
import { serverApart } from "../../src/facts/server-apart.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = {
  peering: "https://learn.microsoft.com/azure/virtual-network/virtual-network-troubleshoot-peering-issues",
  inbound:
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#securely-connect-to-your-workspace",
};

/**
 * Whether this machine's network is joined to that of the private endpoints. Asked only when no private endpoint answers
 * at all; then the networks themselves must say that they are not joined. Endpoints whose connection is not approved never
 * answer and prove nothing. A router or a DNS server that is silent behind a broken peering is a case of its own.
 */
export default defineProbe({
  id: "client/network-connection",
  title: "This machine's network is connected to the network of the private endpoints",
  layer: "control-plane",
  docs: [docs.peering, docs.inbound],
  needs: {
    position: clientPosition,
    vantage,
    networks: raw(networks),
    clusters: raw(kubernetesNetworks),
    scoring: raw(kubernetesScoring),
    apart: raw(serverApart),
  },
  consequence: "Whether this machine's network is connected to the private endpoints'",
  reasons: {
    "cv-peering-or-connectivity-missing": reason<{
      from?: string;
      to: string;
      state: string;
      machine: string;
      broken?: BrokenPeering;
    }>({
      severity: "error",
      title: "This machine's network is not connected to a network that it has to reach",
      detail: ({ from, to, state, machine }) =>
        from === undefined
          ? `${machine} and ${to} are not connected: ${state}.`
          : `${from} and ${to} are not connected: ${state}.`,
      fix: ({ from, to, machine, broken }) => connectNetworks(machine, from, to, docs, broken),
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
        docs: docs.peering,
      }),
      causedBy: ["cv-peering-or-connectivity-missing"],
    }),
  },
  judge({ position, vantage: here, networks: known, clusters, scoring, apart }, say) {
    const server = valueOf(apart);
    if (server !== undefined && position.open !== undefined) {
      const { from, to, state, peeringId } = server;
      return say.found("cv-peering-or-connectivity-missing", {
        subject: from,
        about: [...server.names, `${server.address}:53`, to, peeringId],
        data: { from, to, state: `the peering is ${state}`, machine: here.name, broken: server },
        evidence: [peeringEvidence(peeringId, state), dnsEvidence(server.answer, "an answer")],
        ruledOut: [{ id: "cv-client-outside-vnet", by: "a private endpoint answers this machine" }],
      });
    }
    const routers = routersApart(here.vnetId, valueOf(known) ?? [], valueOf(clusters) ?? [], valueOf(scoring) ?? []);
    if (routers.length > 0 && position.open !== undefined) {
      return routers.map(({ from, join, cluster, path, reach }) =>
        say.found("cv-peering-or-connectivity-missing", {
          subject: from,
          about: [
            ...scoringTopics(path),
            cluster.vnetId,
            join.peeringId,
            // A cluster apart from this network is apart from the private endpoints in it.
            ...(position.networkIds.some((id) => sameId(id, from)) ? [cluster.clusterId] : []),
          ],
          data: { from, to: cluster.vnetId, state: `the peering is ${join.state}`, machine: here.name },
          evidence: [peeringEvidence(join.peeringId, join.state), reachEvidence(reach, "open")],
        }),
      );
    }
    const { wanted, open, approved, networkIds, about } = position;
    if (wanted.length === 0)
      return say.skip("no name of this workspace has to be reached by a private address", here.name);
    if (open) return say.pass(undefined, { subject: here.vnetId ?? here.name, evidence: [reachEvidence(open)] });
    if (approved.length === 0)
      return say.skip(
        "no private endpoint connection is approved, so silence proves nothing about this machine's network",
        here.name,
      );
    const silent: Evidence[] = approved
      .slice(0, 2)
      .flatMap(({ reach }) => (reach === undefined ? [] : [reachEvidence(reach, "open")]));

    if (here.instance.is === "gap") return say.unknown(here.instance, { subject: here.name });
    if (here.instance.is === "absent") {
      if (!wanted.some((path) => path.here === "expected"))
        return say.skip("this machine is no Azure VM, and its resolver does not know the private addresses", here.name);
      return say.found("cv-peering-or-connectivity-missing", {
        subject: here.name,
        about,
        data: {
          to: networkIds[0] ?? "the private endpoints' network",
          state: "no private endpoint answers, over VPN, ExpressRoute or whatever connects them",
          machine: here.name,
        },
        evidence: [
          {
            kind: "machine",
            source: "Azure instance metadata (169.254.169.254)",
            observed: "no answer: this is no Azure VM",
          },
          ...silent,
        ],
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
    if (here.vnetId === undefined)
      return say.unknown(
        here.interfaces.is === "gap" ? here.interfaces : "the network of this machine's interfaces is not known",
        { subject: here.name },
      );
    const from = here.vnetId;
    const joins = networkIds.map((to) => ({ to, join: joinOf(from, to, valueOf(known) ?? []) }));
    if (joins.some(({ join }) => join.is === "same" || join.is === "peered")) {
      return say.pass(
        "This machine's network is joined to that of the private endpoints; what stops the connections is looked for elsewhere",
        { subject: from },
      );
    }
    if (joins.length === 0 || joins.some(({ join }) => join.is === "unknown")) {
      return say.unknown("the peerings of this machine's network could not be read", {
        subject: from,
        permission: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/read",
      });
    }
    return joins.flatMap(({ to, join }): Verdict[] => {
      const broken = join.is === "broken" ? join : undefined;
      const endpoints = [
        ...new Set(
          approved.filter(({ networkIds: ids }) => ids.includes(to)).map(({ privateEndpointId }) => privateEndpointId),
        ),
      ];
      return [
        say.found("cv-peering-or-connectivity-missing", {
          subject: from,
          about: [...about, ...endpoints, to, ...(broken ? [broken.peeringId] : [])],
          data: {
            from,
            to,
            state: broken ? `the peering is ${broken.state}` : "there is no peering between them",
            machine: here.name,
            ...(broken ? { broken } : {}),
          },
          evidence: [
            broken
              ? peeringEvidence(broken.peeringId, broken.state)
              : {
                  kind: "arm",
                  source: `${from}/virtualNetworkPeerings`,
                  observed: `no peering with ${to}`,
                  expected: "a peering that is Connected",
                },
            ...silent,
          ],
          // A network may also be joined by a gateway or a virtual WAN, which peerings do not show.
          ...(broken
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

function peeringEvidence(peeringId: string, observed: string): Evidence {
  return { kind: "arm", source: `${peeringId} properties.peeringState`, observed, expected: "Connected" };
}
