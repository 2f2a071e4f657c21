import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { listAs } from "./arm-read.ts";
import { flag, identity, subResource, text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const errorDetail = z.object({ code: text, message: text });
/** Compute errors come as `{error: {code, message}}` and, from some versions, without the wrapper. */
const computeError = z.object({ error: errorDetail.nullish(), code: text, message: text });
const count = z.number().nullish();

export const computeSchema = z.object({
  id: z.string(),
  name: z.string(),
  location: text,
  identity,
  properties: z.object({
    /** `AmlCompute`, `ComputeInstance`, `Kubernetes`, `AKS`, `VirtualMachine`, … */
    computeType: text,
    computeLocation: text,
    provisioningState: text,
    provisioningErrors: z.array(computeError).nullish(),
    createdOn: text,
    modifiedOn: text,
    isAttachedCompute: flag,
    disableLocalAuth: flag,
    /** The attached cluster or machine. */
    resourceId: text,
    properties: z
      .object({
        // Kubernetes
        namespace: text,
        extensionPrincipalId: text,
        defaultInstanceType: text,
        // AKS of v1
        clusterFqdn: text,
        clusterPurpose: text,
        loadBalancerType: text,
        loadBalancerSubnet: text,
        // Attached virtual machines
        address: text,
        sshPort: count,
        // Machines of Azure Machine Learning
        allocationState: text,
        errors: z.array(computeError).nullish(),
        subnet: subResource.nullish(),
        enableNodePublicIp: flag,
        isolatedNetwork: flag,
        vmSize: text,
        currentNodeCount: count,
        targetNodeCount: count,
        nodeStateCounts: z
          .object({
            idleNodeCount: count,
            leavingNodeCount: count,
            preemptedNodeCount: count,
            preparingNodeCount: count,
            runningNodeCount: count,
            unusableNodeCount: count,
          })
          .nullish(),
        scaleSettings: z.object({ maxNodeCount: count, minNodeCount: count }).nullish(),
        state: text,
        connectivityEndpoints: z.object({ publicIpAddress: text, privateIpAddress: text }).nullish(),
        lastOperation: z.object({ operationName: text, operationStatus: text, operationTime: text }).nullish(),
      })
      .nullish(),
  }),
});
export type Compute = z.infer<typeof computeSchema>;

/** The computes of the workspace, attached clusters among them. */
export const computes = defineFact({
  key: "arm/computes",
  needs: { workspace },
  reads: ["Microsoft.MachineLearningServices/workspaces/computes/read"],
  schema: z.array(computeSchema),
  collect: ({ workspace: { id } }, context) =>
    listAs(context, `${id}/computes`, apiVersions.machineLearning, computeSchema),
});

/** What a compute says went wrong: `Code: message`, in the service's order. */
export function computeErrors({ properties }: Compute): string[] {
  return [...(properties.provisioningErrors ?? []), ...(properties.properties?.errors ?? [])].flatMap((each) => {
    const { code, message } = each.error ?? each;
    const line = [code, message].filter((part) => part).join(": ");
    return line === "" ? [] : [line];
  });
}
