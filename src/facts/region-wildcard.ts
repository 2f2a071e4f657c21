import * as z from "zod";
import { isPrivateAddress } from "../model/address.ts";
import { apiVersions } from "../model/api-versions.ts";
import { sameId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { absent, mapSeen, seen } from "../model/observation.ts";
import { listAs, observationOf } from "./arm-read.ts";
import { answerSchema } from "./dns-answers.ts";
import { resolversFor, vantage } from "./vantage.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const reference = z.object({ id: z.string(), location: text });

/** A label that no endpoint has: endpoint names have at most 32 characters. */
const nobody = "name-of-no-online-endpoint-longer-than-any";

/**
 * What this machine's DNS servers say of an endpoint that cannot exist: with sound DNS, nothing. Where one gives it a
 * private address, the other workspaces of the region that the identity sees are listed too: they are who is hurt.
 */
export const regionWildcard = defineFact({
  key: "dns/region-wildcard",
  needs: { workspace, vantage },
  reads: ["Microsoft.MachineLearningServices/workspaces/read"],
  schema: z.object({
    name: z.string(),
    answers: z.array(answerSchema),
    neighbours: observationOf(z.array(z.string())),
  }),
  async collect({ workspace: space, vantage: here }, context) {
    const region = space.location?.toLowerCase().replaceAll(" ", "");
    if (!region) return absent;
    const name = `${nobody}.${region}.${context.cloud.inference}`;
    const servers = [...new Set([...resolversFor(here, name), context.azureDns])];
    const answers = await Promise.all(servers.map((server) => context.dns.query({ name, type: "A", server })));
    if (!answers.some(({ addresses }) => addresses.some(isPrivateAddress)))
      return seen({ name, answers, neighbours: absent });
    const listed = await listAs(
      context,
      `/subscriptions/${context.target.subscriptionId}/providers/Microsoft.MachineLearningServices/workspaces`,
      apiVersions.machineLearning,
      reference,
    );
    const neighbours = mapSeen(listed, (all) =>
      all
        .filter(({ id, location }) => !sameId(id, space.id) && location?.toLowerCase().replaceAll(" ", "") === region)
        .map(({ id }) => id),
    );
    return seen({ name, answers, neighbours });
  },
});
