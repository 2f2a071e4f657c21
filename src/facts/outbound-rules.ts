import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { absent, seen } from "../model/observation.ts";
import { dnsName, sameText } from "../model/text.ts";
import { listAs } from "./arm-read.ts";
import { text } from "./wire.ts";
import { networkHome } from "./hub.ts";
import type { OutboundRule } from "./workspace.ts";

const listed = z.object({
  /** Null in the list; its name is what tells a rule from the others. */
  id: text,
  name: z.string(),
  properties: z.object({
    type: text,
    status: text,
    category: text,
    errorInformation: text,
    destination: z
      .union([
        z.string(),
        z.object({
          serviceResourceId: text,
          subresourceTarget: text,
          serviceTag: text,
          action: text,
          protocol: text,
          portRanges: text,
          addressPrefixes: z.array(z.string()).nullish(),
        }),
      ])
      .nullish(),
  }),
});

const rule = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(["fqdn", "private-endpoint", "service-tag", "other"]),
  status: z.string().optional(),
  category: z.string().optional(),
  /** What newer versions of the service say of a rule that failed. */
  error: z.string().optional(),
  fqdn: z.string().optional(),
  serviceResourceId: z.string().optional(),
  subresource: z.string().optional(),
  serviceTag: z.string().optional(),
  portRanges: z.string().optional(),
});
/** One outbound rule of a managed network. */
export type ManagedRule = z.infer<typeof rule>;

const kinds: Readonly<Record<string, ManagedRule["kind"]>> = {
  fqdn: "fqdn",
  privateendpoint: "private-endpoint",
  servicetag: "service-tag",
};

function ruleOf(
  id: string,
  name: string,
  {
    type,
    status,
    category,
    destination,
    errorInformation,
  }: OutboundRule & { errorInformation?: string | null | undefined },
): ManagedRule {
  const to =
    typeof destination === "string"
      ? { fqdn: dnsName(destination) }
      : {
          serviceResourceId: destination?.serviceResourceId,
          subresource: destination?.subresourceTarget,
          serviceTag: destination?.serviceTag,
          portRanges: destination?.portRanges,
        };
  const all = { status, category, error: errorInformation?.slice(0, 300), ...to };
  return {
    id,
    name,
    kind: kinds[type?.toLowerCase() ?? ""] ?? "other",
    ...Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null)),
  };
}

/**
 * The outbound rules of the managed network, a project's being its hub's; absent when the workspace has none (isolation
 * Disabled or never set). The workspace carries a copy, which stands in where the list may not be read.
 */
export const outboundRules = defineFact({
  key: "arm/outbound-rules",
  needs: { workspace: networkHome },
  reads: ["Microsoft.MachineLearningServices/workspaces/outboundRules/read"],
  schema: z.array(rule),
  async collect({ workspace: { id, properties } }, context) {
    const mode = properties.managedNetwork?.isolationMode;
    if (!mode || sameText(mode, "Disabled")) return absent;
    const rules = await listAs(context, `${id}/outboundRules`, apiVersions.machineLearning, listed);
    if (rules.is === "value")
      return seen(
        rules.value.map((each) => ruleOf(each.id ?? `${id}/outboundRules/${each.name}`, each.name, each.properties)),
      );
    const embedded = properties.managedNetwork?.outboundRules;
    if (embedded)
      return seen(Object.entries(embedded).map(([name, each]) => ruleOf(`${id}/outboundRules/${name}`, name, each)));
    return rules.is === "absent" ? seen([]) : rules;
  },
});

/** Hosts of services that a tag is made for. Source: "Configure inbound and outbound network traffic", service tags. */
const hostsOfTag: Readonly<Record<string, RegExp>> = {
  azuremachinelearning: /(?:^|\.)api\.(?:azureml\.ms|ml\.azure\.(?:us|cn))$/,
  azureactivedirectory: /^login\.(?:microsoftonline\.(?:com|us)|chinacloudapi\.cn)$/,
  azureresourcemanager: /^management\.(?:azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)$/,
  microsoftcontainerregistry: /^mcr\.(?:microsoft\.com|azure\.cn)$/,
};

/** Whether a rule lets traffic to `host` out, by name or by the resource behind it. Service tags are sets of addresses:
 * what they cover can be told from a name for the services alone that they are named after. */
export function coversHost(
  each: ManagedRule,
  host: string,
  resource?: { resourceId: string; subresource?: string | undefined },
): boolean {
  if (each.kind === "fqdn" && each.fqdn !== undefined)
    return each.fqdn === host || (each.fqdn.startsWith("*.") && host.endsWith(each.fqdn.slice(1)));
  if (each.kind === "service-tag")
    return hostsOfTag[each.serviceTag?.toLowerCase().replace(/\..*$/, "") ?? ""]?.test(host) === true;
  if (each.kind !== "private-endpoint" || resource === undefined) return false;
  if (each.serviceResourceId?.toLowerCase() !== resource.resourceId.toLowerCase()) return false;
  return (
    resource.subresource === undefined ||
    each.subresource === undefined ||
    each.subresource.toLowerCase().replace(/_secondary$/, "") === resource.subresource.toLowerCase()
  );
}
