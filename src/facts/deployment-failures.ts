import * as z from "zod";
import { sameId } from "../model/arm-id.ts";
import { defineFact, raw } from "../model/fact.ts";
import { seen, valueOf, type Observation } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { observationOf } from "./arm-read.ts";
import { deploymentLogSchema, readDeploymentLog, type DeploymentLog } from "./deployment-log-text.ts";
import { deploymentLogs } from "./deployment-logs.ts";
import { onlineEndpoints, type Deployment } from "./online-endpoints.ts";

const stages = [
  "quota",
  "policy",
  "managed-network",
  "secrets",
  "egress-flag",
  "egress-flag-changed",
  "mlflow",
  "image-build",
  "image-pull",
  "model-download",
  "container-start",
  "authorization",
  "cancelled",
  "service",
  "unstated",
] as const;

const failure = z.object({
  endpointId: z.string(),
  deploymentId: z.string(),
  name: z.string(),
  provisioningState: z.string(),
  kubernetes: z.boolean(),
  /** Where the service says that it stopped; `unstated` when nothing says. */
  stage: z.enum(stages),
  /** The service's own words for it: a status line, an event, an error line. */
  words: z.array(z.string()),
  log: observationOf(deploymentLogSchema),
});
/** A deployment that did not come up, and where the service says that it stopped. */
export type DeploymentFailure = z.infer<typeof failure>;

const stageOfCode: Readonly<Record<string, DeploymentFailure["stage"]>> = {
  outofquota: "quota",
  outofcapacity: "quota",
  requestdisallowedbypolicy: "policy",
  invalidtemplatedeployment: "policy",
  workspacemanagednetworknotready: "managed-network",
  secretsinjectionerror: "secrets",
  egressflagwithmanagednetwork: "egress-flag",
  egressflagchanged: "egress-flag-changed",
  mlflowwithprivatenetwork: "mlflow",
  imagebuildfailure: "image-build",
  unabletodownloadimage: "image-pull",
  unabletodownloadmodel: "model-download",
  resourcenotready: "container-start",
  authorizationfailed: "authorization",
  operationcanceled: "cancelled",
  internalservererror: "service",
};

/** The stage at which a deployment stopped and the words that say so. Codes come first: a quota error leaves every later
 * step pending, and a build error shows as an image that cannot be pulled. */
export function stageOf(
  log: DeploymentLog | undefined,
  provisioningState: string,
): Pick<DeploymentFailure, "stage" | "words"> {
  const ranked = (log?.codes ?? []).flatMap(({ code, line }) => {
    const known = stageOfCode[code.toLowerCase()] ?? (/^userscript/i.test(code) ? "container-start" : undefined);
    if (known === undefined && sameText(code, "BadArgument") && /authorization error/i.test(line))
      return [{ stage: "authorization" as const, line }];
    return known === undefined ? [] : [{ stage: known, line }];
  });
  ranked.sort((a, b) => stages.indexOf(a.stage) - stages.indexOf(b.stage));
  const first = ranked[0];
  const failed = (step: keyof DeploymentLog["steps"]): boolean => sameText(log?.steps[step], "Failed");
  const events = log?.warnings ?? [];
  const told = (shape: RegExp): string[] =>
    events.filter(({ name, message }) => shape.test(`${name} ${message}`)).map(({ message }) => message);
  if (first !== undefined && stages.indexOf(first.stage) <= stages.indexOf("image-build"))
    return { stage: first.stage, words: [first.line] };
  const pull = told(/pull.*image|image.*pull|ImagePullBackOff|ErrImagePull/i);
  if (failed("image-pull") || first?.stage === "image-pull" || pull.length > 0)
    return {
      stage: "image-pull",
      words: [
        ...(failed("image-pull") ? ["UserContainerImagePull: Failed"] : []),
        ...(first?.stage === "image-pull" ? [first.line] : []),
        ...pull.slice(-1),
      ],
    };
  const download = told(/download.*model|model.*download|storage.?initializer/i);
  if (failed("model-download") || first?.stage === "model-download" || download.length > 0)
    return {
      stage: "model-download",
      words: [
        ...(failed("model-download") ? ["ModelDownload: Failed"] : []),
        ...(first?.stage === "model-download" ? [first.line] : []),
        ...download.slice(-1),
      ],
    };
  const start = told(/back-?off|crashloop|unhealthy|probe failed|failed to start|OOMKilled/i);
  if (failed("container-start") || first?.stage === "container-start" || start.length > 0 || (log?.crashes ?? 0) > 0) {
    const seenThere = [
      failed("container-start") ? "UserContainerStart: Failed" : undefined,
      first?.stage === "container-start" ? first.line : undefined,
      start.at(-1),
      log?.crashLine,
      log?.exception,
    ];
    return { stage: "container-start", words: seenThere.filter((word) => word !== undefined) };
  }
  if (first !== undefined) return { stage: first.stage, words: [first.line] };
  return /^cancell?ed$/i.test(provisioningState)
    ? { stage: "cancelled", words: [`provisioningState: ${provisioningState}`] }
    : { stage: "unstated", words: [] };
}

function failureOf(
  endpointId: string,
  { id, name, properties }: Deployment,
  logs: Observation<readonly { id: string; is: Observation<DeploymentLog> }[]>,
): DeploymentFailure {
  const log: Observation<DeploymentLog> =
    logs.is === "value" ? (logs.value.find((each) => sameId(each.id, id))?.is ?? { is: "absent" }) : logs;
  const state = properties.provisioningState ?? "";
  // Some versions of the service leave the error in the deployment's own bag; the operation's address there is none.
  const bag = readDeploymentLog(
    Object.values(properties.properties ?? {})
      .filter((word) => typeof word === "string" && !word.startsWith("http"))
      .join("\n"),
  );
  const known = valueOf(log);
  const joined = known === undefined ? bag : { ...known, codes: [...bag.codes, ...known.codes] };
  const kubernetes = sameText(properties.endpointComputeType, "Kubernetes");
  return { endpointId, deploymentId: id, name, provisioningState: state, kubernetes, ...stageOf(joined, state), log };
}

/** The deployments in state Failed or Canceled, each with the stage at which the service says it stopped. */
export const deploymentFailures = defineFact({
  key: "derived/deployment-failures",
  needs: { onlineEndpoints, logs: raw(deploymentLogs) },
  reads: [],
  schema: z.array(failure),
  collect({ onlineEndpoints: endpoints, logs }) {
    return seen(
      endpoints.flatMap(({ endpoint, deployments }) =>
        (valueOf(deployments) ?? [])
          .filter(({ properties }) => /^(?:failed|cancell?ed)$/i.test(properties.provisioningState ?? ""))
          .map((deployment) => failureOf(endpoint.id, deployment, logs)),
      ),
    );
  },
});
