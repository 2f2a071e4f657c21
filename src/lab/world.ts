import * as z from "zod";
import { mergePatch, patchResources } from "./merge-patch.ts";

/** The one format of world files that this lab reads. */
export const worldFormat = "aml-doctor/world@1";

const text = z.string().min(1);
const port = z.int().min(1).max(65535);
const status = z.int().min(100).max(599);
const dateTime = z.string().refine((value) => !Number.isNaN(Date.parse(value)), "expected a date and time");
/** Header values as they go on the wire; authors may write numbers, or a list for a repeated header. */
const headers = z.record(
  text,
  z.union([z.string(), z.number().transform(String), z.array(z.string()).transform((values) => values.join(", "))]),
);
/** A body that is not text is JSON, and is served as such. */
const httpBody = z.unknown().transform((body) => (typeof body === "string" ? body : JSON.stringify(body ?? "")));

/** A resource in wire form: what Azure would send, so nothing of it is checked but what the lab itself reads. */
const resource = z.looseObject({ id: z.string().startsWith("/"), type: text, name: z.string().optional() });

const arm = z.strictObject({
  resources: z.array(resource),
  actions: z
    .array(
      z.strictObject({
        method: text,
        path: z.string().startsWith("/"),
        status,
        headers: headers.optional(),
        body: z.unknown().optional(),
      }),
    )
    .default([]),
  denied: z.array(z.strictObject({ action: text, scope: z.string().startsWith("/") })).default([]),
  faults: z
    .array(
      z.strictObject({
        match: text,
        status: status.optional(),
        headers: headers.optional(),
        body: z.unknown().optional(),
        delayMs: z.number().nonnegative().optional(),
        times: z.int().nonnegative().optional(),
      }),
    )
    .default([]),
});

const dnsServer = z.strictObject({
  records: z
    .array(z.strictObject({ name: z.string(), type: text, ttl: z.int().nonnegative().optional(), data: z.string() }))
    .default([]),
  overrides: z
    .array(
      z.strictObject({
        name: text,
        type: text.optional(),
        rcode: text.optional(),
        behaviour: z.enum(["timeout", "truncate", "udp-timeout", "malformed"]).optional(),
      }),
    )
    .default([]),
});

const endpoint = z.strictObject({
  address: text,
  port,
  tcp: z.enum(["open", "refused", "timeout", "reset"]),
  tls: z
    .strictObject({
      names: z.array(text),
      issuer: z.enum(["public-ca", "corporate-ca", "self-signed"]),
      notBefore: dateTime.optional(),
      notAfter: dateTime.optional(),
    })
    .optional(),
  http: z
    .array(
      z.strictObject({
        host: text.optional(),
        method: text.optional(),
        path: text.optional(),
        status,
        headers: headers.optional(),
        body: httpBody.optional(),
      }),
    )
    .optional(),
});

const proxy = z.strictObject({
  address: text,
  port,
  resolver: text.optional(),
  /** `outcome` is an `address:port` of the endpoints, or a status code. */
  connect: z.array(z.strictObject({ host: text, outcome: z.union([text, status.transform(String)]) })),
});

const cluster = z.strictObject({
  resourceId: text,
  reachable: z.boolean().default(true),
  objects: z.array(z.looseObject({})).default([]),
  exec: z
    .array(
      z.strictObject({
        namespace: text,
        pod: text.optional(),
        deployment: text.optional(),
        command: z.string(),
        stdout: z.string(),
        stderr: z.string().optional(),
        exitCode: z.int(),
      }),
    )
    .default([]),
  logs: z
    .array(z.strictObject({ namespace: text, pod: text, container: text.optional(), text: z.string() }))
    .default([]),
  denied: z.array(z.strictObject({ verb: text, resource: text, namespace: text.optional() })).default([]),
});

const worldSchema = z.strictObject({
  format: z.literal(worldFormat),
  id: text,
  title: z.string().default(""),
  cloud: z.enum(["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"]),
  identity: z.strictObject({
    tenantId: text,
    objectId: text,
    clientId: text,
    kind: z.enum(["managedIdentity", "servicePrincipal"]),
  }),
  target: z.strictObject({
    subscriptionId: text,
    resourceGroup: text,
    workspace: text,
    endpoint: text.optional(),
    deployment: text.optional(),
  }),
  vantage: z.strictObject({
    name: text,
    resourceId: text.optional(),
    vnetId: text.optional(),
    subnetId: text.optional(),
    addresses: z.array(text),
    resolvers: z.array(text),
    environment: z.record(z.string(), z.string()).default({}),
    hostsFile: z.record(z.string(), z.string()).default({}),
  }),
  arm,
  dns: z.strictObject({ servers: z.record(z.string(), dnsServer).default({}) }).default({ servers: {} }),
  network: z
    .strictObject({ endpoints: z.array(endpoint).default([]), proxy: proxy.nullish() })
    .default({ endpoints: [] }),
  kubernetes: z.strictObject({ clusters: z.array(cluster).default([]) }).default({ clusters: [] }),
});

/** A simulated Azure estate, as a client sees it on the wire. */
export type World = z.infer<typeof worldSchema>;

/** One ARM resource of a world. */
export type WorldResource = World["arm"]["resources"][number];

/** A world that cannot be used: where (file and path within it) and why. */
export class WorldError extends Error {
  readonly file: string;
  /** Where in the document, such as `arm.resources[3].id`; empty for the document as a whole. */
  readonly path: string;
  readonly reason: string;

  constructor(file: string, path: string, reason: string) {
    super(path === "" ? `${file}: ${reason}` : `${file}: ${path}: ${reason}`);
    this.name = "WorldError";
    this.file = file;
    this.path = path;
    this.reason = reason;
  }
}

/** Reads a world file. `file` is its name in messages. Throws WorldError with the first thing that is wrong. */
export function parseWorld(text: string, file: string): World {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new WorldError(file, "", `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return checkWorld(document, file);
}

/**
 * A variation of a world: a JSON Merge Patch (RFC 7396), in which `arm.resources` may be an object keyed by resource id
 * (without case): null takes the resource away, an unknown id adds one. Throws WorldError when the result is no world.
 */
export function applyPatch(world: World, patch: unknown): World {
  const file = `${world.id} (patched)`;
  if (!isObject(patch)) throw new WorldError(file, "", "a patch is a JSON object");
  const armPatch = patch["arm"];
  if (!isObject(armPatch) || !isObject(armPatch["resources"])) return checkWorld(mergePatch(world, patch), file);
  const { resources, ...rest } = armPatch;
  const patched = mergePatch(world, { ...patch, arm: rest });
  return checkWorld(mergePatch(patched, { arm: { resources: patchResources(world.arm.resources, resources) } }), file);
}

function checkWorld(document: unknown, file: string): World {
  const format = isObject(document) ? document["format"] : undefined;
  if (format !== worldFormat) {
    throw new WorldError(
      file,
      "format",
      `is ${format === undefined ? "absent" : JSON.stringify(format)}; this lab reads ${worldFormat} only`,
    );
  }
  const result = worldSchema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new WorldError(file, pathText(issue?.path ?? []), issue?.message ?? "does not follow the format");
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join("");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
