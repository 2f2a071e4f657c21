import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { mapSeen, seen, valueOf, type Observation } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import { sameText } from "../model/text.ts";
import { eachOf, readAs } from "./arm-read.ts";
import { deploymentLogSchema, readDeploymentLog, type DeploymentLog } from "./deployment-log-text.ts";
import { onlineEndpoints } from "./online-endpoints.ts";

const answer = z.object({ content: z.string().nullish() });

async function look(
  context: Context,
  id: string,
  containerType: "InferenceServer" | "StorageInitializer",
): Promise<Observation<DeploymentLog>> {
  const at = `${id}/getLogs`;
  const said = await context.arm.read(at, {
    apiVersion: apiVersions.machineLearning,
    action: "getLogs",
    body: { containerType, tail: 500 },
  });
  return mapSeen(readAs(answer, said, `POST ${at}`), ({ content }) => readDeploymentLog(content ?? ""));
}

/** What the storage initializer adds to the inference server's log of a deployment whose model never came. */
function merged(server: DeploymentLog, initializer: DeploymentLog): DeploymentLog {
  const codes = [
    ...server.codes,
    ...initializer.codes.filter(({ code }) => !server.codes.some((known) => known.code === code)),
  ];
  const calls = [
    ...server.refusedCalls,
    ...initializer.refusedCalls.filter(({ host }) => !server.refusedCalls.some((known) => known.host === host)),
  ];
  const exception = server.exception ?? initializer.exception;
  return {
    ...server,
    codes,
    refusedCalls: calls,
    steps: { ...initializer.steps, ...server.steps },
    ...(exception === undefined ? {} : { exception }),
  };
}

/**
 * What each deployment's log tells, by deployment. The log itself is not kept. Absent for a deployment that has none.
 * The storage initializer is asked only where the deployment failed and the model is not seen to have been downloaded.
 */
export const deploymentLogs = defineFact({
  key: "arm/deployment-logs",
  needs: { onlineEndpoints },
  reads: ["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/getLogs/action"],
  schema: z.array(eachOf(deploymentLogSchema)),
  async collect({ onlineEndpoints: endpoints }, context) {
    const wanted = context.target.deployment;
    const deployments = endpoints.flatMap((each) => valueOf(each.deployments) ?? []);
    const asked =
      wanted !== undefined && deployments.some(({ name }) => sameText(name, wanted))
        ? deployments.filter(
            ({ name, properties }) => sameText(name, wanted) || sameText(properties.provisioningState, "Failed"),
          )
        : deployments;
    return seen(
      await Promise.all(
        asked.slice(0, 50).map(async ({ id, properties }) => {
          const server = await look(context, id, "InferenceServer");
          if (server.is === "gap" || !sameText(properties.provisioningState, "Failed")) return { id, is: server };
          if (server.is === "value" && sameText(server.value.steps["model-download"], "Succeeded"))
            return { id, is: server };
          const initializer = await look(context, id, "StorageInitializer");
          if (server.is !== "value") return { id, is: initializer };
          return { id, is: initializer.is === "value" ? seen(merged(server.value, initializer.value)) : server };
        }),
      ),
    );
  },
});
