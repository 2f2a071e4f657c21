import { parseArmId } from "../model/arm-id.ts";

/** Resources that are a hop, by the beginning of their type; the first that fits counts. */
const byType: readonly (readonly [prefix: string, hop: string])[] = [
  ["microsoft.machinelearningservices/workspaces/privateendpointconnections", "private-endpoint"],
  ["microsoft.machinelearningservices/workspaces/onlineendpoints/deployments", "deployment"],
  ["microsoft.machinelearningservices/workspaces/onlineendpoints", "endpoint"],
  ["microsoft.machinelearningservices/workspaces/outboundrules", "managed-network"],
  ["microsoft.containerregistry/", "registry"],
  ["microsoft.keyvault/", "key-vault"],
  ["microsoft.storage/", "storage"],
  ["microsoft.network/privatednszones", "zones"],
  ["microsoft.network/privateendpoints", "private-endpoint"],
  ["microsoft.containerservice/", "kubernetes"],
];

/** Probes that are about another hop than their area is named for. */
const byProbe: Readonly<Record<string, string>> = {
  "client/tcp": "private-endpoint",
  "client/tls": "private-endpoint",
  "client/hosts-file": "resolvers",
  "dns/client-answers": "resolvers",
  "dns/custom-resolver": "resolvers",
};

const byArea: Readonly<Record<string, string>> = { client: "machine", dns: "zones", scoring: "endpoint" };

/** The hop at which a finding lies: that of its subject when the subject is a resource that is a hop, else that of its
 * probe. An area that is no hop stands for itself. */
export function hopOf({ probe, subject }: { readonly probe: string; readonly subject: string }): string {
  const type = parseArmId(subject)?.type.toLowerCase();
  const typed = type === undefined ? undefined : byType.find(([prefix]) => type.startsWith(prefix));
  const area = probe.split("/")[0] ?? probe;
  return typed?.[1] ?? byProbe[probe] ?? byArea[area] ?? area;
}
