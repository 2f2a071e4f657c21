import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact, maybe, raw } from "../model/fact.ts";
import { absent, gapsOf, seen, valueOf } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { listAs } from "./arm-read.ts";
import { deploymentFailures } from "./deployment-failures.ts";
import { endpointNames } from "./endpoint-names.ts";
import { onlineEndpoints } from "./online-endpoints.ts";
import { maskSecrets } from "./secret-mask.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const event = z.object({
  eventTimestamp: z.string(),
  resourceId: z.string(),
  operationName: z.object({ value: text }).nullish(),
  status: z.object({ value: text }).nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});
type Event = z.infer<typeof event>;

const refusals = z.object({
  /** Times of the workspace's successful writes, oldest first. */
  writes: z.array(z.string()),
  /** By endpoint: the last attempt to write it, and the refusal when this was one that named V1LegacyMode. */
  endpoints: z.array(z.object({ id: z.string(), at: z.string(), refusal: z.string().optional() })),
});
export type LegacyModeRefusals = z.infer<typeof refusals>;

/** How far the activity log is read back. A change is in force after an hour, or a little more. */
const daysBack = 3;
/** Endpoints that are asked for; each is one request. */
const atMost = 5;

const byTime = (a: Event, b: Event): number => Date.parse(a.eventTimestamp) - Date.parse(b.eventTimestamp);

/** The line of an event that names the flag; the service puts its answer into `statusMessage` as text. */
function refusalOf({ properties }: Event): string | undefined {
  const told = Object.values(properties ?? {}).find(
    (value): value is string => typeof value === "string" && /v1_?legacy_?mode/i.test(value),
  );
  return told === undefined ? undefined : maskSecrets(told);
}

/**
 * Writes of the workspace and of endpoints that do not exist or failed, from the activity log, where the workspace says
 * that v1_legacy_mode is off. Absent when there is no such endpoint: nobody was refused then, and nothing is asked.
 */
export const legacyModeRefusals = defineFact({
  key: "arm/legacy-mode-refusals",
  needs: { workspace, names: maybe(endpointNames), endpoints: raw(onlineEndpoints), failures: raw(deploymentFailures) },
  reads: ["Microsoft.Insights/eventtypes/values/read"],
  schema: refusals,
  async collect({ workspace: { id, properties }, names, endpoints, failures }, context) {
    if (properties.v1LegacyMode !== false) return absent;
    const named = (valueOf(failures) ?? []).filter(({ words }) => words.some((word) => /v1_?legacy_?mode/i.test(word)));
    const suspects = [
      ...(names === undefined ? [] : [`${id}/onlineEndpoints/${names.wanted}`]),
      ...(valueOf(endpoints) ?? [])
        .filter(({ endpoint }) => sameText(endpoint.properties.provisioningState, "Failed"))
        .map(({ endpoint }) => endpoint.id),
      ...named.map(({ endpointId }) => endpointId),
    ];
    const asked = [...new Set(suspects)].slice(0, atMost);
    if (asked.length === 0) return absent;
    const now = Date.now();
    const from = new Date(now - daysBack * 86_400_000).toISOString();
    const look = (resource: string) =>
      listAs(
        context,
        `/subscriptions/${context.target.subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`,
        apiVersions.activityLog,
        event,
        {
          $filter: `eventTimestamp ge '${from}' and eventTimestamp le '${new Date(now).toISOString()}' and resourceUri eq '${resource.replaceAll("'", "''")}'`,
          $select: "eventTimestamp,resourceId,operationName,status,properties",
        },
      );
    const [own, ...others] = await Promise.all([id, ...asked].map(look));
    const [gap] = gapsOf([...(own === undefined ? [] : [own]), ...others]);
    if (gap !== undefined) return gap;
    const writes = (own === undefined ? [] : (valueOf(own) ?? [])).filter(
      ({ operationName, status }) =>
        sameText(operationName?.value, "Microsoft.MachineLearningServices/workspaces/write") &&
        sameText(status?.value, "Succeeded"),
    );
    const last = others.flatMap((events, index) => {
      const ended = (valueOf(events) ?? [])
        .filter(
          ({ operationName, status }) =>
            /\/onlineEndpoints\/write$/i.test(operationName?.value ?? "") &&
            /^(?:succeeded|failed)$/i.test(status?.value ?? ""),
        )
        .sort(byTime)
        .at(-1);
      const endpointId = asked[index];
      if (ended === undefined || endpointId === undefined) return [];
      const refusal = sameText(ended.status?.value, "Failed") ? refusalOf(ended) : undefined;
      return [{ id: endpointId, at: ended.eventTimestamp, ...(refusal === undefined ? {} : { refusal }) }];
    });
    return seen({ writes: writes.sort(byTime).map(({ eventTimestamp }) => eventTimestamp), endpoints: last });
  },
});
