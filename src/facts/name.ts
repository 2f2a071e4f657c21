import * as z from "zod";

/** The services that have names of their own. */
export const services = [
  "workspace-api",
  "workspace-cert",
  "notebooks",
  "inference",
  "key-vault",
  "blob",
  "file",
  "queue",
  "table",
  "dfs",
  "registry",
  "registry-data",
] as const;
export type Service = (typeof services)[number];

/** An address that a private endpoint has for a name. */
const expectedAddress = z.object({
  address: z.string(),
  privateEndpointId: z.string(),
  subnetId: z.string().optional(),
  /** Where the address was read: never from a DNS zone. */
  source: z.enum(["network-interface", "dns-configuration", "connection-details"]),
});
export type Expected = z.infer<typeof expectedAddress>;

/** One name that clients use. */
export const nameSchema = z.object({
  fqdn: z.string(),
  service: z.enum(services),
  /** The resource that answers to the name. */
  resourceId: z.string(),
  /** Private link sub-resource that serves it: `amlworkspace`, `vault`, `blob`, `registry`, … */
  groupId: z.string(),
  /** Addresses that private endpoints have for this name, over all endpoints that can be read. */
  expected: z.array(expectedAddress),
  /** The private DNS zone that the service's alias lives in. */
  zone: z.string(),
  /** The name inside the zone's namespace that the public name is an alias of. */
  alias: z.string(),
  /** The record in the zone that answers for it, `*` for wildcards. */
  recordName: z.string(),
  /**
   * Who may come in by the public address, as the resource itself says: nobody, only listed networks, everybody; or it
   * does not say, or may not be read.
   */
  publicAccess: z.enum(["closed", "selected", "open", "unstated", "unread"]),
});
export type Name = z.infer<typeof nameSchema>;
