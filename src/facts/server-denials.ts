import { dnsName } from "../model/text.ts";
import type { Path } from "./paths.ts";

/** Where the public zones of Azure are served from: a server that only passes their denials on claims nothing. */
const azurePublicDns = /\.azure-dns\.(?:com|net|org|info|us|cn)$/i;

/** The public suffix that a denial of this machine's server says it is authoritative for. */
export function claimedZone({ name, resolvers }: Path): string | undefined {
  const answer = resolvers[0]?.answer;
  const zone = answer?.soa?.zone.toLowerCase();
  const isPassedOn = azurePublicDns.test(dnsName(answer?.soa?.primary ?? ""));
  const claims =
    answer?.rcode === "NXDOMAIN" &&
    answer.chain.length === 1 &&
    !isPassedOn &&
    zone !== undefined &&
    zone.includes(".") &&
    !zone.startsWith("privatelink.") &&
    name.fqdn.endsWith(`.${zone}`);
  return claims ? zone : undefined;
}

/** Whether this machine's server denies the name itself, and no zone of Azure's public DNS has said so before. */
export function deniesByItself({ resolvers }: Path): boolean {
  const answer = resolvers[0]?.answer;
  return (
    answer?.addresses.length === 0 &&
    answer.chain.length === 1 &&
    !azurePublicDns.test(dnsName(answer.soa?.primary ?? ""))
  );
}
