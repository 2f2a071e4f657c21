import type { Remediation } from "./remediation.ts";
import { openGroup, type RuleNumbers } from "./security-rule-commands.ts";
import { shortList } from "./text.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall#scenario-visual-studio-code";

/** A private address and port that rules around this machine refuse. */
export interface RefusedAddress {
  readonly address: string;
  readonly port: number;
}

/** What rules around this machine refuse: addresses, and service tags on port 443. */
export interface Refused {
  readonly groupId: string;
  readonly tags: readonly string[];
  readonly blocked: readonly RefusedAddress[];
  /** The rule that refuses the first of them. */
  readonly rule?: string;
  readonly numbers: RuleNumbers;
}

/** The refused, with the port where it is another than that of all services. */
export function namedRefused({ blocked, tags }: Pick<Refused, "blocked" | "tags">, most = 6): string {
  return shortList(
    [...blocked.map(({ address, port }) => (port === 443 ? address : `${address}:${port}`)), ...tags],
    most,
  );
}

/** Every port that something refused is sought on, the smallest first. */
export function refusedPorts({ blocked, tags }: Pick<Refused, "blocked" | "tags">): number[] {
  return [...new Set([...blocked.map(({ port }) => port), ...tags.map(() => 443)])].sort((a, b) => a - b);
}

/** What was refused, and by which rule. */
export function refusedDetail(refused: Refused): string {
  const { rule } = refused;
  return `Refused on TCP ${refusedPorts(refused).join(" and ")}${rule === undefined ? "" : ` by "${rule}"`}: ${namedRefused(refused)}.`;
}

/** Letting this machine out to what the group refuses. */
export function letOut(refused: Refused): Remediation {
  const { groupId, tags, blocked, numbers } = refused;
  const allow = (name: string, port: number, ...destinations: string[]) => ({
    name,
    direction: "Outbound" as const,
    protocol: "Tcp",
    destinations,
    ports: [port],
  });
  const byPort = Map.groupBy(blocked, ({ port }) => port);
  return {
    summary: `Let this machine's subnet out to ${namedRefused(refused, 8)} on port ${refusedPorts(refused).join(" and ")}`,
    ...openGroup(
      groupId,
      numbers,
      [
        ...[...byPort].map(([port, each]) =>
          allow(
            port === 443 ? "Allow-Private-Endpoints" : `Allow-Private-Endpoints-${port}`,
            port,
            ...each.map(({ address }) => address),
          ),
        ),
        ...tags.map((tag) => allow(`Allow-${tag.replaceAll(".", "-")}`, 443, tag)),
      ],
      "Packages and images from elsewhere need further rules.",
      180,
    ),
    takesEffect: "Within a minute, for new connections",
    verify: [
      ...blocked.map(({ address, port }) => `nc -vz -w 5 ${address} ${port}`),
      ...(tags.length > 0 ? ["az account get-access-token --output none && echo ok"] : []),
    ],
    docs,
  };
}
