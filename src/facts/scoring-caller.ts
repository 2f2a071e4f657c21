import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { absent, seen } from "../model/observation.ts";
import { claimsOf } from "../model/token-claims.ts";

/**
 * Whose token the user's own scoring request carries: never the token itself. Absent without such a request, and when what
 * it carries is a key or another credential that names nobody.
 */
export const scoringCaller = defineFact({
  key: "score/caller",
  needs: {},
  reads: [],
  schema: z.object({
    objectId: z.string(),
    isPerson: z.boolean(),
    audience: z.string().optional(),
    /** Whether the token had expired when it was sent. */
    isExpired: z.boolean(),
  }),
  collect(_, { score }) {
    const claims = claimsOf(/^bearer\s+(\S+)$/i.exec(score?.authorization ?? "")?.[1] ?? "");
    if (claims?.objectId === undefined) return absent;
    const { objectId, kind, audience, expiresAt } = claims;
    return seen({
      objectId,
      isPerson: kind === "user",
      ...(audience === undefined ? {} : { audience }),
      isExpired: expiresAt !== undefined && expiresAt * 1000 <= Date.now(),
    });
  },
});
