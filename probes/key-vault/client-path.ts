import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { inPrefix, isPublicAddress } from "../../src/model/address.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { createEndpoint, letAddressIn, listConnections } from "../../src/model/access-commands.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { clientAccess, isListAlone, unplacedEndpoints, type ClientAccess } from "../../src/facts/client-access.ts";
import { keyVault, type KeyVault } from "../../src/facts/key-vault.ts";
import { subnets, type SubnetInQuestion } from "../../src/facts/subnets.ts";
import { vantage, type Vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/key-vault/general/private-link-service";

/** The firewall's entry that lets this machine in: for a public address of its own, or for its subnet, which says who it is
 * only with the service endpoint. A machine behind address translation does not know its public address. */
function entryFor(
  { properties }: KeyVault,
  here: Vantage | undefined,
  places: readonly SubnetInQuestion[],
): { member: string; what: string } | undefined {
  const own = [...(here?.addresses ?? []), ...((here && valueOf(here.instance)?.addresses) ?? [])];
  const range = (properties.networkAcls?.ipRules ?? [])
    .flatMap(({ value }) => value ?? [])
    .find((value) => own.some((address) => isPublicAddress(address) && inPrefix(address, value)));
  if (range !== undefined) return { member: "properties.networkAcls.ipRules", what: range };
  const place = places.find(({ id }) => sameId(id, here?.subnetId));
  const speaks = ((place && valueOf(place.is)?.subnet.properties?.serviceEndpoints) ?? []).some(({ service }) =>
    sameText(service, "Microsoft.KeyVault"),
  );
  const rule = (properties.networkAcls?.virtualNetworkRules ?? []).find(({ id }) => sameId(id ?? undefined, place?.id));
  return speaks && place && rule ? { member: "properties.networkAcls.virtualNetworkRules", what: place.id } : undefined;
}

/**
 * Whether this machine's network has a way to the vault, and whether the vault's firewall refused it. What counts is the
 * vault's own answer; a firewall entry for this machine's subnet or address is as good a way in as a private endpoint.
 */
export default defineProbe({
  id: "key-vault/client-path",
  title: "This machine's network has a way to the key vault",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics"],
  needs: { keyVault: maybe(keyVault), access: clientAccess, vantage: raw(vantage), subnets: raw(subnets) },
  consequence: "Whether this machine's network has a way to the key vault",
  reasons: {
    "kv-no-pe-in-client-vnet": reason<ClientAccess>({
      severity: "error",
      title: "The key vault is closed to the public and has no private endpoint for this machine's network",
      detail: ({ name, far, vnetId }) =>
        `${name.fqdn} admits no public caller, and ${far.length > 0 ? `its approved private endpoints stand in networks that ${parseArmId(vnetId)?.name ?? "this machine's"} is not joined with` : "no approved private endpoint of it stands in a network of yours"}.`,
      fix: ({ resourceId, name, subnetId, zone }) => ({
        summary: "Create a private endpoint of the vault in the clients' network, with its DNS zone group",
        commands: createEndpoint({ targetId: resourceId, groupId: "vault", subnetId, zone }),
        warning: `The zone is ${name.zone}, whose suffix is not that of the vault's own name, and has to be linked to the clients' network.`,
        takesEffect: "Within a few minutes, once the connection is approved",
        verify: [listConnections(resourceId)],
        docs,
      }),
      causedBy: ["kv-pe-not-approved", "cv-client-outside-vnet", "cv-peering-or-connectivity-missing"],
      rivals: ["kv-dns-resolves-public", "kv-pe-not-approved"],
    }),
    "kv-firewall-blocks-client": reason<ClientAccess>({
      severity: "error",
      title: "The key vault's firewall refuses this machine",
      detail: ({ name, addresses }) =>
        `${name.fqdn} was reached at ${addresses.join(", ")} (public), and answers that this caller is not allowed.`,
      fix: (way) => ({
        summary: isListAlone(way)
          ? "Have the vault's owner add the address that this machine comes from to its selected networks, or work from a network with a private endpoint of the vault"
          : way.near.length > 0
            ? "Have the vault's name resolve to its private endpoint on this machine"
            : "Give this network a private endpoint of the vault",
        commands: isListAlone(way)
          ? letAddressIn(way.resourceId, /Client address: (\d+\.\d+\.\d+\.\d+)/.exec(way.reach?.http?.body ?? "")?.[1])
          : way.near.length > 0
            ? []
            : createEndpoint({ targetId: way.resourceId, groupId: "vault", subnetId: way.subnetId, zone: way.zone }),
        warning:
          "A private endpoint needs no entry in the vault's firewall; prefer it to widening the list of addresses.",
        verify: [listConnections(way.resourceId)],
        docs,
      }),
      causedBy: [
        "kv-dns-resolves-public",
        "kv-no-pe-in-client-vnet",
        "kv-pe-not-approved",
        "cv-client-outside-vnet",
        "dns-hosts-file-override",
      ],
      rivals: ["kv-identity-permission-missing"],
    }),
  },
  judge({ keyVault: vault, access, vantage: here, subnets: places }, say) {
    if (vault === undefined) return say.skip("the workspace has no key vault");
    const way = access.find(({ name }) => name.service === "key-vault");
    if (way === undefined) return say.skip("this machine has no way of its own to the key vault", vault.id);
    if (!way.locked) return say.pass("The key vault is open to public networks", { subject: vault.id });
    const evidence = [
      armEvidence(vault.id, "properties.publicNetworkAccess", vault.properties.publicNetworkAccess ?? undefined),
      armEvidence(
        vault.id,
        "properties.networkAcls.defaultAction",
        vault.properties.networkAcls?.defaultAction ?? undefined,
      ),
      armEvidence(
        vault.id,
        "properties.privateEndpointConnections",
        (vault.properties.privateEndpointConnections ?? []).map((each) => each.properties?.privateEndpoint?.id),
        "an approved one in this machine's network",
      ),
      ...(way.reach === undefined ? [] : [reachEvidence(way.reach)]),
    ];
    const what = { subject: vault.id, about: [way.name.fqdn, ...way.waiting, ...way.far], data: way };
    const refusal =
      way.outcome === "refused" && way.reach
        ? [
            say.found("kv-firewall-blocks-client", {
              ...what,
              evidence: [
                reachEvidence(way.reach, "a private address, or an entry for this caller"),
                ...evidence.slice(0, 2),
              ],
              ruledOut: [
                { id: "kv-identity-permission-missing", by: "the refusal names the network, not a permission" },
              ],
              // The service reads the vault, a machine of nobody's network seldom does.
              ...(isListAlone(way) ? { as: "warning" as const } : {}),
            }),
          ]
        : [];
    if (isListAlone(way)) return refusal;
    if (way.near.length > 0 || way.outcome === "private")
      return refusal.length > 0 ? refusal : say.pass(undefined, { subject: vault.id });
    if (way.name.publicAccess === "selected" && refusal.length === 0) {
      const entry = entryFor(vault, valueOf(here), valueOf(places) ?? []);
      if (entry !== undefined)
        return say.pass(`The key vault's firewall lists ${entry.what}`, {
          subject: vault.id,
          evidence: [armEvidence(vault.id, entry.member, entry.what)],
        });
      return say.unknown(
        "the vault admits selected networks; an anonymous request does not tell whether this one is among them",
        { subject: vault.id, matters: false },
      );
    }
    // Off Azure, or where the networks cannot be compared, an endpoint somewhere may still serve this machine.
    if (way.unplaced.length > 0)
      return [
        ...refusal,
        say.unknown(...unplacedEndpoints(way, ["kv-no-pe-in-client-vnet", "kv-dns-resolves-public"])),
      ];
    const missing = say.found("kv-no-pe-in-client-vnet", {
      ...what,
      about: [
        ...what.about,
        ...(way.vnetId === undefined ? [] : [way.vnetId]),
        ...(valueOf(here) === undefined ? [] : [valueOf(here)?.name ?? ""]),
      ],
      evidence,
      ruledOut: [
        {
          id: "kv-dns-resolves-public",
          by: "there is no private endpoint of this network's that the name could lead to",
        },
      ],
    });
    return [missing, ...refusal];
  },
});
