import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { mapSeen, seen, valueOf } from "../model/observation.ts";
import { getAs, listAs, observationOf } from "./arm-read.ts";
import { flag, identity, text } from "./wire.ts";
import { workspace } from "./workspace.ts";

export const onlineEndpointSchema = z.object({
  id: z.string(),
  name: z.string(),
  location: text,
  kind: text,
  identity,
  properties: z.object({
    scoringUri: text,
    swaggerUri: text,
    authMode: text,
    provisioningState: text,
    /** The Kubernetes compute; null or absent for managed endpoints. */
    compute: text,
    publicNetworkAccess: text,
    traffic: z.record(z.string(), z.number()).nullish(),
    mirrorTraffic: z.record(z.string(), z.number()).nullish(),
  }),
});
export type OnlineEndpoint = z.infer<typeof onlineEndpointSchema>;

export const deploymentSchema = z.object({
  id: z.string(),
  name: z.string(),
  sku: z.object({ name: text, capacity: z.number().nullish() }).nullish(),
  properties: z.object({
    endpointComputeType: text,
    provisioningState: text,
    instanceType: text,
    /** Egress of the deployment where the workspace has no managed network; it cannot be changed afterwards. */
    egressPublicNetworkAccess: text,
    environmentId: text,
    environmentVariables: z.record(z.string(), z.string().nullable()).nullish(),
    model: text,
    appInsightsEnabled: flag,
    codeConfiguration: z.object({ codeId: text, scoringScript: text }).nullish(),
    requestSettings: z.object({ requestTimeout: text, maxQueueWait: text }).nullish(),
    /** The service's own bag; error texts land here in some versions. */
    properties: z.record(z.string(), z.string().nullable()).nullish(),
  }),
});
export type Deployment = z.infer<typeof deploymentSchema>;

const withDeployments = z.object({
  endpoint: onlineEndpointSchema,
  deployments: observationOf(z.array(deploymentSchema)),
});
export type EndpointWithDeployments = z.infer<typeof withDeployments>;

/**
 * The online endpoints in question with their deployments: the one that was asked for, or all of the workspace. Absent
 * when the one asked for does not exist.
 */
export const onlineEndpoints = defineFact({
  key: "arm/online-endpoints",
  needs: { workspace },
  reads: [
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/read",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/read",
  ],
  schema: z.array(withDeployments),
  async collect({ workspace: { id } }, context) {
    const { endpoint: wanted } = context.target;
    const endpoints =
      wanted === undefined
        ? await listAs(context, `${id}/onlineEndpoints`, apiVersions.machineLearning, onlineEndpointSchema)
        : mapSeen(
            await getAs(context, `${id}/onlineEndpoints/${wanted}`, apiVersions.machineLearning, onlineEndpointSchema),
            (one) => [one],
          );
    if (endpoints.is !== "value") return endpoints;
    return seen(
      await Promise.all(
        endpoints.value.map(async (endpoint) => ({
          endpoint,
          deployments: await listAs(
            context,
            `${endpoint.id}/deployments`,
            apiVersions.machineLearning,
            deploymentSchema,
          ),
        })),
      ),
    );
  },
});

/** Whether an endpoint runs on a Kubernetes compute rather than on Microsoft's machines. */
export function onKubernetes({ endpoint, deployments }: EndpointWithDeployments): boolean {
  if (endpoint.properties.compute) return true;
  return (valueOf(deployments) ?? []).some(
    (deployment) => deployment.properties.endpointComputeType?.toLowerCase() === "kubernetes",
  );
}
