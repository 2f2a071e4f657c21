import * as z from "zod";
import { hopSchema, matrixRowSchema } from "./picture.ts";
import { changesSchema } from "./changes.ts";

/** The report: the public interface of the product. Additions are free; anything else needs a new version. */
export const reportSchemaId = "aml-doctor/report@1";

const evidence = z.strictObject({
  kind: z.enum(["arm", "dns", "tcp", "tls", "http", "log", "machine", "kubernetes", "proxy"]),
  source: z.string(),
  observed: z.string(),
  expected: z.string().optional(),
});

const remediation = z.strictObject({
  summary: z.string(),
  commands: z.array(z.strictObject({ shell: z.enum(["az", "kubectl", "powershell", "sh"]), text: z.string() })),
  warning: z.string().optional(),
  takesEffect: z.string().optional(),
  verify: z.array(z.string()),
  docs: z.string().optional(),
});

const candidate = z.strictObject({
  id: z.string().describe("Failure id of the catalogue"),
  title: z.string(),
  test: z.string().describe("What would decide: a test with its command, or the missing permission"),
});

export const findingSchema = z.strictObject({
  id: z.string().describe("The failure id for a failing finding, else the probe's id"),
  probe: z.string(),
  status: z.enum(["pass", "warn", "fail", "unknown", "skipped"]),
  subject: z.string(),
  summary: z.string(),
  detail: z.string().optional(),
  confidence: z.enum(["confirmed", "likely"]).optional(),
  evidence: z.array(evidence),
  causedBy: z.array(z.string()).describe("Ids of the root causes that explain a failing finding"),
  possiblyCausedBy: z.array(z.string()).optional().describe("Causes that could not be checked and would explain it"),
  notReached: z.literal(true).optional().describe("Skipped since the playbook ended before it: it has not looked"),
  remediation: z.array(remediation).optional().describe("For warnings, which are no root causes"),
});

export const rootCauseSchema = z.strictObject({
  id: z.string().describe("Failure id of the catalogue"),
  probe: z.string(),
  subject: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  severity: z.enum(["error", "warning"]),
  confidence: z.enum(["confirmed", "likely"]),
  inferredFrom: z.string().optional().describe("What a likely cause is inferred from"),
  evidence: z.array(evidence),
  explains: z.array(z.strictObject({ id: z.string(), subject: z.string(), summary: z.string() })),
  why: z.array(z.strictObject({ id: z.string(), by: z.string() })).describe("Rival causes and what rules each out"),
  possiblyCausedBy: z.array(z.string()).optional().describe("Deeper causes that could not be checked"),
  candidates: z.array(candidate).optional().describe("Those deeper causes, each with the test that would decide"),
  healing: z.literal("by-itself").optional().describe("Waiting may end it: an approval, an operation, an expiry"),
  remediation: z.array(remediation),
  docs: z.array(z.string()),
});

export const unknownSchema = z.strictObject({
  probe: z.string(),
  subject: z.string(),
  reason: z.string(),
  permission: z.string().optional(),
  role: z.string().optional().describe("The smallest built-in role with that permission"),
  scope: z.string().optional().describe("Where the permission was refused, when the service said so"),
  consequence: z.string(),
  candidates: z.array(candidate).optional().describe("The causes that the evidence cannot tell apart"),
  matters: z.boolean().describe("Whether the verdict could be another one if this were known"),
});

export const reportSchema = z.strictObject({
  schema: z.literal(reportSchemaId),
  tool: z.strictObject({ name: z.literal("aml-doctor"), version: z.string() }),
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  playbook: z.string(),
  target: z.strictObject({
    subscriptionId: z.string(),
    resourceGroup: z.string(),
    workspace: z.string(),
    endpoint: z.string().optional(),
    deployment: z.string().optional(),
    cloud: z.string(),
  }),
  vantage: z.strictObject({
    name: z.string(),
    addresses: z.array(z.string()),
    resolvers: z.array(z.string()),
    azureDns: z.string(),
    resourceId: z.string().optional(),
    vnetId: z.string().optional(),
    proxy: z.record(z.string(), z.string()).optional(),
    resolverRules: z
      .array(z.strictObject({ namespace: z.string(), servers: z.array(z.string()) }))
      .optional()
      .describe("Names that this machine asks elsewhere: Windows' name resolution policy table"),
  }),
  verdict: z.enum(["healthy", "unhealthy", "inconclusive"]),
  complete: z.boolean().describe("False when the run was interrupted or met its deadline"),
  rootCauses: z.array(rootCauseSchema),
  findings: z.array(findingSchema),
  unknowns: z.array(unknownSchema),
  path: z.array(hopSchema).optional().describe("The way from this machine to what a deployment needs, hop by hop"),
  matrix: z.array(matrixRowSchema).optional().describe("Each name: what is meant, each resolver, TCP, TLS, HTTP"),
  changes: changesSchema.optional().describe("Of `aml-doctor check` only: how this compares with earlier checks"),
  stats: z.strictObject({
    armRequests: z.int().nonnegative(),
    dnsQueries: z.int().nonnegative(),
    connections: z.int().nonnegative(),
    retries: z.int().nonnegative(),
    cacheHits: z.int().nonnegative(),
  }),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportFinding = z.infer<typeof findingSchema>;
export type RootCause = z.infer<typeof rootCauseSchema>;
export type Unknown = z.infer<typeof unknownSchema>;
