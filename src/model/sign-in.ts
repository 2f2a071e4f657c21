import * as z from "zod";
import { tokenClaimsSchema } from "./token-claims.ts";

/** What kept the tool from signing in: nothing to sign in with, no answer in time, a refusal, or no way there. */
export const signInFailures = ["no-credential", "timed-out", "refused", "unreachable"] as const;

/** An answer of a sign-in service that was no token. All text is the service's own: one short line, without secrets. */
const refusal = z.object({
  host: z.string(),
  status: z.number(),
  error: z.string().optional(),
  description: z.string().optional(),
  /** What shows that a proxy took part: its `Via`, a page of its own, a header that the service complains of. */
  proxied: z.string().optional(),
});
export type TokenRefusal = z.infer<typeof refusal>;

/** How the tool fared at signing in and with Azure Resource Manager, up to now. */
export const signInSchema = z.object({
  /** `managed-identity`, `azure-cli`, `default`, … */
  way: z.string(),
  /** The identity that was asked for by name. */
  clientId: z.string().optional(),
  tenantId: z.string().optional(),
  /** `https://management.azure.com` and `https://login.microsoftonline.com`, without a trailing slash. */
  resourceManager: z.string(),
  authority: z.string(),
  claims: tokenClaimsSchema.optional(),
  failure: z.object({ kind: z.enum(signInFailures), message: z.string(), code: z.string().optional() }).optional(),
  refusals: z.array(refusal),
  /** Hosts (with their port unless it is the usual one) that answered a request, whatever they said. */
  heard: z.array(z.string()),
  /** What Azure Resource Manager said when it did not accept the token. */
  challenge: z
    .object({ code: z.string().optional(), message: z.string().optional(), tenantId: z.string().optional() })
    .optional(),
  /** The last answer with a date; `aheadMs` is how far this machine's clock is ahead of the service's. */
  clock: z.object({ host: z.string(), service: z.string(), aheadMs: z.number() }).optional(),
});
export type SignIn = z.infer<typeof signInSchema>;

/** The tool's own sign-in. Never throws. */
export interface SignInPort {
  /** As it is now; ask when the look-ups that matter have ended. */
  now(): SignIn;
  /** Notes that an answer has just come from `host`, and compares this machine's clock with its `Date` header. */
  hear(host: string, headers: Readonly<Record<string, string>>): void;
}
