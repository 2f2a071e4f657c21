import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact } from "../model/fact.ts";
import { seen, valueOf } from "../model/observation.ts";
import { eachOf, getAs, uniqueIds } from "./arm-read.ts";
import { computeSubnets } from "./compute-subnets.ts";
import { text } from "./wire.ts";

const definition = z.object({
  name: text,
  properties: z.object({ service: text, serviceResources: z.array(z.string()).nullish() }).nullish(),
});

export const serviceEndpointPolicySchema = z.object({
  id: z.string(),
  name: text,
  properties: z.object({ serviceEndpointPolicyDefinitions: z.array(definition).nullish() }),
});
export type ServiceEndpointPolicy = z.infer<typeof serviceEndpointPolicySchema>;

/** The service endpoint policies of the subnets that computes stand in. */
export const serviceEndpointPolicies = defineFact({
  key: "arm/service-endpoint-policies",
  needs: { places: computeSubnets },
  reads: ["Microsoft.Network/serviceEndpointPolicies/read"],
  schema: z.array(eachOf(serviceEndpointPolicySchema)),
  async collect({ places }, context) {
    const ids = uniqueIds(
      places.flatMap(({ subnet }) => valueOf(subnet)?.properties?.serviceEndpointPolicies ?? []).map(({ id }) => id),
    );
    return seen(
      await Promise.all(
        ids.map(async (id) => ({ id, is: await getAs(context, id, apiVersions.network, serviceEndpointPolicySchema) })),
      ),
    );
  },
});
