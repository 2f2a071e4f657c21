import * as z from "zod";
import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { answerSchema } from "./dns-answers.ts";
import { computes } from "./computes.ts";
import { resolversFor, vantage } from "./vantage.ts";
import { workspace } from "./workspace.ts";

const instance = z.object({
  computeId: z.string(),
  fqdn: z.string(),
  /** The first DNS server of this machine; absent when it has none. */
  here: answerSchema.optional(),
  azure: answerSchema,
});

/** At most this many instances are asked for: they share one zone and one forwarder. */
const limit = 5;

/** The names of the compute instances, as this machine's first DNS server and Azure's own DNS know them. */
export const instanceAnswers = defineFact({
  key: "dns/instance-answers",
  needs: { workspace, computes, vantage },
  reads: [],
  schema: z.array(instance),
  async collect({ workspace: { location }, computes: machines, vantage: here }, { dns, azureDns, cloud }) {
    // Nobody opens an instance that is at rest, and its name may be gone with it.
    const instances = machines.filter(
      ({ properties }) =>
        sameText(properties.computeType, "ComputeInstance") && !sameText(properties.properties?.state, "Stopped"),
    );
    return seen(
      await Promise.all(
        instances.slice(0, limit).map(async ({ id, name, location: at }) => {
          const region = (at ?? location ?? "").toLowerCase().replaceAll(" ", "");
          const fqdn = `${name.toLowerCase()}.${region}.${cloud.instances}`;
          const [server] = resolversFor(here, fqdn);
          const [azure, first] = await Promise.all([
            dns.query({ name: fqdn, type: "A", server: azureDns }),
            server === undefined ? undefined : dns.query({ name: fqdn, type: "A", server }),
          ]);
          return { computeId: id, fqdn, azure, ...(first === undefined ? {} : { here: first }) };
        }),
      ),
    );
  },
});
