import type { AzureMachineLearningWorkspaces } from "@azure/arm-machinelearning";
import type { ArmPipeline } from "./pipeline.ts";
import { firstPage, onPipeline, typedClient, type TypedCall, type TypedClient } from "./typed-route.ts";

const calls: Readonly<Record<string, TypedCall<AzureMachineLearningWorkspaces>>> = {
  "subscription:workspaces": (client, options) => firstPage(client.workspaces.listBySubscription(options)),
  workspaces: (client, options, { resourceGroup }) =>
    firstPage(client.workspaces.listByResourceGroup(resourceGroup, options)),
  "workspaces/*": (client, options, { resourceGroup, names: [workspace] }) =>
    client.workspaces.get(resourceGroup, workspace, options),
  "workspaces/*/privateendpointconnections": (client, options, { resourceGroup, names: [workspace] }) =>
    firstPage(client.privateEndpointConnections.list(resourceGroup, workspace, options)),
  "workspaces/*/datastores": (client, options, { resourceGroup, names: [workspace] }) =>
    firstPage(client.datastores.list(resourceGroup, workspace, options)),
  "workspaces/*/computes": (client, options, { resourceGroup, names: [workspace] }) =>
    firstPage(client.computeOperations.list(resourceGroup, workspace, options)),
  "workspaces/*/computes/*": (client, options, { resourceGroup, names: [workspace, compute] }) =>
    client.computeOperations.get(resourceGroup, workspace, compute, options),
  "workspaces/*/onlineendpoints": (client, options, { resourceGroup, names: [workspace] }) =>
    firstPage(client.onlineEndpoints.list(resourceGroup, workspace, options)),
  "workspaces/*/onlineendpoints/*": (client, options, { resourceGroup, names: [workspace, endpoint] }) =>
    client.onlineEndpoints.get(resourceGroup, workspace, endpoint, options),
  "workspaces/*/onlineendpoints/*/deployments": (client, options, { resourceGroup, names: [workspace, endpoint] }) =>
    firstPage(client.onlineDeployments.list(resourceGroup, workspace, endpoint, options)),
  "workspaces/*/onlineendpoints/*/deployments/*": (
    client,
    options,
    { resourceGroup, names: [workspace, endpoint, deployment] },
  ) => client.onlineDeployments.get(resourceGroup, workspace, endpoint, deployment, options),
};

/** Workspaces, their endpoints, deployments, datastores and computes through `@azure/arm-machinelearning`. Its model is
 * older than the api-version that we ask with and invents defaults, so that only its requests are used, never its
 * reading of the answers. */
export function machineLearning(arm: ArmPipeline): TypedClient {
  return typedClient("microsoft.machinelearningservices", calls, async (subscriptionId, apiVersion) => {
    const { AzureMachineLearningWorkspaces } = await import("@azure/arm-machinelearning");
    return new AzureMachineLearningWorkspaces(arm.credential, subscriptionId, onPipeline(arm, apiVersion));
  });
}
