import { armEvidence, reachEvidence, type Evidence } from "../../src/model/evidence.ts";
import { parentId, parseArmId, sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { allowInGroup, listRulesOf } from "../../src/model/security-rule-commands.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { computeEgress } from "../../src/facts/compute-egress.ts";
import { isAiling } from "../../src/facts/compute-state.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { fileShareReaches } from "../../src/facts/file-share-reaches.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { connectionStatus } from "../../src/facts/reachability.ts";
import { reaches } from "../../src/facts/reaches.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs =
  "https://learn.microsoft.com/azure/storage/files/storage-files-networking-overview#accessing-your-azure-file-shares";

interface Shares {
  readonly where: string;
  readonly groupIds: readonly string[];
  readonly region: string;
  readonly address?: string;
  readonly policyId?: string;
}

/**
 * Whether mounted file shares get through: port 445 beside 443. Measured at the private endpoint from a machine inside of
 * Azure's network only, and only where 443 at the same address is open: a laptop's provider that drops 445 proves nothing.
 * Where no private endpoint serves the share, the firewall's rules on the computes' way are read instead.
 */
export default defineProbe({
  id: "firewall/file-shares",
  title: "File shares can be mounted (port 445)",
  layer: "transport",
  docs: [docs],
  needs: {
    shares: fileShareReaches,
    reaches,
    vantage,
    privateEndpoints,
    places: raw(computeSubnets),
    egress: raw(computeEgress),
  },
  consequence: "Whether file shares can be mounted",
  reasons: {
    "fw-storage-445-and-ports": reason<Shares>({
      severity: "error",
      title: "Port 445 to the storage account's file shares is blocked",
      detail: ({ where }) => `${where}; file shares are mounted over SMB, which needs 445 besides 443.`,
      fix({ groupIds, region, address }) {
        return {
          summary: `Allow TCP 445 from the computes' subnet to ${address === undefined ? `Storage.${region}` : `the file share's private endpoint (${address}) and Storage.${region}`} in every network security group and firewall on the way`,
          commands: [
            ...groupIds.flatMap((id) => [
              ...listRulesOf(id),
              ...allowInGroup(id, {
                name: "Allow-Smb-445",
                priority: 240,
                direction: "Outbound",
                protocol: "Tcp",
                destinations: [address ?? `Storage.${region}`],
                ports: [445],
              }),
            ]),
            ...(address === undefined ? [] : [{ shell: "sh" as const, text: `nc -vz -w 5 ${address} 445` }]),
          ],
          warning:
            "Port 445 is a network rule in Azure Firewall: application rules do not see it. Choose a priority that is free and comes before the rule that refuses. Use a machine in the network to test: providers often drop 445.",
          takesEffect: "Within a minute, for new connections",
          verify:
            address === undefined
              ? ["A share of the account can be mounted on a compute instance"]
              : [`nc -vz -w 5 ${address} 445`],
          docs,
        };
      },
      causedBy: ["fw-app-vs-network-rules", "fw-missing-core-fqdns", "nsg-outbound-required-tags-missing"],
      rivals: ["st-no-file-pe", "nsg-outbound-required-tags-missing"],
    }),
  },
  judge({ shares, reaches: dialled, vantage: here, privateEndpoints: known, places: all, egress }, say) {
    const places = valueOf(all) ?? [];
    const region = places[0]?.computes[0]?.properties.computeLocation ?? places[0]?.networkLocation ?? "";
    const about = places.flatMap((place) => [place.id, ...place.computes.map(({ id }) => id)]);
    const ailing = places.some((place) => place.computes.some(isAiling));
    const groupIds = places.flatMap(({ securityGroup }) => valueOf(securityGroup)?.id ?? []);
    const verdicts: Verdict[] = [];
    for (const { fqdn, accountId, privateEndpointId, subnetId, reach } of here.vnetId === undefined ? [] : shares) {
      const subject = `${reach.address}:445`;
      const web = dialled
        .find((each) => each.fqdn === fqdn)
        ?.addresses.find(({ address }) => address === reach.address);
      const entry = known.entries.find(({ id }) => sameId(id, privateEndpointId));
      if (reach.tcp.outcome === "open")
        verdicts.push(say.pass(`${subject} takes connections`, { subject, evidence: [reachEvidence(reach)] }));
      else if (web?.tcp.outcome === "open" && entry !== undefined && sameText(connectionStatus(entry), "Approved")) {
        const onPath = places.some((place) => sameId(place.id, here.subnetId));
        const sameNetwork = subnetId !== undefined && sameId(parentId(subnetId), here.vnetId);
        const evidence: Evidence[] = [
          reachEvidence(reach, "open"),
          reachEvidence(web),
          {
            kind: "machine",
            source: `place of ${here.name}`,
            observed: onPath
              ? "in the computes' subnet"
              : sameNetwork
                ? "in the private endpoint's network"
                : "in a network with a way to the private endpoint",
          },
        ];
        verdicts.push(
          say.found("fw-storage-445-and-ports", {
            subject,
            // What rules the computes' subnet has no part in a connection of a machine elsewhere.
            about: [fqdn, accountId, privateEndpointId, ...(onPath ? about : [])],
            data: {
              where: `${subject} (${fqdn}): ${reach.tcp.outcome}, while port 443 at the same address is open`,
              groupIds,
              region,
              address: reach.address,
            },
            evidence,
            ...(onPath || ailing
              ? {}
              : { inferredFrom: "this machine's connections; the computes' own subnet is another one" }),
            ...(places.length === 0 ? { as: "warning" as const } : {}),
          }),
        );
      }
    }
    for (const way of valueOf(egress) ?? []) {
      const files = way.needs.find(({ need }) => need.use === "files");
      if (files?.firewall?.access !== "Deny") continue;
      const at = files.firewall.policyId ?? files.firewall.id;
      verdicts.push(
        say.found("fw-storage-445-and-ports", {
          subject: at,
          about: [files.firewall.id, way.subnetId, ...about],
          data: {
            where: `No network rule of ${parseArmId(at)?.name ?? at} allows ${files.need.tag} on port 445`,
            groupIds: [],
            region,
          },
          evidence: [armEvidence(at, "rules", `no network rule allows TCP 445 to ${files.need.tag}`, "allowed")],
          ...(ailing ? {} : { inferredFrom: "the rules as they are defined", as: "warning" as const }),
        }),
      );
    }
    return verdicts.length > 0
      ? verdicts
      : say.skip(
          `file shares cannot be judged from here: ${shortList(shares.length === 0 ? ["no private endpoint serves them"] : ["this machine stands in no Azure network, or port 443 does not answer either"])}`,
          here.name,
        );
  },
});
