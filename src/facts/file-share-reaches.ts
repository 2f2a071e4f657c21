import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { names } from "./names.ts";
import { reachSchema } from "./reaches.ts";

const share = z.object({
  fqdn: z.string(),
  accountId: z.string(),
  privateEndpointId: z.string(),
  subnetId: z.string().optional(),
  reach: reachSchema,
});
export type FileShareReach = z.infer<typeof share>;

/** How far a connection for mounting a share (SMB, port 445) comes at the private endpoints of file services. Public
 * addresses are not dialled: many providers drop the port, which says nothing about a computes' path. */
export const fileShareReaches = defineFact({
  key: "net/file-share-reaches",
  needs: { names },
  reads: [],
  schema: z.array(share),
  async collect({ names: all }, { net }) {
    const wanted = all
      .filter(({ service }) => service === "file")
      .flatMap(({ fqdn, resourceId, expected }) =>
        expected.map(({ address, privateEndpointId, subnetId }) => ({
          address,
          fqdn,
          accountId: resourceId,
          privateEndpointId,
          ...(subnetId === undefined ? {} : { subnetId }),
        })),
      );
    return seen(
      await Promise.all(
        wanted.map(async ({ address, ...each }) => ({
          ...each,
          reach: await net.reach({ address, port: 445, host: each.fqdn, plain: true }),
        })),
      ),
    );
  },
});
