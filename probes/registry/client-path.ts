import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { approveConnection, createEndpoint, listConnections } from "../../src/model/access-commands.ts";
import { maybe } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { clientAccess, unplacedEndpoints, type ClientAccess } from "../../src/facts/client-access.ts";
import { registry } from "../../src/facts/registry.ts";
import { waitingConnections, waitingTopics } from "../../src/facts/waiting-connections.ts";

const docs = "https://learn.microsoft.com/azure/container-registry/container-registry-private-link";

interface Closed {
  readonly way: ClientAccess;
  readonly pending: readonly string[];
}

/** Whether this machine's network has a way to the registry. The registry's own 401 proves one; its 403 names the firewall. */
export default defineProbe({
  id: "registry/client-path",
  title: "This machine's network has a way to the registry",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"],
  needs: { registry: maybe(registry), access: clientAccess, waiting: waitingConnections },
  consequence: "Whether this machine's network has a way to the registry",
  reasons: {
    "acr-no-private-endpoint": reason<Closed>({
      severity: "error",
      title: "The registry is closed to the public and has no approved private endpoint for this machine's network",
      detail: ({ way, pending }) =>
        `${way.name.fqdn} admits no public caller; ${pending.length > 0 ? "its private endpoint connection is not approved" : way.far.length > 0 ? "its approved private endpoints stand in networks that this machine's is not joined with" : "no approved private endpoint of it stands in a network of yours"}.`,
      fix: ({ way, pending }) => ({
        summary:
          pending.length > 0
            ? "Approve the connection (the registry's owner does this)"
            : "Create a private endpoint of the registry in the clients' network, with its DNS zone group",
        commands:
          pending.length > 0
            ? pending.map((id) => approveConnection(id))
            : createEndpoint({
                targetId: way.resourceId,
                groupId: "registry",
                subnetId: way.subnetId,
                zone: way.zone,
              }),
        warning:
          "The endpoint takes at least two addresses: the login server's and one for each region's data endpoint. Both names need records.",
        takesEffect: "Within a few minutes, once the connection is approved",
        verify: [listConnections(way.resourceId)],
        docs,
      }),
      causedBy: ["acr-sku-not-premium", "cv-client-outside-vnet", "cv-peering-or-connectivity-missing"],
      rivals: ["acr-dns-resolves-public", "acr-identity-missing-acrpull"],
    }),
  },
  judge({ registry: known, access, waiting }, say) {
    if (known === undefined) return say.skip("the workspace has no container registry");
    const way = access.find(({ name }) => name.service === "registry");
    if (way === undefined) return say.skip("this machine has no way of its own to the registry", known.id);
    if (!way.locked) return say.pass("The registry is open to the public", { subject: known.id });
    if (way.near.length > 0 || way.outcome === "private" || way.outcome === "let-in")
      return say.pass(undefined, {
        subject: known.id,
        evidence: way.reach === undefined ? [] : [reachEvidence(way.reach)],
      });
    if (way.name.publicAccess === "selected" && way.outcome !== "refused")
      return say.unknown(
        "the registry admits selected networks, and its name gave no answer that says whether this one is among them",
        { subject: known.id, matters: false },
      );
    if (way.unplaced.length > 0)
      return say.unknown(...unplacedEndpoints(way, ["acr-no-private-endpoint", "acr-dns-resolves-public"]));
    const theirs = waiting.filter(({ service, owner }) => service === "registry" && owner === "customer");
    return say.found("acr-no-private-endpoint", {
      subject: known.id,
      about: [way.name.fqdn, ...theirs.flatMap((each) => [each.connectionId, ...waitingTopics(each)]), ...way.far],
      data: {
        way,
        pending: theirs.filter(({ status }) => sameText(status, "Pending")).map(({ connectionId }) => connectionId),
      },
      evidence: [
        theirs[0]
          ? armEvidence(
              theirs[0].connectionId,
              "properties.privateLinkServiceConnectionState.status",
              theirs[0].status,
              "Approved",
            )
          : armEvidence(known.id, "private endpoints in this machine's network", "none", "an approved one"),
        armEvidence(known.id, "properties.publicNetworkAccess", known.properties.publicNetworkAccess ?? undefined),
        ...(way.reach === undefined ? [] : [reachEvidence(way.reach, "401 from a private address")]),
      ],
      ruledOut: [
        {
          id: "acr-dns-resolves-public",
          by: "there is no approved private endpoint of this network's that the name could lead to",
        },
        { id: "acr-identity-missing-acrpull", by: "roles count only once the registry is reached" },
      ],
    });
  },
});
