import * as z from "zod";
import { refusedCallIn, refusedCallSchema, type RefusedCall } from "./refused-call.ts";
import { maskSecrets } from "./secret-mask.ts";

const step = z.enum(["system-setup", "image-pull", "model-download", "container-start"]);

/** What is kept of a deployment's log: never the text itself, which holds the user's data. */
export const deploymentLogSchema = z.object({
  /** The service's own status lines, in its words: `Succeeded`, `Failed`, `Pending`, … */
  steps: z.partialRecord(step, z.string()),
  /** Events of other types than `Normal`; at most 10, the latest. */
  warnings: z.array(z.object({ name: z.string(), message: z.string() })),
  /** Documented error codes that the service itself wrote, with their line; each code once. */
  codes: z.array(z.object({ code: z.string(), line: z.string() })),
  /** Workers of the inference server that were killed or could not boot. */
  crashes: z.number(),
  crashLine: z.string().optional(),
  tracebacks: z.number(),
  /** The last line of the last traceback. */
  exception: z.string().optional(),
  /** Whether the user's `init()` is seen to have completed. */
  initCompleted: z.boolean(),
  /** What the last scoring request that the log tells of came to; absent when it tells of none. */
  lastScoring: z.enum(["succeeded", "failed"]).optional(),
  /** Answers with status 500 and above to scoring requests. */
  serverErrors: z.number(),
  /** Hosts that the container tried to reach and could not; each once. */
  refusedCalls: z.array(refusedCallSchema),
});
export type DeploymentLog = z.infer<typeof deploymentLogSchema>;

const stepNames: Readonly<Record<string, z.infer<typeof step>>> = {
  systemsetup: "system-setup",
  usercontainerimagepull: "image-pull",
  modeldownload: "model-download",
  usercontainerstart: "container-start",
};

/** Codes and sentences of "Troubleshoot online endpoints". They count at the start of a line or behind `code:` only: a
 * library's `openai.InternalServerError` is the model's trouble, not the service's. */
const codes =
  /(?:^|\b(?:error)?code["']?\s*[:=]\s*["']?|^error:\s*)(OutOfQuota|OutOfCapacity|RequestDisallowedByPolicy|InvalidTemplateDeployment|WorkspaceManagedNetworkNotReady|SecretsInjectionError|ImageBuildFailure|ResourceNotReady|ResourceNotFound|UserScript\w+|BadArgument|OperationCanceled|InternalServerError|AuthorizationFailed)\b/i;
const sentences: readonly [RegExp, string][] = [
  [/unable to download user container image/i, "UnableToDownloadImage"],
  [/unable to download user model/i, "UnableToDownloadModel"],
  [/EgressPublicNetworkAccess\b.*\bno longer supported/i, "EgressFlagWithManagedNetwork"],
  [
    /egress.?public.?network.?access\b.*\b(?:cannot|can't|not allowed to) be (?:changed|updated|modified)/i,
    "EgressFlagChanged",
  ],
  [/MLflow model format with private network is unsupported/i, "MlflowWithPrivateNetwork"],
  [/failed to communicate with the workspace'?s container registry/i, "ImageBuildFailure"],
  [/^(?:\w+:\s*)?(?:the )?(?:environment )?image build (?:has )?failed\b/i, "ImageBuildFailure"],
];

const event = /^Kind:\s*.*?,\s*Name:\s*(.*?),\s*Type:\s*(.*?),(?:\s*Time:\s*.*?,)?\s*Message:\s*(.*)$/i;
const stamp = /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?\s*/;
const crash =
  /Worker \(pid:\d+\) (?:was sent|exited with code [1-9])|Worker failed to boot|segmentation fault|terminated by signal|OOMKilled/i;
const scored = /"POST \/[^"]*"\s+(\d{3})\b/;

/** The time at the start of a line taken off: both forms in use, with `T` and `Z` or with a space and a comma. */
function withoutStamp(line: string): string {
  return line.replace(stamp, "").replace(/^[A-Z] \[\d+\] /, "");
}

/** Reads a deployment's log as `getLogs` gives it. Pure; takes at most the last 400,000 characters. */
export function readDeploymentLog(content: string): DeploymentLog {
  const log: DeploymentLog = {
    steps: {},
    warnings: [],
    codes: [],
    crashes: 0,
    tracebacks: 0,
    initCompleted: false,
    serverErrors: 0,
    refusedCalls: [],
  };
  const calls = new Map<string, RefusedCall>();
  let inTraceback = false;
  for (const line of content.slice(-400_000).split(/\r?\n/)) {
    const status = /^\s*(\w+):\s*(\w+)\s*$/.exec(line);
    const name = stepNames[status?.[1]?.toLowerCase() ?? ""];
    if (name !== undefined && status?.[2] !== undefined) {
      log.steps[name] = status[2];
      continue;
    }
    const happened = event.exec(line.trim());
    const said = withoutStamp(happened?.[3] ?? line);
    if (happened !== null && !/^normal$/i.test(happened[2] ?? ""))
      log.warnings = [...log.warnings, { name: maskSecrets(happened[1] ?? "", 60), message: maskSecrets(said) }].slice(
        -10,
      );
    readCode(said, log);
    if (/Users?'?s?'?s? init(?: function)? has completed/i.test(said)) log.initCompleted = true;
    if (crash.test(said)) {
      log.crashes += 1;
      log.crashLine = maskSecrets(said, 160);
      log.lastScoring = "failed";
    }
    const answered = scored.exec(said)?.[1];
    if (answered !== undefined) {
      const code = Number(answered);
      if (code >= 500) log.serverErrors += 1;
      if (code < 400) log.lastScoring = "succeeded";
      else if (code >= 500) log.lastScoring = "failed";
    }
    if (said.includes("Traceback (most recent call last)")) {
      inTraceback = true;
      log.tracebacks += 1;
    } else if (inTraceback && /^\S/.test(line) && line.trim() !== "") {
      inTraceback = false;
      log.exception = maskSecrets(said, 200);
      // Before init() has completed there is no scoring, only a start that fails.
      if (log.initCompleted) log.lastScoring = "failed";
    }
    const call = refusedCallIn(said);
    if (call !== undefined) calls.set(`${call.host}:${call.port ?? ""}`, call);
  }
  log.refusedCalls = [...calls.values()].slice(0, 20);
  return log;
}

function readCode(said: string, log: DeploymentLog): void {
  const sentence = sentences.find(([shape]) => shape.test(said))?.[1];
  const code = sentence ?? codes.exec(said.trim())?.[1];
  if (code !== undefined && log.codes.length < 10 && !log.codes.some((known) => known.code === code))
    log.codes.push({ code, line: maskSecrets(said.trim()) });
}
