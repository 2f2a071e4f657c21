import type { CloudName } from "../model/cloud.ts";
import { valueOf } from "../model/observation.ts";
import { readInstanceMetadata } from "../net/instance-metadata.ts";
import { directRoute, type Route } from "../net/route.ts";

/** Azure's own names for its clouds, as the metadata service and some SDKs have them, beside those of az. */
const otherNames: Readonly<Record<string, CloudName>> = {
  azurepubliccloud: "AzureCloud",
  azureusgovernmentcloud: "AzureUSGovernment",
  azurechinacloud: "AzureChinaCloud",
};

/** az's name for a cloud that is named in another way; the text itself when it is no such name. */
export function azCloudName(text: string): string {
  return otherNames[text.toLowerCase()] ?? text;
}

/** The metadata service is a hop away: who has not answered by then is not there. */
const timeoutMs = 1000;

/** The cloud that this machine is a VM of, as its metadata service says; undefined elsewhere, and in a cloud that is not
 * known here. Asked directly, never through a proxy. */
export async function detectCloud(signal: AbortSignal, route: Route = directRoute): Promise<CloudName | undefined> {
  const metadata = await readInstanceMetadata("http://169.254.169.254", route, { timeoutMs, signal });
  return otherNames[valueOf(metadata)?.azEnvironment?.toLowerCase() ?? ""];
}
