import * as z from "zod";
import { inAnyPrefix } from "../model/address.ts";
import { defineFact } from "../model/fact.ts";
import { absent, seen, valueOf } from "../model/observation.ts";
import { answerSchema } from "./dns-answers.ts";
import { networks } from "./networks.ts";
import { joinOf } from "./reachability.ts";
import { resolverComparison } from "./resolver-comparison.ts";
import { vantage } from "./vantage.ts";

/**
 * The custom DNS server that answers this machine nothing and stands in a network whose peering with this machine's is
 * broken: what the server itself does with names cannot be told from here. Absent otherwise.
 */
export const serverApart = defineFact({
  key: "derived/server-apart",
  needs: { comparison: resolverComparison, vantage, networks },
  reads: [],
  schema: z.object({
    address: z.string(),
    from: z.string(),
    to: z.string(),
    state: z.string(),
    peeringId: z.string(),
    lost: z.array(z.string()),
    closed: z.array(z.string()),
    /** The names that it was asked for. */
    names: z.array(z.string()),
    answer: answerSchema,
  }),
  collect({ comparison: { address, asked, vnetId }, vantage: here, networks: known }) {
    const answers = asked.flatMap(({ resolvers }) => resolvers[0]?.answer ?? []);
    const [answer] = answers;
    if (here.vnetId === undefined || answer === undefined || answers.some(({ outcome }) => outcome === "answered"))
      return absent;
    const to = vnetId ?? known.find(({ network }) => inAnyPrefix(address, spaceOf(valueOf(network))))?.id;
    const join = to === undefined ? undefined : joinOf(here.vnetId, to, known);
    if (to === undefined || join?.is !== "broken") return absent;
    const { state, peeringId, lost, closed } = join;
    const names = asked.map(({ name }) => name.fqdn);
    return seen({
      address,
      from: here.vnetId,
      to,
      state,
      peeringId,
      lost: [...lost],
      closed: [...closed],
      names,
      answer,
    });
  },
});

function spaceOf(
  network:
    { properties: { addressSpace?: { addressPrefixes?: string[] | null | undefined } | null | undefined } } | undefined,
): string[] {
  return network?.properties.addressSpace?.addressPrefixes ?? [];
}
