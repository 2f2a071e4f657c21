import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { createEndpoint, letAddressIn, listConnections } from "../../src/model/access-commands.ts";
import { raw } from "../../src/model/fact.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { clientAccess, isListAlone, unplacedEndpoints, type ClientAccess } from "../../src/facts/client-access.ts";
import { datastores } from "../../src/facts/datastores.ts";
import { storageAccounts, type StorageAccount } from "../../src/facts/storage-accounts.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#secure-azure-storage-accounts";

const missing = (what: string) =>
  reason<ClientAccess>({
    severity: "error",
    title: `The storage account is closed to the public and has no private endpoint for ${what} in this machine's network`,
    detail: ({ name, far }) =>
      `${name.fqdn} admits no caller from outside; ${far.length > 0 ? "the approved private endpoints for it stand in networks that this machine's is not joined with" : `no approved private endpoint for ${name.groupId} stands in a network of yours`}.`,
    fix: ({ resourceId, name, subnetId, zone }) => ({
      summary: `Create a private endpoint for ${name.groupId} in the clients' network, with its DNS zone group`,
      commands: createEndpoint({ targetId: resourceId, groupId: name.groupId, subnetId, zone }),
      warning: `Each sub-resource needs an endpoint and a zone of its own; the zone for this one is ${name.zone}, linked to every network of clients.`,
      takesEffect: "Within a few minutes, once the connection is approved",
      verify: [listConnections(resourceId)],
      docs,
    }),
    causedBy: ["st-pe-not-approved", "cv-client-outside-vnet", "cv-peering-or-connectivity-missing"],
    rivals: ["st-dns-resolves-public", "st-pe-not-approved"],
  });

/**
 * Which sub-resources have to be reachable from here: blob of the default account always; file where a file datastore lives;
 * dfs where a Data Lake datastore lives on an account with a hierarchical namespace. A client that the account's firewall
 * lets in, or that gets through by a private address, needs no further endpoint.
 */
export default defineProbe({
  id: "storage/client-path",
  title: "This machine's network has a way to the workspace's storage",
  layer: "control-plane",
  docs: [docs],
  needs: { accounts: storageAccounts, access: clientAccess, datastores: raw(datastores) },
  consequence: "Whether this machine's network has a way to the workspace's storage",
  reasons: {
    "st-no-blob-pe": missing("blob"),
    "st-no-file-pe": missing("file"),
    "st-no-dfs-pe": missing("dfs (Data Lake)"),
    "st-firewall-blocks-client": reason<ClientAccess>({
      severity: "error",
      title: "The storage account's firewall refuses this machine",
      detail: ({ name, addresses }) =>
        `${name.fqdn} was reached at ${addresses.join(", ")} (public) and answered AuthorizationFailure, which is the firewall's refusal.`,
      fix: (way) => ({
        summary: isListAlone(way)
          ? "Have the account's owner add the address that this machine comes from to its selected networks, or work from a network with a private endpoint of the account"
          : way.near.length > 0
            ? `Have ${way.name.fqdn} resolve to its private endpoint on this machine`
            : `Give this network a private endpoint for ${way.name.groupId}`,
        commands: isListAlone(way)
          ? letAddressIn(way.resourceId)
          : way.near.length > 0
            ? []
            : createEndpoint({
                targetId: way.resourceId,
                groupId: way.name.groupId,
                subnetId: way.subnetId,
                zone: way.zone,
              }),
        warning: "Entries for single addresses do not help studio, which needs the private endpoint.",
        verify: [`curl -sS -o /dev/null -w '%{http_code}' 'https://${way.name.fqdn}/?comp=list'`],
        docs,
      }),
      causedBy: [
        "st-dns-resolves-public",
        "st-no-blob-pe",
        "st-no-file-pe",
        "st-no-dfs-pe",
        "st-nondefault-account-private",
        "st-pe-not-approved",
        "cv-client-outside-vnet",
        "dns-hosts-file-override",
      ],
      rivals: ["st-shared-key-disabled"],
    }),
  },
  judge({ accounts, access, datastores: stores }, say) {
    const known = valueOf(stores) ?? [];
    const uses = (account: StorageAccount, type: string) =>
      known.some(
        ({ properties }) => sameText(properties.datastoreType, type) && sameText(properties.accountName, account.name),
      );
    const verdicts: Verdict[] = gapsOf(accounts.map(({ is }) => is)).map((gap) => say.unknown(gap));
    for (const { is, isDefault } of accounts) {
      const account = valueOf(is);
      if (account === undefined) continue;
      const of = (service: string) =>
        access.find(({ name, resourceId }) => name.service === service && sameId(resourceId, account.id));
      const wanted = [
        ...(isDefault ? [{ id: "st-no-blob-pe" as const, way: of("blob") }] : []),
        ...(uses(account, "AzureFile") ? [{ id: "st-no-file-pe" as const, way: of("file") }] : []),
        // With no endpoint at all it is the whole account that has no way in, and that is said once.
        ...(account.properties.isHnsEnabled === true &&
        uses(account, "AzureDataLakeGen2") &&
        (of("blob")?.near.length ?? 0) > 0
          ? [{ id: "st-no-dfs-pe" as const, way: of("dfs") }]
          : []),
      ];
      const acls = [
        armEvidence(account.id, "properties.publicNetworkAccess", account.properties.publicNetworkAccess ?? undefined),
        armEvidence(
          account.id,
          "properties.networkAcls.defaultAction",
          account.properties.networkAcls?.defaultAction ?? undefined,
        ),
      ];
      for (const { id, way } of wanted) {
        if (!way?.locked) continue;
        const what = {
          subject: account.id,
          about: [
            way.name.fqdn,
            ...way.waiting,
            ...way.far,
            ...(isDefault
              ? []
              : known
                  .filter(({ properties }) => sameText(properties.accountName, account.name))
                  .map((store) => store.id)),
          ],
          data: way,
        };
        const seenThere = way.reach === undefined ? [] : [reachEvidence(way.reach)];
        const refused = way.outcome === "refused";
        // One list of selected networks stands before all of the account's names: told once.
        const isAlone = isListAlone(way);
        if (isAlone && verdicts.some((each) => each.is === "found" && each.subject === account.id)) continue;
        const absentHere =
          !isAlone &&
          way.near.length === 0 &&
          way.unplaced.length === 0 &&
          way.outcome !== "private" &&
          way.outcome !== "let-in";
        if (absentHere) {
          verdicts.push(
            say.found(id, {
              ...what,
              evidence: [
                armEvidence(
                  account.id,
                  `private endpoints for ${way.name.groupId} in this machine's network`,
                  "none",
                  "an approved one",
                ),
                ...acls,
                ...seenThere,
              ],
              // Selected networks may be meant for this one; without the account's own refusal that is not known.
              ...(refused || way.name.publicAccess === "closed"
                ? {}
                : {
                    confidence: "likely" as const,
                    inferredFrom:
                      "the account's rules; its name gave no answer that says whether this network is among those selected",
                  }),
              ruledOut: [
                {
                  id: "st-dns-resolves-public",
                  by: "there is no private endpoint of this network's that the name could lead to",
                },
              ],
            }),
          );
        }
        if (refused) {
          if (way.near.length === 0 && way.unplaced.length > 0)
            verdicts.push(say.unknown(...unplacedEndpoints(way, [id, "st-dns-resolves-public"])));
          verdicts.push(
            say.found("st-firewall-blocks-client", {
              ...what,
              ...(isAlone ? {} : { subject: way.name.fqdn, about: [account.id, ...what.about] }),
              evidence: [...seenThere, ...acls],
              ruledOut: [
                {
                  id: "st-shared-key-disabled",
                  by: "AuthorizationFailure is the firewall's code; keys would be refused with KeyBasedAuthenticationNotPermitted",
                },
              ],
            }),
          );
        }
      }
    }
    return verdicts.length > 0 ? verdicts : say.pass();
  },
});
