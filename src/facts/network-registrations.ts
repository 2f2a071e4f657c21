import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { defineFact, raw } from "../model/fact.ts";
import { absent, seen, valueOf } from "../model/observation.ts";
import { sameText } from "../model/text.ts";
import { eachOf, getAs, uniqueIds } from "./arm-read.ts";
import { outboundRules } from "./outbound-rules.ts";
import { isolationOf } from "./service-connections.ts";
import { text } from "./wire.ts";
import { workspace } from "./workspace.ts";

const provider = z.object({ namespace: text, registrationState: text });

/**
 * Whether Microsoft.Network is registered in the workspace's subscription, and in those of the targets of outbound rules
 * that are not Active; the id of each is the subscription's. Absent without a managed network.
 */
export const networkRegistrations = defineFact({
  key: "arm/network-registrations",
  needs: { workspace, rules: raw(outboundRules) },
  reads: ["Microsoft.Resources/subscriptions/providers/read"],
  schema: z.array(eachOf(provider)),
  async collect({ workspace: space, rules }, context) {
    if (isolationOf(space) !== "managed") return absent;
    const targets = (valueOf(rules) ?? [])
      .filter(({ status }) => !sameText(status, "Active"))
      .map(({ serviceResourceId }) => serviceResourceId?.split("/")[2]);
    const subscriptions = uniqueIds([context.target.subscriptionId, ...targets]).slice(0, 5);
    return seen(
      await Promise.all(
        subscriptions.map(async (subscription) => ({
          id: `/subscriptions/${subscription}`,
          is: await getAs(
            context,
            `/subscriptions/${subscription}/providers/Microsoft.Network`,
            apiVersions.resources,
            provider,
          ),
        })),
      ),
    );
  },
});
