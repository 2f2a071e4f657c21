import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { absent, mapSeen, seen, valueOf, type Observation } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { listAs, observationOf } from "./arm-read.ts";
import { onlineEndpoints, type Deployment } from "./online-endpoints.ts";
import { text } from "./wire.ts";

const registrySchema = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({ publicNetworkAccess: text }),
});

const used = z.object({
  name: z.string(),
  /** Absent: no registry of this name stands in the workspace's subscription; Microsoft's own do not. */
  registry: observationOf(registrySchema),
  uses: z.array(
    z.object({
      endpointId: z.string(),
      deploymentId: z.string(),
      kind: z.enum(["model", "environment"]),
      /** The id of the asset, as the deployment has it. */
      asset: z.string(),
    }),
  ),
});
/** A registry of Azure Machine Learning (not of container images) and the deployments that take something from it. */
export type AssetRegistry = z.infer<typeof used>;

/** The registry in an asset's id: `azureml://registries/NAME/models/…`, or the same as an ARM id. */
export function registryOfAsset(asset: string | null | undefined): string | undefined {
  const arm = /^(\/subscriptions\/.*\/providers\/Microsoft\.MachineLearningServices\/registries\/[^/]+)\//i.exec(
    asset ?? "",
  )?.[1];
  return parseArmId(arm)?.name ?? /^azureml:\/\/registries\/([^/]+)\//i.exec(asset ?? "")?.[1];
}

function assetsOf({ properties }: Deployment): { kind: "model" | "environment"; asset: string; name: string }[] {
  const all = [
    { kind: "model" as const, asset: properties.model },
    { kind: "model" as const, asset: properties.codeConfiguration?.codeId },
    { kind: "environment" as const, asset: properties.environmentId },
  ];
  return all.flatMap(({ kind, asset }) => {
    const name = registryOfAsset(asset);
    return name === undefined || !asset ? [] : [{ kind, asset, name }];
  });
}

/** On Kubernetes the cluster fetches, by its own network. */
function isManaged({ properties }: Deployment): boolean {
  return !sameText(properties.endpointComputeType, "Kubernetes");
}

/** The registries that managed deployments take models, code or environments from. Absent when none does. */
export const assetRegistries = defineFact({
  key: "arm/asset-registries",
  needs: { onlineEndpoints },
  reads: ["Microsoft.MachineLearningServices/registries/read"],
  schema: z.array(used),
  async collect({ onlineEndpoints: endpoints }, context) {
    const uses = endpoints.flatMap(({ endpoint, deployments }) =>
      (valueOf(deployments) ?? [])
        .filter(isManaged)
        .flatMap((deployment) =>
          assetsOf(deployment).map((each) => ({ ...each, endpointId: endpoint.id, deploymentId: deployment.id })),
        ),
    );
    if (uses.length === 0) return absent;
    const path = `/subscriptions/${context.target.subscriptionId}/providers/Microsoft.MachineLearningServices/registries`;
    const listed = await listAs(context, path, apiVersions.machineLearning, registrySchema);
    return seen(
      [...Map.groupBy(uses, ({ name }) => name.toLowerCase())].map(([name, group]): AssetRegistry => {
        const own = mapSeen(listed, (all) => all.find((each) => sameText(each.name, name)));
        const registry: Observation<z.infer<typeof registrySchema>> =
          own.is !== "value" ? own : own.value === undefined ? absent : seen(own.value);
        return { name, registry, uses: group.map(({ name: _, ...use }) => use) };
      }),
    );
  },
});
