import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { absent, seen } from "../model/observation.ts";
import { workspace } from "./workspace.ts";

/**
 * Who reads Azure Resource Manager in this run, as the token says that read the workspace: never the token itself. Absent
 * when its claims cannot be read.
 */
export const signedIn = defineFact({
  key: "azure/signed-in",
  needs: { workspace },
  reads: [],
  schema: z.object({ objectId: z.string(), isPerson: z.boolean() }),
  collect(_, { signIn }) {
    const claims = signIn?.now().claims;
    return claims?.objectId === undefined
      ? absent
      : seen({ objectId: claims.objectId, isPerson: claims.kind === "user" });
  },
});
